"""A restart may name another objective: then the finished trials are seen by that one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.storage.conftest import AddBatch, NewSpec
from tunesmith.objective import Direction, Objective
from tunesmith.scalar import ScalarColumn, ScalarSeries, ScalarSummary
from tunesmith.storage.archives.transfer import copy_runs
from tunesmith.storage.store import Store
from tunesmith.trial import Prediction

ACCURACY = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)
BATCH = "b" * 32


def reported(acc: float) -> dict[str, Any]:
    """A trial whose objective was missing, and which reported an accuracy."""
    series = ScalarSeries(tag="acc", steps=[0], values=[acc], times=[0.0])
    return {"objective": None, "scalars": {"acc": ScalarSummary.from_series(series)}}


def listed(store: Store) -> dict[int, float | None]:
    return {run.number: run.objective for run in store.list_runs().runs if run.is_trial}


@pytest.fixture
def named(store: Store, add_batch: AddBatch, new_spec: NewSpec) -> Store:
    """A store whose batch was listed before a restart named the accuracy."""
    add_batch(BATCH, finished={1: reported(0.5), 2: reported(0.75)}, end="no-objective")
    assert listed(store) == {1: None, 2: None, 3: None, 4: None}
    first = store.batch(BATCH)
    spec = replace(first, generation=1, objective=ACCURACY, objective_named_in=1)
    store.put_batch(spec)
    store.put_end(BATCH, generation=1, reason="", stopped=2_000_000_000.0)
    return store


@pytest.mark.parametrize("is_compacted", [False, True], ids=["in parts", "compacted"])
def test_finished_trials_are_seen_by_the_objective_that_a_restart_named(
    named: Store, is_compacted: bool
) -> None:
    if is_compacted:
        assert named.compact(BATCH)
    assert [one.objective for one in named.records(BATCH).records] == [0.5, 0.75]
    assert [one.objective for one in named.records().records] == [0.5, 0.75]
    assert listed(named) == {1: 0.5, 2: 0.75, 3: None, 4: None}


def test_the_list_names_the_best_by_the_objective_that_a_restart_named(named: Store) -> None:
    (batch,) = [run for run in named.list_runs().runs if run.is_batch]
    assert batch.progress is not None
    assert (batch.progress.best_number, batch.progress.best_objective) == (2, 0.75)


def test_what_was_recorded_stays_as_it_is(named: Store) -> None:
    records = [named.read_part(name) for name in named.part_names(BATCH)]
    assert {record.objective for record in records} == {None}


def test_what_a_model_expected_of_another_objective_is_not_shown(
    store: Store, add_batch: AddBatch
) -> None:
    expected = Prediction(mean=0.1, sd=0.1, acquisition=0.0)
    add_batch(BATCH, finished={1: {**reported(0.5), "objective": 3.0, "prediction": expected}})
    store.put_batch(
        replace(store.batch(BATCH), generation=1, objective=ACCURACY, objective_named_in=1)
    )
    (record,) = store.records(BATCH).records
    (run,) = [run for run in store.list_runs().runs if run.number == 1]
    assert (record.objective, record.prediction) == (0.5, None)
    assert (run.objective, run.prediction) == (0.5, None)


def test_the_best_of_the_list_lies_in_the_space_that_is_searched_now(
    store: Store, add_batch: AddBatch
) -> None:
    settings: dict[str, Any] = {"x": 1.0}
    add_batch(
        BATCH,
        finished={1: {"objective": -9.0, "flags": {"x": 2.0}}, 2: {"flags": {"x": 1}}},
        settings=settings,
        changed=("x",),
    )
    (batch,) = [run for run in store.list_runs().runs if run.is_batch]
    assert batch.progress is not None
    assert batch.progress.best_number == 2


def test_a_copy_of_a_batch_has_what_was_recorded(named: Store, tmp_path: Path) -> None:
    copy = Store.create(tmp_path / "copy")
    copy_runs(named, copy, with_files=False)
    assert {one.objective for one in copy.recorded(BATCH).records} == {None}
    assert [one.objective for one in copy.records(BATCH).records] == [0.5, 0.75]
