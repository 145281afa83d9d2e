"""The points and axes of a batch's charts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunesmith.batch import BatchSpec
from tunesmith.flags.display import format_value
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue, point_key
from tunesmith.objective import Objective
from tunesmith.ranking import cost_of, leaders_of
from tunesmith.trial import Run, TrialStatus

MAX_LISTED = 8
"""The longest list of numbers whose values have a tick each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A completed trial and its objective, which is finite."""

    run: Run
    value: float
    is_searched: bool = True
    """Whether it lies in the space that is searched now, which a restart may have changed, and
    meets the constraints."""
    is_best: bool = False
    """Of those in that space; with several objectives, whether it is on the front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The axis of a flag: its range, or its categories."""

    name: str
    is_log: bool
    low: float
    high: float
    categories: tuple[str, ...] = ()
    """The texts of the values at the positions 0, 1, …; empty for numbers."""
    listed: tuple[float, ...] = ()
    """The numbers of a short list that was searched, which have a tick each; else empty."""

    def place(self, value: FlagValue) -> float | None:
        """Return the position of a value, a number from ``low`` to ``high``; None for none."""
        if self.categories:
            text = format_value(value)
            return float(self.categories.index(text)) if text in self.categories else None
        if not isinstance(value, int | float) or not math.isfinite(value):
            return None
        return float(value)

    def fraction(self, place: float) -> float:
        """Return a position as a fraction of the axis: 0 at ``low``, 1 at ``high``."""
        low, high, at = self.low, self.high, place
        if self.is_log:
            low, high, at = math.log(low), math.log(high), math.log(max(at, 1e-300))
        return 0.5 if high == low else (at - low) / (high - low)


def points_of(trials: Sequence[Run], spec: BatchSpec) -> list[Point]:
    """Return a point for each completed trial with a finite objective, in the given order."""
    leading = {run.id for run in leaders_of(spec, trials)}
    return [
        Point(
            run=run,
            value=run.objective,
            is_searched=cost_of(spec, run) is not None,
            is_best=run.id in leading,
        )
        for run in trials
        if run.status is TrialStatus.COMPLETED
        and run.objective is not None
        and math.isfinite(run.objective)
    ]


def best_point(points: Sequence[Point], objective: Objective) -> Point | None:
    """Return the best point, of a front the best by its first objective; None without any."""
    best: Point | None = None
    for point in points:
        if point.is_best and (best is None or objective.is_better(point.value, best.value)):
            best = point
    return best


def best_so_far(points: Sequence[Point], objective: Objective) -> list[tuple[int, float]]:
    """Return the best objective up to each trial in the space that is searched, by its number."""
    steps: list[tuple[int, float]] = []
    for point in points:
        if point.is_searched:
            is_better = not steps or objective.is_better(point.value, steps[-1][1])
            steps.append((point.run.number, point.value if is_better else steps[-1][1]))
    return steps


def varied_names(trials: Sequence[Run]) -> list[str]:
    """Return the names of the flags that differ between trials, sorted."""
    names = sorted({name for run in trials for name in run.flags})
    return [name for name in names if len({point_key(run.flags.get(name)) for run in trials}) > 1]


def values_of(name: str, points: Sequence[Point]) -> list[FlagValue]:
    """Return the values of a flag in the trials in which it is active."""
    return [point.run.flags[name] for point in points if name in point.run.flags]


def axis_of(
    name: str, values: Sequence[FlagValue], settings: Mapping[str, Setting] | None = None
) -> Axis:
    """Return the axis for the values of a flag.

    Args:
        name: The name of the flag.
        values: The values, at least one.
        settings: The settings of the batch by flag; a searched interval is shown in full.
    """
    setting = (settings or {}).get(name)
    numbers = [
        float(value)
        for value in values
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ]
    if len(numbers) < len(values) or not numbers:
        texts = dict.fromkeys(format_value(value) for value in sorted(values, key=repr))
        return Axis(
            name=name, is_log=False, low=0, high=max(1, len(texts) - 1), categories=tuple(texts)
        )
    low, high = min(numbers), max(numbers)
    listed = tuple(sorted(set(numbers))) if isinstance(setting, Choices) else ()
    if isinstance(setting, Distribution):
        low, high = min(low, float(setting.low)), max(high, float(setting.high))
    is_log = isinstance(setting, Distribution) and setting.is_log
    is_log = (is_log or _spans_decades(numbers)) and low > 0
    listed = listed if len(listed) <= MAX_LISTED else ()
    return Axis(name=name, is_log=is_log, low=low, high=high, listed=listed)


def _spans_decades(numbers: Sequence[float]) -> bool:
    """Return whether numbers span so many decades that a log axis suits them better."""
    low, high = min(numbers), max(numbers)
    return low > 0 and high / low >= 1000 and sorted(numbers)[len(numbers) // 2] < high / 20
