from dataclasses import replace
from pathlib import Path

import pytest

from tests.batches import make_record
from tunesmith.executor.housekeeping import Housekeeping
from tunesmith.storage.index.run_index import RunIndex
from tunesmith.storage.records.compaction import PARTS_PER_SEGMENT
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, trial_id

BATCH = "b" * 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / ".tunesmith")


def publish(store: Store, number: int) -> TrialRecord:
    record = make_record(BATCH, number)
    store.publish(record, [])
    return record


def n_indexed(store: Store) -> int:
    with RunIndex.open(store.layout.index) as index:
        return len(index.known_objects())


def test_the_first_trial_is_indexed_at_once_and_others_together(store: Store) -> None:
    housekeeping = Housekeeping(index_every_s=1000.0)
    for number in (1, 2, 3):
        housekeeping.add(store, publish(store, number))
    assert n_indexed(store) == 1


def test_what_waited_is_indexed_when_it_is_due(store: Store) -> None:
    housekeeping = Housekeeping(index_every_s=1000.0)
    for number in (1, 2):
        housekeeping.add(store, publish(store, number))

    housekeeping.index_every_s = 0.0
    housekeeping.add(store, publish(store, 3))

    assert n_indexed(store) == 3


def test_parts_are_sealed_once_there_are_enough(store: Store) -> None:
    earlier = publish(store, 1)
    for number in range(2, PARTS_PER_SEGMENT):  # of a process that was killed
        store.publish(replace(earlier, id=trial_id(BATCH, number), number=number), [])
    housekeeping = Housekeeping()

    housekeeping.add(store, earlier)
    assert store.segment_names(BATCH) == []

    housekeeping.add(store, publish(store, PARTS_PER_SEGMENT))
    assert len(store.segment_names(BATCH)) == 1
    assert store.count_parts(BATCH) == 0
