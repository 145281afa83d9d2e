import uuid
from collections.abc import Callable

import duckdb
import pytest

from tests.storage.conftest import AddBatch
from tunesmith.batch import BatchSpec
from tunesmith.errors import LeaseHeldError
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, trial_id

NewRecord = Callable[..., TrialRecord]
NewSpec = Callable[..., BatchSpec]
MakeSeries = Callable[[int], ScalarSeries]
Fill = Callable[[str], None]

COMPACTED, PARTS = (1, 2, 3), (4, 5)


@pytest.fixture
def fill(store: Store, new_record: NewRecord, new_spec: NewSpec, make_series: MakeSeries) -> Fill:
    """Write a batch with three compacted trials and two parts."""

    def run(batch: str) -> None:
        store.put_batch(new_spec(batch))
        for numbers in (COMPACTED, PARTS):
            trials = [PlannedTrial(number=n, flags={"x": n}, origin="gp") for n in numbers]
            store.put_plan(batch, trials)
            for number in numbers:
                store.start_trial(batch, number, attempt=1, started=0.0)
                store.publish(new_record(batch, number), [make_series(number)])
            if numbers == COMPACTED:
                store.compact(batch)
        store.put_end(batch, generation=0, reason="", stopped=1.0)
        store.add_edit(Edit(action=EditAction.DELETE, runs=ids(batch, 1, 4), time=1.0))

    return run


def ids(batch: str, *numbers: int) -> tuple[str, ...]:
    return tuple(trial_id(batch, number) for number in numbers)


def numbers_of(store: Store, batch: str) -> list[int]:
    return [record.number for record in store.records(batch).records]


def test_a_purged_trial_is_gone_from_everywhere_and_the_others_are_whole(
    store: Store, fill: Fill, batch: str, make_series: MakeSeries
) -> None:
    fill(batch)
    store.purge(ids(batch, 1, 4))
    assert numbers_of(store, batch) == [2, 3, 5]
    assert [one.number for one in store.plan(batch)] == [2, 3, 5]
    assert [n for n in range(1, 7) if store.start(batch, n)] == [2, 3, 5]
    assert store.series(batch, 1) == []
    assert repr(store.series(batch, 5)) == repr([make_series(5)])
    assert store.edits() == []
    seen = f"'{store.layout.runs}/*.parquet'"
    assert duckdb.execute(f"select number from {seen} order by 1").fetchall() == [(2,), (3,), (5,)]


def test_purging_every_trial_keeps_the_batch_and_its_segment_numbers(
    store: Store, fill: Fill, batch: str, new_record: NewRecord
) -> None:
    fill(batch)
    before = set(store.segment_names(batch))
    store.purge(ids(batch, *COMPACTED, *PARTS))
    assert numbers_of(store, batch) == []
    assert store.batch_ids() == [batch]
    store.publish(new_record(batch, 9), ())
    store.compact(batch)
    assert numbers_of(store, batch) == [9]
    assert before.isdisjoint(store.segment_names(batch))


def test_a_purged_number_may_be_planned_again(store: Store, fill: Fill, batch: str) -> None:
    fill(batch)
    again = [PlannedTrial(number=4, flags={"x": 0.5}, origin="gp")]
    store.purge(ids(batch, 4))
    store.put_plan(batch, again)
    assert store.plan(batch)[3] == again[0]


def test_a_purged_batch_leaves_nothing_and_touches_no_other(store: Store, fill: Fill) -> None:
    doomed, other = uuid.uuid4().hex, uuid.uuid4().hex
    fill(other)
    kept = {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()}
    fill(doomed)
    store.purge([doomed])
    left = {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()}
    assert left == kept
    assert not store.layout.batch_directory(doomed).exists()


def test_a_purged_single_run_is_gone(store: Store, new_record: NewRecord, batch: str) -> None:
    store.start_trial(batch, 0, attempt=1, started=0.0)
    store.publish(new_record(batch, 0), ())
    store.purge([batch])
    assert store.records().records == ()
    assert list(store.layout.trials.iterdir()) == []


def test_nothing_is_removed_while_one_of_them_is_run(store: Store, fill: Fill) -> None:
    live, dead = uuid.uuid4().hex, uuid.uuid4().hex
    fill(live)
    fill(dead)
    with store.lease(live):
        for doomed in ([live], ids(live, 1), [dead, *ids(live, 1)]):
            with pytest.raises(LeaseHeldError):
                store.purge(doomed)
    assert numbers_of(store, live) == numbers_of(store, dead) == [*COMPACTED, *PARTS]


def test_an_unknown_id_removes_nothing(store: Store, fill: Fill, batch: str) -> None:
    fill(batch)
    before = {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()}
    store.purge([uuid.uuid4().hex, "../../etc"])
    assert {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()} == before


def test_an_edit_of_several_runs_keeps_the_ones_that_stay(
    store: Store, fill: Fill, batch: str
) -> None:
    fill(batch)
    store.purge(ids(batch, 1))
    assert [edit.runs for edit in store.edits()] == [ids(batch, 4)]


def test_a_damaged_segment_does_not_stand_in_the_way(store: Store, fill: Fill, batch: str) -> None:
    fill(batch)
    (name,) = store.segment_names(batch)
    (store.home / name).write_bytes(b"PAR1")
    store.purge(ids(batch, 4))
    assert numbers_of(store, batch) == [5]


def test_a_batch_that_is_purged_while_it_is_listed_is_told_of_by_no_warning(
    store: Store, add_batch: AddBatch
) -> None:
    both = {add_batch("a" * 32, finished={1: {}}), add_batch("d" * 32, finished={1: {}})}
    listed: list[str] = []

    class Purging(LocalObjects):
        """Has all other batches purged when the first batch's plan is looked for."""

        def list(self, prefix: str) -> "list[str]":
            if prefix.startswith("plan/") and not listed:
                listed.append(prefix.removeprefix("plan/").removesuffix("."))
                store.purge(both - {listed[0]})
            return super().list(prefix)

    assert Store(store.home, Purging(store.home)).list_runs().warnings == []
    assert {run.batch for run in store.list_runs().runs} == {listed[0]}
