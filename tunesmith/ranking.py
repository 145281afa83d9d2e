"""The order of a batch's trials, the same for every view and for the search."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from tunesmith.batch import BatchSpec
from tunesmith.candidates import one_each
from tunesmith.flags.values import Flags
from tunesmith.objective import Measured
from tunesmith.pareto import front_of, knee_of
from tunesmith.trial import Repeated, Run, TrialRecord, TrialStatus


class Ranked(Measured, Protocol):
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

    @property
    def repeated(self) -> Repeated | None:
        """What the runs of a candidate came to that it stands for; None for one run."""
        ...


T = TypeVar("T", Run, TrialRecord, Run | TrialRecord)


def cost_of(spec: BatchSpec, trial: Ranked) -> float | None:
    """Return the cost of a trial, which the search minimizes; None if it is not ranked.

    A trial is not ranked if it did not complete, if its objective is missing, NaN or infinite, if
    it misses a constraint, or if a restart has changed the search space so that it lies outside.
    """
    if trial.status is not TrialStatus.COMPLETED or not spec.searches(trial.flags):
        return None
    if spec.subject_to and spec.violation(trial):
        return None
    told = None if trial.repeated is None else trial.repeated.expected
    return spec.objective.to_cost(trial.objective if told is None else told)


def best_of(spec: BatchSpec, trials: Iterable[T]) -> T | None:
    """Return the best trial, the first of equal ones; None where none is ranked.

    With repeats it stands for all runs of the best candidate, as in all functions here.
    """
    best: T | None = None
    for trial in one_each(spec, trials):
        if is_better(spec, trial, best):
            best = trial
    return best


def best_after(spec: BatchSpec, trial: T, best: T | None, ended: Iterable[T]) -> T | None:
    """Return the best trial once another one has ended.

    Args:
        spec: The batch.
        trial: The one that has ended.
        best: The best of those before it.
        ended: All that have ended, this one included.
    """
    if spec.repeats is not None:
        return best_of(spec, ended)
    return trial if is_better(spec, trial, best) else best


def is_new_best(best: Run | TrialRecord | None, before: Run | TrialRecord | None) -> bool:
    """Return whether another trial, or another candidate, is the best than before."""
    if best is None or before is None or best.repeated is None:
        return best is not before
    return best.id != before.id


def stands_for(best: Run | TrialRecord | None, trial: Run | TrialRecord) -> bool:
    """Return whether a trial is the best one, or a run of the candidate that is."""
    if best is None or best.repeated is None:
        return best is not None and best.id == trial.id
    return trial.number in best.repeated.numbers


def costs_of(spec: BatchSpec, trial: Ranked) -> tuple[float, ...] | None:
    """Return the cost of a trial for each objective, the first one first; None if it lacks one.

    It also lacks one if it is not ranked, see ``cost_of``.
    """
    first = cost_of(spec, trial)
    if first is None:
        return None
    costs = [first, *(one.to_cost(one.read(trial)) for one in spec.more_objectives)]
    known = tuple(cost for cost in costs if cost is not None)
    return known if len(known) == len(costs) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Front(Generic[T]):
    """The trials of a batch that no other one beats in all objectives: the Pareto front."""

    trials: tuple[T, ...] = ()
    """The best by the first objective comes first; of trials with equal results one is there."""
    knee: T | None = None
    """The trial where the front bends, which gives up little of each objective; None without
    one."""

    @classmethod
    def of(cls, spec: BatchSpec, trials: Iterable[T]) -> "Front[T]":
        """Return the front; with one objective it is the best trial alone."""
        each = one_each(spec, trials)
        scored = [(costs, one) for one in each if (costs := costs_of(spec, one)) is not None]
        points = [found for found, _ in scored]
        places = front_of(points)
        knee = knee_of([points[place] for place in places])
        return cls(
            trials=tuple(scored[place][1] for place in places),
            knee=None if knee is None else scored[places[knee]][1],
        )

    def shown(self, most: int) -> tuple[T, ...]:
        """Return some of the trials, evenly along the front, with its ends and the knee.

        Args:
            most: How many, at least 3.
        """
        n = len(self.trials)
        if n <= most:
            return self.trials
        chosen = {round(k * (n - 1) / (most - 1)) for k in range(most)}
        if self.knee is not None:
            knee = self.trials.index(self.knee)
            nearest = min(chosen - {0, n - 1}, key=lambda place: abs(place - knee))
            chosen = chosen - {nearest} | {knee}
        return tuple(self.trials[place] for place in sorted(chosen))


def leaders_of(spec: BatchSpec, trials: Iterable[T]) -> list[T]:
    """Return the best trial, or with several objectives the front; empty where none is ranked."""
    if spec.more_objectives:
        return list(Front.of(spec, trials).trials)
    best = best_of(spec, trials)
    return [] if best is None else [best]


def is_better(spec: BatchSpec, trial: Ranked, than: Ranked | None) -> bool:
    """Return whether a trial beats another; any ranked trial beats an unranked one, and None."""
    cost = cost_of(spec, trial)
    other = None if than is None else cost_of(spec, than)
    return cost is not None and (other is None or cost < other)


def best_first(spec: BatchSpec, trials: Iterable[T]) -> list[T]:
    """Return the ranked trials, the best first; equal ones keep their order."""
    costs = ((cost_of(spec, trial), trial) for trial in one_each(spec, trials))
    ranked = [(cost, trial) for cost, trial in costs if cost is not None]
    return [trial for _, trial in sorted(ranked, key=lambda pair: pair[0])]


def nearest_of(spec: BatchSpec, trials: Iterable[T]) -> T | None:
    """Return the trial that misses the constraints by least; None where one meets them all.

    Only completed trials with an objective count, and of equal ones the best. None without
    constraints, too.
    """
    free = replace(spec, subject_to=())
    each = one_each(spec, trials)
    ranked = [(cost, one) for one in each if (cost := cost_of(free, one)) is not None]
    missed = [(spec.violation(one), cost, place) for place, (cost, one) in enumerate(ranked)]
    least = min(missed, default=(0.0, 0.0, 0))
    return ranked[least[2]][1] if least[0] else None


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
