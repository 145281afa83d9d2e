"""The order of a batch's trials, the same for every view and for the search."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from tunesmith.batch import BatchSpec
from tunesmith.flags.values import Flags
from tunesmith.trial import TrialStatus


class Ranked(Protocol):
    """The fields of a trial on which its rank depends."""

    @property
    def number(self) -> int:
        """Its number within the batch."""
        ...

    @property
    def status(self) -> TrialStatus:
        """Its status."""
        ...

    @property
    def objective(self) -> float | None:
        """The objective that it reported; None if it did not."""
        ...

    @property
    def flags(self) -> Flags:
        """Its flags."""
        ...


T = TypeVar("T", bound=Ranked)


def cost_of(spec: BatchSpec, trial: Ranked) -> float | None:
    """Return the cost of a trial, which the search minimizes; None if it is not ranked.

    A trial is not ranked if it did not complete, if its objective is missing, NaN or infinite, or
    if a restart has changed the search space so that it lies outside.
    """
    if trial.status is not TrialStatus.COMPLETED or not spec.searches(trial.flags):
        return None
    return spec.objective.to_cost(trial.objective)


def best_of(spec: BatchSpec, trials: Iterable[T]) -> T | None:
    """Return the best trial, the first of equal ones; None where none is ranked."""
    best: T | None = None
    for trial in trials:
        if is_better(spec, trial, best):
            best = trial
    return best


def is_better(spec: BatchSpec, trial: Ranked, than: Ranked | None) -> bool:
    """Return whether a trial beats another; any ranked trial beats an unranked one, and None."""
    cost = cost_of(spec, trial)
    other = None if than is None else cost_of(spec, than)
    return cost is not None and (other is None or cost < other)


def best_first(spec: BatchSpec, trials: Iterable[T]) -> list[T]:
    """Return the ranked trials, the best first; equal ones keep their order."""
    costs = ((cost_of(spec, trial), trial) for trial in trials)
    ranked = [(cost, trial) for cost, trial in costs if cost is not None]
    return [trial for _, trial in sorted(ranked, key=lambda pair: pair[0])]


def silent_trials(trials: Iterable[T]) -> list[T]:
    """Return the completed trials, by number, if none of them reported the objective; else none.

    NaN and the infinities count as reported.
    """
    completed = [trial for trial in trials if trial.status is TrialStatus.COMPLETED]
    if any(trial.objective is not None for trial in completed):
        return []
    return sorted(completed, key=lambda trial: trial.number)


def n_outside(spec: BatchSpec, trials: Iterable[Ranked]) -> int:
    """Return the number of trials outside of the search space, which a restart has changed."""
    return sum(not spec.searches(trial.flags) for trial in trials)
