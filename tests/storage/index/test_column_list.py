"""A table by column is the table of the listed runs."""

import math
from typing import Any

import pytest

from tests.storage.conftest import FAILED, START, AddBatch, NewRecord
from tests.storage.index.test_run_list import edit, held_elsewhere
from tunesmith.query.attributes import ATTRIBUTES
from tunesmith.query.cell_source import IndexedRuns, ListedRuns, fields_for
from tunesmith.query.columns import Column, ColumnKind, parse_column
from tunesmith.scalar import ScalarSummary, Statistic
from tunesmith.storage.records.edits import EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import trial_id

TAGS = ("loss", "val#acc", "train#acc")


def summary(*numbers: float) -> ScalarSummary:
    return ScalarSummary(
        **dict(zip(ScalarSummary.__dataclass_fields__, numbers, strict=True))  # type: ignore[arg-type]  # whole numbers are steps
    )


def every_column() -> list[Column]:
    attributes = [Column(kind=ColumnKind.ATTRIBUTE, name=name) for name in sorted(ATTRIBUTES)]
    flags = [Column(kind=ColumnKind.FLAG, name=name) for name in ("x", "sizes", "rate", "none")]
    scalars = [
        Column(kind=ColumnKind.SCALAR, name=name, statistic=statistic, wants_step=wants_step)
        for name in (*TAGS, "acc", "none")
        for statistic in Statistic
        for wants_step in (False, True)
    ]
    return [*attributes, *flags, *scalars]


def assert_same(store: Store) -> None:
    listed = ListedRuns(
        [run for run in store.list_runs().runs if not run.is_batch and not run.is_deleted]
    )
    indexed = IndexedRuns(store.list_columns(fields_for(ATTRIBUTES)).columns)
    assert len(indexed) == len(listed)
    assert indexed.names() == listed.names()
    for column in every_column():
        # repr tells 1 from 1.0 and NaN from nothing
        assert repr(indexed.cells(column)) == repr(listed.cells(column)), column
    backwards = range(len(listed))[::-2]
    by_id = Column(kind=ColumnKind.ATTRIBUTE, name="id")
    assert indexed.picked(backwards).cells(by_id) == listed.picked(backwards).cells(by_id)


@pytest.fixture
def varied(store: Store, add_batch: AddBatch) -> str:
    """A batch with all that is special, beside a finished one; its id."""
    many: dict[int, dict[str, Any]] = {
        1: {"flags": {"x": 1, "sizes": (1, 2.0, "a"), "rate": math.nan}, "objective": math.nan},
        2: {**FAILED, "flags": {"x": 1.0, "rate": -math.inf}, "label": "a", "tags": ("t",)},
        3: {"scalars": {"loss": summary(1.0, 0, math.nan, 3, 0.5, 1, 1.5, 2, 1.0, 4)}},
        4: {"scalars": {tag: summary(2, 0, 3, 9, 2, 0, 3, 9, 2.5, 2) for tag in TAGS[1:]}},
    }
    add_batch("c" * 32, finished={1: {"flags": {"x": True}}, 2: {}}, end="")
    return add_batch("a" * 32, finished=many, end="", created=START - 500)


def test_a_finished_store_is_the_same_by_column(store: Store, varied: str) -> None:
    assert_same(store)


def test_numbers_that_are_plain_json_are_the_same_by_column(
    store: Store, add_batch: AddBatch
) -> None:
    numbers = summary(0.1, 0, 1e-300, 2**53 + 1, -0.0, 1, 1e300, 2, 1 / 3, 4)
    add_batch(finished={1: {"scalars": {TAGS[0]: numbers}}, 2: {"scalars": {}}}, end="")
    assert_same(store)


def test_a_step_beyond_64_bits_is_the_largest_before_it_is_read_from_the_disk_too(
    store: Store, add_batch: AddBatch, new_record: NewRecord
) -> None:
    beyond = summary(1.0, 0, 2.0, 10**30, 1.0, 0, 2.0, 10**30, 1.5, 2)
    record = new_record(add_batch(), 1, scalars={"loss": beyond})
    store.publish(record, [])
    store.index_records([record])
    steps = IndexedRuns(store.list_columns(()).columns).cells(parse_column("loss step"))
    assert max(step for step in steps if isinstance(step, int)) == 2**63 - 1


def test_an_empty_store_is_the_same_by_column(store: Store) -> None:
    assert_same(store)


def test_edits_are_the_same_by_column(store: Store, varied: str) -> None:
    edit(store, EditAction.LABEL, trial_id(varied, 1), "new", time=1.0)
    edit(store, EditAction.TAG, trial_id(varied, 2), "u", time=2.0)
    edit(store, EditAction.UNTAG, trial_id(varied, 2), "t", time=3.0)
    edit(store, EditAction.DELETE, trial_id(varied, 3), time=4.0)
    assert_same(store)


def test_a_batch_that_runs_is_the_same_by_column(
    store: Store, varied: str, add_batch: AddBatch
) -> None:
    batch = add_batch("b" * 32, finished={1: {}})
    store.start_trial(batch, 2, attempt=1, started=START + 50)
    edit(store, EditAction.LABEL, trial_id(batch, 2), "runs", time=1.0)
    edit(store, EditAction.DELETE, trial_id(batch, 3), time=2.0)
    with held_elsewhere(store, batch):
        running = [run.batch for run in store.list_runs().runs if run.status == "running"]
        assert running == [batch, batch]
        assert_same(store)
    assert_same(store)
