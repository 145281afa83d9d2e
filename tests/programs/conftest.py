"""What the tests of programs of all kinds share: a sweep of a project, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from tests.conftest import Project
from tunesmith.batch import BatchSpec
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, TrialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A batch that a command has run, and what the command said."""

    batch: BatchSpec
    trials: tuple[TrialRecord, ...]
    said: str
    """What it printed for people."""

    @property
    def completed(self) -> tuple[TrialRecord, ...]:
        """The trials whose program ended with 0."""
        return tuple(one for one in self.trials if one.status is TrialStatus.COMPLETED)

    def values(self, name: str) -> list[Any]:
        """Return the flag's value in each trial."""
        return [one.flags.get(name) for one in self.trials]

    def last(self, tag: str) -> list[float]:
        """Return the last value of a scalar in each trial."""
        return [one.scalars[tag].last for one in self.trials]

    @property
    def objectives(self) -> list[float | None]:
        """The objective of each trial."""
        return [one.objective for one in self.trials]


def the_run(project: Project) -> TrialRecord:
    """Return the record of the only run of a project."""
    (record,) = Store.open(project.home).records().records
    return record


class RunSweep(Protocol):
    """Writes the files of a project and runs ``tunesmith run`` with the arguments."""

    def __call__(self, files: Mapping[str, str], *arguments: str) -> Sweep: ...


@pytest.fixture
def sweep(served_project: Project) -> RunSweep:
    """A function that writes a project's files and runs a sweep of it, which has to succeed."""

    def run(files: Mapping[str, str], *arguments: str) -> Sweep:
        for name, text in files.items():
            served_project.write(name, text)
        return run_sweep(served_project, *arguments)

    return run


def run_sweep(project: Project, *arguments: str) -> Sweep:
    """Run a sweep of a project, which has to succeed."""
    done = project.run("run", "--yes", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    store = Store.open(project.home)
    records = store.records().records
    newest = max(records, key=lambda one: one.started).batch
    trials = sorted((one for one in records if one.batch == newest), key=lambda one: one.number)
    said = done.stdout + done.stderr
    return Sweep(batch=store.batch(newest), trials=tuple(trials), said=said)
