"""What a rule would have done with trials that have run to their end."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tunesmith.search.pruner import Pruner
from tunesmith.search.pruning.after import finalists
from tunesmith.search.pruning.judging import Judge, Stop, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A batch as it would have been under a rule."""

    n_points: int
    """The points that would have been printed; a trial that is run again prints its own again."""
    n_full: int
    """The points of all trials."""
    stops: Mapping[int, Stop]
    """The trials that would have been stopped, by number."""
    best: Trace | None
    """The best of those that would have finished; None without a finite cost."""
    full_best: Trace | None
    """The best of all."""

    @property
    def share(self) -> float:
        """The share of the points that would have been printed, 1 where nothing is stopped."""
        return self.n_points / self.n_full if self.n_full else 1.0

    @property
    def excess(self) -> float:
        """How much higher the best cost would have been, 0 for the same; infinite for none."""
        if self.full_best is None:
            return 0.0
        return math.inf if self.best is None else self.best.costs[-1] - self.full_best.costs[-1]


def replay(
    traces: Sequence[Trace], pruner: Pruner, *, n_jobs: int = 1, min_points: int = 0
) -> Replay:
    """Return what a rule would have done with trials that ran to their end.

    As many trials run at once as there are jobs. Each prints a point in its turn, the trial
    with the lowest number first, and the next one starts where one has ended.

    Args:
        traces: Trials that have finished, in the order in which they would run. Their numbers
            are kept, and differ.
        pruner: The rule.
        n_jobs: How many trials run at once.
        min_points: The number of points before which none is judged.
    """
    judge = Judge(pruner, min_points=min_points)
    waiting, ended, stops = list(reversed(traces)), list[Trace](), dict[int, Stop]()
    running: dict[int, tuple[Trace, int]] = {}
    while waiting or running:
        while waiting and len(running) < n_jobs:
            begun = waiting.pop()
            running[begun.number] = begun, 0
        for number, (trace, n_before) in sorted(running.items()):
            n_points = n_before + 1
            running[number] = trace, n_points
            stop = None
            if n_points < len(trace.costs) and judge.is_due(
                n_points, ended, trace.costs[n_before]
            ):
                stop = judge.judge(_begun(trace, n_points), ended)
            if stop is not None:
                stops[number] = stop
            if stop is not None or n_points >= len(trace.costs):
                del running[number]
                ended.append(trace if stop is None else _begun(trace, n_points))
    again = finalists([one for one in ended if one.number in stops], pruner.n_finalists)
    by_number = {trace.number: trace for trace in traces}
    finished = [one for one in traces if one.number not in stops or one.number in again]
    return Replay(
        n_points=sum(len(one.costs) for one in (*ended, *(by_number[k] for k in again))),
        n_full=sum(len(one.costs) for one in traces),
        stops=stops,
        best=_best(finished),
        full_best=_best(traces),
    )


def _begun(trace: Trace, n_points: int) -> Trace:
    return replace(trace, costs=trace.costs[:n_points], is_finished=False)


def _best(traces: Sequence[Trace]) -> Trace | None:
    sound = [one for one in traces if one.costs and math.isfinite(one.costs[-1])]
    return min(sound, key=lambda one: one.costs[-1], default=None)
