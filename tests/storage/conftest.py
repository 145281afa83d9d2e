import math
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tunesmith.batch import BatchSpec
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

NewRecord = Callable[..., TrialRecord]
NewSpec = Callable[..., BatchSpec]
AddBatch = Callable[..., str]

START = 1_700_000_000.0
"""When batches were created, in seconds since 1970."""
FAILED: dict[str, Any] = {"status": TrialStatus.ERROR, "exit_code": 1}
"""The fields of a record whose trial has failed."""


class MemoryObjects:
    """Objects in a dictionary: an object store without a disk."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_new(self, name: str, data: bytes) -> bool:
        return self.objects.setdefault(name, data) is data

    def get(self, name: str) -> bytes:
        return self.objects[name]

    def list(self, prefix: str) -> list[str]:
        return sorted(name for name in self.objects if name.startswith(prefix))

    def delete(self, *names: str) -> None:
        for name in names:
            self.objects.pop(name, None)


@pytest.fixture(scope="session")
def new_memory() -> type[MemoryObjects]:
    return MemoryObjects


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / ".tunesmith")


@pytest.fixture
def batch() -> str:
    return uuid.uuid4().hex


@pytest.fixture(scope="session")
def new_record() -> NewRecord:
    """Make the record of a completed trial; keywords replace its fields."""

    def make(batch: str, number: int, **fields: Any) -> TrialRecord:
        series = new_series(number)
        values: dict[str, Any] = {
            "started": 1_700_000_000.25 + number,
            "stopped": 1_700_000_001.5 + number,
            "seconds": 1.25,
            "objective": math.sin(number),
            "flags": {"x": number / 2, "name": "adam", "shuffle": number % 2 == 0},
            "scalars": {series.tag: ScalarSummary.from_series(series)},
        }
        return make_record(batch, number, **(values | fields))

    return make


@pytest.fixture(scope="session")
def make_series() -> Callable[[int], ScalarSeries]:
    return new_series


def new_series(number: int) -> ScalarSeries:
    return ScalarSeries(
        tag="loss",
        steps=(1, 2, 3),
        values=(1.0 + number, math.nan, 0.5 * number),
        times=(1_700_000_000.1, 1_700_000_000.2, 1_700_000_000.3),
    )


@pytest.fixture(scope="session")
def new_spec() -> NewSpec:
    """Make the specification of a search; keywords replace its fields."""
    return make_spec


@pytest.fixture
def add_batch(store: Store, new_spec: NewSpec, new_record: NewRecord) -> AddBatch:
    """Write a batch of four planned trials, of which some have finished."""

    def add(
        batch: str = "b" * 32,
        *,
        finished: dict[int, dict[str, Any]] | None = None,
        end: str | None = None,
        **fields: Any,
    ) -> str:
        store.put_batch(new_spec(batch, **{"created": START, "n_trials": 4, **fields}))
        store.put_plan(batch, [planned(number) for number in range(1, 5)])
        for number, values in (finished or {}).items():
            store.publish(new_record(batch, number, **values), [])
        if end is not None:
            store.put_end(batch, generation=0, reason=end, stopped=START + 99)
        return batch

    return add


def planned(number: int) -> PlannedTrial:
    return PlannedTrial(number=number, flags={"x": number}, origin="random")


def statuses(store: Store) -> dict[int, str]:
    """Return the status of each run by its number; number 0 is the batch."""
    found = {run.number: str(run.status) for run in store.list_runs().runs}
    latest = {run.number: str(run.status) for run in store.list_latest(99).runs}
    assert found == latest
    return found
