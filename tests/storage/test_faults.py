"""A whole life of a batch, in which the Nth use of the disk fails, for every N."""

import errno
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tunesmith.batch import BatchSpec
from tunesmith.cli.options.store import open_store_if_any
from tunesmith.errors import StoreAccessError
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.objects.publishing import PublishMethod
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.records.reading import read_segment, segment_names
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, trial_id

NewRecord = Callable[..., TrialRecord]
NewSpec = Callable[..., BatchSpec]

BATCH = "b" * 32
PURGED = trial_id(BATCH, 2)


class Crash(BaseException):
    """The process dies here: nothing may catch it."""


def fail_full(_: Callable[[], object]) -> None:
    raise StoreAccessError("cannot write: the disk is full")


def crash_after(action: Callable[[], object]) -> None:
    """Die after a call, which is before the next one as well."""
    action()
    raise Crash


@dataclass
class FaultyObjects:
    """Objects whose Nth use fails."""

    inner: ObjectStore
    fault: Callable[[Callable[[], object]], None]
    at: int
    n_calls: int = 0

    def put_new(self, name: str, data: bytes) -> bool:
        self._meet(lambda: self.inner.put_new(name, data))
        return self.inner.put_new(name, data)

    def get(self, name: str) -> bytes:
        self._meet(lambda: self.inner.get(name))
        return self.inner.get(name)

    def list(self, prefix: str) -> list[str]:
        self._meet(lambda: self.inner.list(prefix))
        return self.inner.list(prefix)

    def delete(self, *names: str) -> None:
        for name in names:
            self._meet(partial(self.inner.delete, name))
            self.inner.delete(name)

    def _meet(self, action: Callable[[], object]) -> None:
        self.n_calls += 1
        if self.n_calls == self.at:
            self.fault(action)


@dataclass
class Witness:
    """What was tried, and what was acknowledged."""

    begun: set[tuple[str, int]] = field(default_factory=set)
    finished: set[tuple[str, int]] = field(default_factory=set)
    is_purging: bool = False

    def check(self, store: Store) -> None:
        reading = store.records(BATCH)
        read = {(record.id, record.attempt) for record in reading.records}
        best = {
            trial: max(n for t, n in self.finished if t == trial) for trial, _ in self.finished
        }
        assert reading.warnings == ()
        assert read <= self.begun
        assert len({trial for trial, _ in read}) == len(read)
        for trial, attempt in best.items():
            if trial != PURGED or not self.is_purging:
                assert any(t == trial and n >= attempt for t, n in read)


@pytest.fixture
def steps(
    new_record: NewRecord, new_spec: NewSpec, make_series: Callable[[int], ScalarSeries]
) -> Callable[[Store, Witness], Iterator[Callable[[], object]]]:
    def life(store: Store, witness: Witness) -> Iterator[Callable[[], object]]:
        def publish(number: int, attempt: int) -> None:
            key = (trial_id(BATCH, number), attempt)
            witness.begun.add(key)
            store.publish(new_record(BATCH, number, attempt=attempt), [make_series(number)])
            witness.finished.add(key)

        def plan(number: int) -> None:
            if number not in {one.number for one in store.plan(BATCH)}:
                store.put_plan(BATCH, [PlannedTrial(number=number, flags={}, origin="gp")])

        def purge() -> None:
            witness.is_purging = True
            store.purge([PURGED])

        yield lambda: store.put_batch(new_spec(BATCH))
        for number in (1, 2, 3):
            yield partial(plan, number)
            yield partial(publish, number, 1)
        yield lambda: store.compact(BATCH)
        yield lambda: publish(3, 2)
        yield lambda: publish(4, 1)
        yield lambda: store.compact(BATCH)
        edit = Edit(action=EditAction.DELETE, runs=(PURGED, trial_id(BATCH, 1)), time=1.0)
        yield lambda: store.add_edit(edit)
        yield purge
        yield lambda: store.put_end(BATCH, generation=0, reason="", stopped=1.0)

    return life


@pytest.mark.parametrize("fault", [fail_full, crash_after])
def test_no_fault_loses_what_was_acknowledged(
    tmp_path: Path,
    new_memory: Callable[[], Any],
    fault: Callable[[Callable[[], object]], None],
    steps: Callable[[Store, Witness], Iterator[Callable[[], object]]],
) -> None:
    home = Store.create(tmp_path).home  # leases need a folder, objects do not
    for at in itertools.count(1):
        memory = new_memory()
        store = Store(home, memory)
        faulty = FaultyObjects(inner=memory, fault=fault, at=at)
        witness = Witness()
        for step in steps(Store(home, faulty), witness):
            try:
                step()
            except (Crash, StoreAccessError):
                witness.check(store)
                store.compact(BATCH)
                recovered = dict(memory.objects)
                store.compact(BATCH)
                assert memory.objects == recovered
                witness.check(store)
                step()
        check_end(store)
        if faulty.n_calls < at:
            return


def check_end(store: Store) -> None:
    """After the last step it is as if nothing had ever failed."""
    store.compact(BATCH)
    found = [(record.number, record.attempt) for record in store.records(BATCH).records]
    assert found == [(1, 1), (3, 2), (4, 1)]
    assert [len(store.series(BATCH, number)) for number in (1, 2, 3, 4)] == [1, 0, 1, 1]
    assert [one.number for one in store.plan(BATCH)] == [1, 3]
    assert {edit.runs for edit in store.edits()} == {(trial_id(BATCH, 1),)}
    rows = [
        record
        for name in segment_names(store.objects)
        for record in read_segment(store.objects, name)
    ]
    assert sorted((record.number, record.attempt) for record in rows) == found


SHORT_WRITE = """
import resource, sys
from pathlib import Path
from typing import Any
from tunesmith.errors import StoreAccessError
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.publishing import PublishMethod
objects = LocalObjects(Path(sys.argv[1]), method=PublishMethod[sys.argv[2]])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    objects.put_new("parts/b/1", bytes(10_000))
except StoreAccessError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(objects.list("parts/"), objects.put_new("parts/b/1", bytes(10_000)))
"""


@pytest.mark.parametrize("method", list(PublishMethod))
def test_a_write_that_is_cut_short_leaves_nothing(tmp_path: Path, method: PublishMethod) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHORT_WRITE, str(tmp_path), method.name],
        capture_output=True,
        check=True,
        text=True,
    )
    refusal, rest = done.stdout.splitlines()
    assert refusal == f"cannot write to {tmp_path}/parts/b/1: File too large"
    assert rest == "[] True"
    assert [path.name for path in (tmp_path / "parts" / "b").iterdir()] == ["1"]


def test_sealing_on_a_full_disk_leaves_the_parts(store: Store, new_record: NewRecord) -> None:
    store.publish(new_record(BATCH, 1), ())
    for at in range(1, 8):
        faulty = FaultyObjects(inner=LocalObjects(store.home), fault=fail_full, at=at)
        Store(store.home, faulty).compact(BATCH)
        assert [record.number for record in store.records().records] == [1]


def test_a_disk_that_cannot_tell_whether_a_store_is_there_is_explained(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> bool:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "exists", fail)
    monkeypatch.chdir(store.home.parent)
    with pytest.raises(StoreAccessError, match="check the disk"):
        Store.create(store.home)
    with pytest.raises(StoreAccessError, match="check the disk"):
        open_store_if_any(str(store.home))
