"""Searches of a table under a rule: at random, and by ``gp``."""

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tables import Table

from tunesmith.search.optimizer import Observation
from tunesmith.search.pruner import Pruner
from tunesmith.search.pruning.judging import Judge, Trace
from tunesmith.search.pruning.replay import replay
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

TIE = 1e-9


@dataclass(frozen=True)
class Outcome:
    """What a search under a rule spent and lost."""

    steps: float
    """The share of the points that the search without the rule printed."""
    is_same: bool
    """Whether its best is as good."""
    excess: float
    """By how much its best is worse."""
    normalized: float
    """The same, over the way from the median to the best of the trials without the rule."""


def outcome(steps: float, excess: float, ends: Sequence[float]) -> Outcome:
    finite = [end for end in ends if math.isfinite(end)]
    spread = max(statistics.median(finite) - min(finite), 1e-12)
    return Outcome(steps, excess <= TIE, excess, excess / spread)


def at_random(table: Table, pruner: Pruner, *, seed: int, n_trials: int, n_jobs: int) -> Outcome:
    """Return what a random search under a rule spends and loses."""
    drawn = random.Random(seed).sample(list(table.traces), min(n_trials, len(table.traces)))
    traces = [replace(trace, number=k) for k, trace in enumerate(drawn, 1)]
    found = replay(traces, pruner, n_jobs=n_jobs)
    return outcome(found.share, found.excess, [trace.costs[-1] for trace in traces])


@dataclass(frozen=True)
class Run:
    """The trials of a search by ``gp``, in order."""

    ended: Sequence[Trace]

    def n_points(self, n_trials: int) -> int:
        return sum(len(trace.costs) for trace in self.ended[:n_trials])

    def best(self, n_trials: int) -> float:
        ends = [trace.costs[-1] for trace in self.ended[:n_trials] if trace.is_finished]
        return min((end for end in ends if math.isfinite(end)), default=math.inf)


def by_gp(table: Table, pruner: Pruner | None, *, seed: int, n_trials: int) -> Run:
    """Return a search by ``gp``, whose proposals are moved to the nearest trial not yet run.

    Of a stopped trial it is told the estimate of its end.
    """
    assert table.space is not None
    optimizer, judge = build_optimizer("gp", {}), Judge(pruner) if pruner else None
    units = {k: table.space.to_units(trace.flags) for k, trace in enumerate(table.traces)}
    left = {k: list(unit) for k, unit in units.items() if unit is not None}
    told, ended = list[Observation](), list[Trace]()
    for number in range(1, min(n_trials, len(left)) + 1):
        (candidate,) = optimizer.propose(table.space, told, [], 1, seed)
        k = _nearest(table.space, candidate.flags, left)
        del left[k]
        trace, cost = _run(replace(table.traces[k], number=number), judge, ended)
        ended.append(trace)
        told.append(Observation(number=number, flags=trace.flags, cost=cost))
    return Run(ended)


def _nearest(space: SearchSpace, flags: object, left: dict[int, list[float]]) -> int:
    unit = space.to_units(flags)  # type: ignore[arg-type]
    assert unit is not None
    return min(left, key=lambda k: math.dist(left[k], list(unit)))


def _run(trace: Trace, judge: Judge | None, ended: Sequence[Trace]) -> tuple[Trace, float | None]:
    """Return a trial as far as it runs, and what the model is told of it."""
    for n in range(1, len(trace.costs)):
        if judge is not None and judge.is_due(n, ended, trace.costs[n - 1]):
            begun = replace(trace, costs=trace.costs[:n], is_finished=False)
            stop = judge.judge(begun, ended)
            if stop is not None:
                return begun, stop.estimate
    end = trace.costs[-1]
    return trace, end if math.isfinite(end) else None
