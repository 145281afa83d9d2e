import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.index.conftest import BATCH, NewRecord, part
from tunesmith.storage.index.index_file import SCHEMA_VERSION
from tunesmith.storage.index.index_rows import from_row
from tunesmith.storage.index.run_index import Patch, RunIndex, SettledBatch
from tunesmith.trial import Run, TrialRecord, TrialStatus, trial_id


def pending(number: int, batch: str = BATCH) -> Run:
    return Run(
        id=trial_id(batch, number),
        batch=batch,
        number=number,
        operation="train.py",
        script="train.py",
        status=TrialStatus.PENDING,
    )


def listed(index: RunIndex) -> list[tuple[int, int]]:
    return [(run.number, run.attempt) for run in map(from_row, index.rows())]


def test_rows_come_newest_first_and_of_one_start_the_higher_number(
    path: Path, new_record: NewRecord
) -> None:
    starts = {1: 10.0, 2: 30.0, 3: 20.0, 4: 20.0}
    with RunIndex.open(path) as index:
        for number, started in starts.items():
            index.upsert([new_record(BATCH, number, started=started)], part(number))

        assert [number for number, _ in listed(index)] == [2, 4, 3, 1]


def test_an_index_is_there_for_the_next_process(path: Path, new_record: NewRecord) -> None:
    with RunIndex.open(path) as index:
        index.upsert([new_record(BATCH, 1)], part(1))
    with RunIndex.open(path) as index:
        assert index.known_objects() == {part(1)}
        assert listed(index) == [(1, 1)]


def test_only_its_owner_may_read_the_file(path: Path) -> None:
    RunIndex.open(path).close()

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("attempts", [(1, 2), (2, 1)], ids=["in order", "the other way round"])
def test_the_highest_attempt_of_a_trial_stays(
    path: Path, new_record: NewRecord, attempts: tuple[int, int]
) -> None:
    with RunIndex.open(path) as index:
        for attempt in attempts:
            index.upsert([new_record(BATCH, 1, attempt=attempt)], part(1, attempt))

        assert listed(index) == [(1, 2)]


def test_a_part_that_a_segment_took_over_is_forgotten_without_a_loss(
    path: Path, new_record: NewRecord
) -> None:
    with RunIndex.open(path) as index:
        index.upsert([new_record(BATCH, 1)], part(1))
        index.upsert([new_record(BATCH, 1)], f"runs/{BATCH}.000001.parquet")

        assert not index.forget([part(1)])
        assert listed(index) == [(1, 1)]


def test_a_batch_that_loses_a_row_is_read_again(path: Path, new_record: NewRecord) -> None:
    with RunIndex.open(path) as index:
        index.upsert([new_record(BATCH, 1)], part(1))
        index.upsert([new_record(BATCH, 1, attempt=2)], part(1, 2))
        index.upsert([new_record("c" * 32, 1)], part(1, batch="c" * 32))

        assert index.forget([part(1, 2)])
        assert index.known_objects() == {part(1, batch="c" * 32)}


def test_derived_rows_give_way_to_recorded_ones_and_to_newer_derived_ones(
    path: Path, new_record: NewRecord
) -> None:
    with RunIndex.open(path) as index:
        rows = tuple((5.0, pending(number)) for number in (1, 2))
        index.settle({BATCH: SettledBatch(key="a", derived=rows)})
        index.upsert([new_record(BATCH, 1)], part(1))
        index.settle({BATCH: SettledBatch(key="b", derived=((5.0, pending(1)),))})

        assert [run.status for run in map(from_row, index.rows())] == [TrialStatus.COMPLETED]
        assert index.settled_keys() == {BATCH: "b"}
        assert set(index.briefs(BATCH)) == {1}


def test_what_was_derived_of_a_changed_batch_goes(path: Path, new_record: NewRecord) -> None:
    with RunIndex.open(path) as index:
        index.upsert([new_record(BATCH, 1)], part(1))
        index.settle({BATCH: SettledBatch(key="a", derived=((5.0, pending(2)),))})
        index.unsettle([BATCH])

        assert listed(index) == [(1, 1)]
        assert index.settled_keys() == {}


def test_deleted_runs_are_left_out_of_the_newest_and_of_the_count(
    path: Path, new_record: NewRecord
) -> None:
    with RunIndex.open(path) as index:
        for number in range(1, 6):
            index.upsert([new_record(BATCH, number)], part(number))
        gone = {trial_id(BATCH, 5): Patch(changes=(), is_deleted=True)}
        index.replace_edits(["edits/1.json"], {**gone, "f" * 32: gone[trial_id(BATCH, 5)]})

        assert [from_row(row).number for row in index.newest_rows(2)] == [4, 3]
        assert index.count_visible() == 4


def test_edits_are_replaced_as_a_whole(path: Path) -> None:
    first = {"a": Patch(changes=(("label", "x"), ("tag", "y")), is_deleted=False)}
    with RunIndex.open(path) as index:
        index.replace_edits(["edits/1.json"], first)
        assert index.patches() == first
        index.replace_edits(["edits/2.json"], {})
        assert index.patches() == {}
        assert index.known_edits() == {"edits/2.json"}


@pytest.mark.parametrize(
    "content",
    [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000, b"\x00" * 4096],
    ids=["text", "a false header", "zeros"],
)
def test_a_damaged_file_is_replaced(path: Path, content: bytes, new_record: NewRecord) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    with RunIndex.open(path) as index:
        index.upsert([new_record(BATCH, 1)], part(1))
        assert listed(index) == [(1, 1)]


def test_tables_of_another_version_are_made_anew(path: Path, new_record: NewRecord) -> None:
    with RunIndex.open(path) as index:
        index.upsert([new_record(BATCH, 1)], part(1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with RunIndex.open(path) as index:
        assert index.known_objects() == set()


def test_a_copy_has_what_the_file_has_and_leaves_it_as_it_is(
    path: Path, new_record: NewRecord
) -> None:
    with RunIndex.open(path) as index:
        index.upsert([new_record(BATCH, 1)], part(1))
    before = path.read_bytes()

    with RunIndex.open_copy(path) as index:
        index.upsert([new_record(BATCH, 2)], part(2))
        assert listed(index) == [(2, 1), (1, 1)]

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_copy_of_nothing_is_empty_and_makes_nothing(path: Path) -> None:
    with RunIndex.open_copy(path) as index:
        assert listed(index) == []

    assert not path.parent.exists()


def test_a_failed_change_changes_nothing(path: Path, new_record: NewRecord) -> None:
    def records() -> list[TrialRecord]:
        return [new_record(BATCH, 1), new_record(BATCH, 2, operation=b"\xff" and object())]

    with RunIndex.open(path) as index:
        with pytest.raises(sqlite3.Error):
            index.upsert(records(), part(1))

        assert listed(index) == []
        assert index.known_objects() == set()


def _upsert_many(path: Path, batch: str, records: list[TrialRecord]) -> None:
    for record in records:
        with RunIndex.open(path) as index:
            index.upsert([record], part(record.number, batch=batch))


def test_several_processes_lose_no_row(path: Path, new_record: NewRecord) -> None:
    context = multiprocessing.get_context("fork")
    batches = [letter * 32 for letter in "abc"]
    workers = [
        context.Process(
            target=_upsert_many, args=(path, batch, [new_record(batch, n) for n in range(1, 21)])
        )
        for batch in batches
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    with RunIndex.open(path) as index:
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
        assert len(listed(index)) == len(index.known_objects()) == 60
