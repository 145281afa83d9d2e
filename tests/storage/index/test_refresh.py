"""The index behind a list: nothing is lost without it, and nothing is believed of it alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.conftest import AddBatch, NewRecord, statuses
from tunesmith.storage.index.run_index import RunIndex
from tunesmith.storage.store import Store
from tunesmith.trial import trial_id


def test_a_published_trial_that_was_indexed_is_not_read_again(
    store: Store, add_batch: AddBatch, new_record: NewRecord
) -> None:
    batch = add_batch()
    record = new_record(batch, 1)
    name = store.publish(record, [])
    store.index_records([record])
    before = store.list_runs().runs
    part = store.home / name
    part.write_bytes(b"damaged" * 10)

    after = store.list_runs()

    assert after.runs == before
    assert after.warnings == []


def test_trials_are_indexed_together(
    store: Store, add_batch: AddBatch, new_record: NewRecord
) -> None:
    batches = [add_batch("a" * 32), add_batch("c" * 32)]
    records = [new_record(batch, number) for batch in batches for number in (1, 2)]
    names = [store.publish(record, []) for record in records]

    store.index_records(records)

    with RunIndex.open(store.layout.index) as index:
        assert index.known_objects() == set(names)


def test_a_record_that_cannot_be_indexed_is_left_to_the_next_list(
    store: Store, add_batch: AddBatch, new_record: NewRecord
) -> None:
    batch = add_batch()
    record = new_record(batch, 1)
    store.layout.index.mkdir(parents=True)

    store.index_records([record])  # not published, and no index

    store.publish(record, [])
    store.index_records([record])
    store.layout.index.rmdir()
    assert statuses(store)[1] == "completed"


def test_a_damaged_object_is_named_each_time_and_the_rest_is_listed(
    store: Store, add_batch: AddBatch, new_record: NewRecord
) -> None:
    batch = add_batch(finished={1: {}}, end="stopped")
    name = store.publish(new_record(batch, 2), [])
    (store.home / name).write_bytes(b"damaged" * 10)
    (store.layout.batches / f"{'d' * 32}.json").write_text("{")
    (store.layout.batches / ".DS_Store").write_text("")

    for _ in range(2):
        warnings = store.list_runs().warnings
        assert len(warnings) == 2
        assert any(name in warning for warning in warnings)
    assert statuses(store)[1] == "completed"


def test_a_file_whose_name_has_no_id_ends_no_list(store: Store, add_batch: AddBatch) -> None:
    add_batch(finished={1: {}})
    (store.layout.batches / f"{'x' * 32}.json").write_text("{}")
    assert len(store.list_runs().runs) == 5


def test_a_damaged_plan_is_named_each_time(store: Store, add_batch: AddBatch) -> None:
    batch = add_batch(finished={1: {}}, end="")
    (plan,) = store.layout.plan.iterdir()
    plan.write_text("{")

    assert [store.list_runs().warnings != [] for _ in range(2)] == [True, True]
    assert [run.id for run in store.list_runs().runs] == [trial_id(batch, 1), batch]


@pytest.mark.parametrize("place", ["a folder", "damaged", "emptied pages"])
def test_a_list_needs_no_sound_index(store: Store, add_batch: AddBatch, place: str) -> None:
    add_batch(finished={1: {}, 2: {}, 3: {}, 4: {}}, end="")
    expected = store.list_runs()
    index = store.layout.index
    content = index.read_bytes()
    index.unlink()
    if place == "a folder":
        index.mkdir()
    elif place == "damaged":
        index.write_bytes(b"\xff" * len(content))
    else:
        index.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    assert store.list_runs() == expected
    assert store.list_latest(2).runs == expected.runs[:2]


def test_an_index_that_another_process_fills_with_other_tables_is_made_anew(
    store: Store, add_batch: AddBatch
) -> None:
    add_batch(finished={1: {}}, end="")
    expected = store.list_runs()
    with closing(sqlite3.connect(store.layout.index)) as connection:
        connection.execute("DROP TABLE rows")

    assert store.list_runs() == expected


def test_a_store_whose_index_cannot_be_written_is_listed(
    store: Store, add_batch: AddBatch, new_record: NewRecord
) -> None:
    batch = add_batch(finished={1: {}})
    store.list_runs()
    content = bytearray(store.layout.index.read_bytes())
    content[18] = 3  # SQLite only reads files of a later write format
    store.layout.index.write_bytes(content)
    store.publish(new_record(batch, 2), [])

    run_list = store.list_runs()

    assert {run.number for run in run_list.runs if run.status == "completed"} == {1, 2}
    assert store.layout.index.read_bytes() == content


def test_a_part_that_is_indexed_after_it_was_compacted_takes_no_batch_off_the_list(
    store: Store, add_batch: AddBatch
) -> None:
    batch = add_batch(finished={1: {}, 2: {}, 3: {}, 4: {}}, end="")
    (name, *_) = store.part_names(batch)
    record = store.read_part(name)
    store.compact(batch)
    expected = store.list_runs()
    with RunIndex.open(store.layout.index) as index:
        index.upsert_all({name: [record]})  # by a command that had read it before

    assert store.list_runs() == expected


def test_listing_a_settled_batch_reads_none_of_its_objects(
    store: Store, add_batch: AddBatch
) -> None:
    batch = add_batch(finished={1: {}, 2: {}, 3: {}, 4: {}}, end="")
    store.compact(batch)
    expected = store.list_runs()
    for path in (*store.layout.batches.iterdir(), *store.layout.runs.iterdir()):
        path.write_bytes(b"damaged")

    assert store.list_runs() == expected


def test_reading_a_store_makes_nothing_but_the_index(store: Store, add_batch: AddBatch) -> None:
    add_batch(finished={1: {}})

    def files() -> set[Path]:
        return {path for path in store.home.rglob("*") if path.is_file()}

    before = files()
    store.list_runs()

    assert files() - before == {store.layout.index}
