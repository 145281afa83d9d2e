"""Which trial of a batch is better than which: the one order for every view and for the search."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from tunesmith.batch import BatchSpec
from tunesmith.flags.values import Flags
from tunesmith.trial import TrialStatus


class Ranked(Protocol):
    """A trial as far as its place among others is concerned."""

    @property
    def number(self) -> int:
        """Counts within its batch."""
        ...

    @property
    def status(self) -> TrialStatus:
        """How it ended."""
        ...

    @property
    def objective(self) -> float | None:
        """What it reported."""
        ...

    @property
    def flags(self) -> Flags:
        """Its point."""
        ...


T = TypeVar("T", bound=Ranked)


def cost_of(spec: BatchSpec, trial: Ranked) -> float | None:
    """Return what the search minimizes of a trial; None where it is out of the running.

    That is one that did not complete, one whose objective is missing, NaN or infinite, and one
    outside of the space that is searched since a restart.
    """
    if trial.status is not TrialStatus.COMPLETED or not spec.searches(trial.flags):
        return None
    return spec.objective.to_cost(trial.objective)


def best_of(spec: BatchSpec, trials: Iterable[T]) -> T | None:
    """Return the best trial, the first of equals; None where none is in the running."""
    best: T | None = None
    for trial in trials:
        if is_better(spec, trial, best):
            best = trial
    return best


def is_better(spec: BatchSpec, trial: Ranked, than: Ranked | None) -> bool:
    """Return whether a trial beats another; any in the running beats one that is not, or none."""
    cost = cost_of(spec, trial)
    other = None if than is None else cost_of(spec, than)
    return cost is not None and (other is None or cost < other)


def best_first(spec: BatchSpec, trials: Iterable[T]) -> list[T]:
    """Return the trials that are in the running, the best first; equal ones keep their order."""
    costs = ((cost_of(spec, trial), trial) for trial in trials)
    ranked = [(cost, trial) for cost, trial in costs if cost is not None]
    return [trial for _, trial in sorted(ranked, key=lambda pair: pair[0])]


def silent_trials(trials: Iterable[T]) -> list[T]:
    """Return the completed trials by number where none reported the objective, else nothing.

    NaN and the infinities were reported.
    """
    completed = [trial for trial in trials if trial.status is TrialStatus.COMPLETED]
    if any(trial.objective is not None for trial in completed):
        return []
    return sorted(completed, key=lambda trial: trial.number)


def n_outside(spec: BatchSpec, trials: Iterable[Ranked]) -> int:
    """Return how many trials lie outside of the space that is searched since a restart."""
    return sum(not spec.searches(trial.flags) for trial in trials)
