"""From the points that trials print to the question whether one is to stop."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tunesmith.flags.values import FlagValue
from tunesmith.search.pruner import Curve, Objection, Pruner
from tunesmith.search.pruning.horizons import Horizons

MIN_FINISHED = 3
"""So many trials finish before one is judged by them."""
N_BINS = 50
"""Of more points than twice this, so many averages are judged."""
MAX_AHEAD = 1_000
"""Bins that are looked through for the next one at which a rule looks."""
NOT_FINITE = "was the second in a row that is no finite number"
"""Why a trial stops that has diverged, whatever the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The printed points of a trial."""

    number: int
    """The trial's number within its batch."""
    costs: Sequence[float]
    """The cost at each printed point, lower is better: the sign of an objective that is
    maximized is turned, and of a minimum or a maximum it is the best so far. May be NaN."""
    is_finished: bool = False
    """Whether the trial has run to its end; a pruned, failed or running one has not."""
    flags: Mapping[str, FlagValue] = field(default_factory=dict)
    """Its flags, one of which may be the number of its points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """That a trial is to stop, and what is kept of it."""

    point: int
    """The number of points that it had printed."""
    cost: float
    """The last of them."""
    objection: Objection
    estimate: float | None
    """The cost that models are told: its last one and the median of what finished trials gained
    from there on, but no better than the median of those. None of a trial whose cost is no finite
    number: it has failed."""
    among: tuple[int, ...]
    """The numbers of the ended trials with which it was compared."""
    horizon: int = 0
    """The number of points that it was expected to print; 0 where that is not known."""


class Judge:
    """Asks a pruner about running trials.

    What it answers depends on its arguments alone. It keeps what it has worked out of the ended
    trials, as long as it is given the same sequence of them.
    """

    def __init__(self, pruner: Pruner, *, min_points: int = 0) -> None:
        """Take the rule.

        Args:
            pruner: The rule.
            min_points: The number of points before which no trial is judged, 0 by default. It
                does not hold for costs that are no finite numbers.
        """
        self.pruner = pruner
        self.min_points = min_points
        self._known: Sequence[Trace] | None = None
        self._known_width = 0
        self._binned: dict[int, tuple[Sequence[float], Curve]] = {}
        """The curves of ended trials, by number, each with the costs that it was made of."""
        self._learn(())

    def is_due(self, n_points: int, ended: Sequence[Trace], cost: float = 0.0) -> bool:
        """Return whether a trial is to be judged now. To be called at every printed point.

        Args:
            n_points: How many points the trial has printed.
            ended: The trials that have ended, as for ``judge``. As long as none has joined them,
                give the same object: then this takes a fraction of a microsecond.
            cost: The cost at the last point; one that is no finite number is always looked at.
        """
        self._look_at(ended)
        if self._is_open and n_points >= self.min_points and n_points % self._width == 0:
            return self.pruner.looks_at(n_points // self._width) or not math.isfinite(cost)
        return not math.isfinite(cost)

    def next_due(
        self, n_points: int, flags: Mapping[str, FlagValue], ended: Sequence[Trace]
    ) -> float:
        """Return the number of points at which a trial is judged next, infinity for never.

        Until then, and as long as no other trial has ended, nothing is to be asked of points that
        are finite numbers.

        Args:
            n_points: How many points the trial has printed.
            flags: Its flags.
            ended: The trials that have ended, as for ``judge``.
        """
        self._look_at(ended)
        if not self._is_open:
            return math.inf
        width = self._width
        first = max(n_points, self.min_points - 1) // width + 1
        last = first + MAX_AHEAD
        if self.pruner.needs_finished:
            last = min(last, self._horizons.of(flags) // width)
        for n_bins in range(first, last):
            if self.pruner.looks_at(n_bins):
                return n_bins * width
        return last * width if last == first + MAX_AHEAD else math.inf

    def horizon(self, flags: Mapping[str, FlagValue], ended: Sequence[Trace]) -> int:
        """Return how many points a trial is expected to print; 0 as long as none has finished.

        Args:
            flags: Its flags.
            ended: The trials that have ended, as for ``judge``.
        """
        self._look_at(ended)
        return self._horizons.of(flags)

    def judge(self, trace: Trace, ended: Sequence[Trace]) -> Stop | None:
        """Return why a running trial is to stop at its last point; None to let it run.

        Args:
            trace: The trial as it is now.
            ended: The trials that have ended, in any order: finished, pruned and failed ones.
        """
        self._look_at(ended)
        n_points = len(trace.costs)
        if n_points >= 2 and not any(map(math.isfinite, trace.costs[-2:])):
            return self._stop(trace, ended, Objection(text=NOT_FINITE))
        if not n_points or not self.is_due(n_points, ended):
            return None
        n_bins, horizon = n_points // self._width, 0
        if self.pruner.needs_finished:
            horizon = self._horizons.of(trace.flags) // self._width
            if n_bins >= horizon:
                return None
        objection = self.pruner.judge(self._curve(trace), self._curves, horizon=horizon)
        return None if objection is None else self._stop(trace, ended, objection)

    def _stop(self, trace: Trace, ended: Sequence[Trace], objection: Objection) -> Stop:
        return Stop(
            point=len(trace.costs),
            cost=trace.costs[-1],
            objection=objection,
            estimate=estimated_end(trace.costs, [one.costs for one in ended if one.is_finished]),
            among=tuple(sorted(one.number for one in ended)),
            horizon=self._horizons.of(trace.flags),
        )

    def _look_at(self, ended: Sequence[Trace]) -> None:
        if ended is not self._known or len(ended) != self._n_known:
            self._learn(ended)

    def _learn(self, ended: Sequence[Trace]) -> None:
        """Work out what depends on the ended trials only."""
        self._known, self._n_known = ended, len(ended)
        in_order = sorted(ended, key=lambda trace: trace.number)
        finished = [one for one in in_order if one.is_finished and one.costs]
        self._is_open = not self.pruner.needs_finished or len(finished) >= MIN_FINISHED
        self._horizons = Horizons.of_finished([(len(one.costs), one.flags) for one in finished])
        is_binned = self.pruner.needs_finished
        width = max(1, self._horizons.usual // N_BINS) if is_binned else 1
        if self._known_width != width:
            self._binned.clear()
        self._width = self._known_width = width
        self._curves = tuple(map(self._curve_of_ended, in_order))

    def _curve_of_ended(self, trace: Trace) -> Curve:
        """Return the curve of a trial that has ended, which is made once."""
        costs, curve = self._binned.get(trace.number, (None, None))
        if curve is None or costs is not trace.costs or curve.is_finished != trace.is_finished:
            curve = self._curve(trace)
            self._binned[trace.number] = trace.costs, curve
        return curve

    def _curve(self, trace: Trace) -> Curve:
        """Return a trace in bins, of which the last one that is not full is left out."""
        costs, width = trace.costs, self._width
        if width > 1:
            starts = range(0, len(costs) - width + 1, width)
            costs = tuple(sum(costs[start : start + width]) / width for start in starts)
        return Curve(number=trace.number, costs=costs, is_finished=trace.is_finished)


def estimated_end(costs: Sequence[float], finished: Sequence[Sequence[float]]) -> float | None:
    """Return the cost that models are told of a stopped trial, see ``Stop.estimate``.

    Args:
        costs: The points of the stopped trial.
        finished: Those of the finished trials.
    """
    if not math.isfinite(costs[-1]):
        return None
    n_points = len(costs)
    ends = [one[-1] for one in finished if one and math.isfinite(one[-1])]
    if not ends:
        return costs[-1]
    gains = [one[-1] - one[n_points - 1] for one in finished if len(one) >= n_points]
    usual = [gain for gain in gains if math.isfinite(gain)]
    expected = costs[-1] + (statistics.median(usual) if usual else 0.0)
    return max(expected, statistics.median(ends))
