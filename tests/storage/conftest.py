import math
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.flags.settings import Distribution
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, TrialStatus, trial_id

NewRecord = Callable[..., TrialRecord]
NewSpec = Callable[..., BatchSpec]


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
            "id": trial_id(batch, number),
            "batch": batch,
            "number": number,
            "attempt": 1,
            "operation": "train.py",
            "script": "train.py",
            "status": TrialStatus.COMPLETED,
            "exit_code": 0,
            "started": 1_700_000_000.25 + number,
            "stopped": 1_700_000_001.5 + number,
            "seconds": 1.25,
            "objective": math.sin(number),
            "flags": {"x": number / 2, "name": "adam", "shuffle": number % 2 == 0},
            "scalars": {series.tag: ScalarSummary.from_series(series)},
        }
        return TrialRecord(**(values | fields))

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

    def make(batch: str, **fields: Any) -> BatchSpec:
        settings: Mapping[str, Any] = {"x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")}
        values: dict[str, Any] = {
            "id": batch,
            "home": "/somewhere/.tunesmith",
            "project": "/somewhere",
            "script": "train.py",
            "operation": "train.py",
            "script_flags": ScriptFlags(source=FlagSource.GLOBALS, definitions=()),
            "settings": settings,
            "optimizer": OptimizerSpec(name="gp"),
            "n_trials": 20,
        }
        return BatchSpec(**(values | fields))

    return make
