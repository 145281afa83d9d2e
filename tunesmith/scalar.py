"""Scalars: the numbers that a script reports while it runs, and how they are named."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tunesmith.errors import QueryError

MAX_DRAWN = 1_000
"""Points of a series that a chart can distinguish."""


class Statistic(StrEnum):
    """The statistic of a series that a column shows."""

    FIRST = "first"
    LAST = "last"
    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarSeries:
    """Every point of one tag, in the order in which it was reported.

    ``steps``, ``values`` and ``times`` have the same length, one item for each point. Values may
    be NaN or infinite; times are seconds since 1970, UTC.
    """

    tag: str
    steps: Sequence[int]
    values: Sequence[float]
    times: Sequence[float]
    unit: str = ""
    """What its steps count, as ``epoch``; empty where that is not known or not read back."""

    def __post_init__(self) -> None:
        if not len(self.steps) == len(self.values) == len(self.times):
            raise ValueError(f"the series of {self.tag!r} has columns of different lengths")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarSummary:
    """The statistics of one tag.

    ``min``, ``max`` and ``mean`` ignore NaN; they are NaN if every value is.
    """

    first: float
    first_step: int
    last: float
    last_step: int
    min: float
    min_step: int
    max: float
    max_step: int
    mean: float
    count: int

    def get(self, statistic: Statistic) -> float:
        """Return one number of the summary."""
        return float(getattr(self, statistic.value))

    def get_step(self, statistic: Statistic) -> int | None:
        """Return the step at which the number was reported; None for a mean or a count."""
        if statistic in (Statistic.MEAN, Statistic.COUNT):
            return None
        return int(getattr(self, f"{statistic.value}_step"))

    @classmethod
    def from_series(cls, series: ScalarSeries) -> "ScalarSummary":
        """Return the summary of a series with at least one point.

        Raises:
            ValueError: The series is empty.
        """
        if not series.values:
            raise ValueError(
                f"the series of {series.tag!r} is empty: there is nothing to summarize"
            )
        low, high, mean = _extent(series.values)
        return cls(
            first=series.values[0],
            first_step=series.steps[0],
            last=series.values[-1],
            last_step=series.steps[-1],
            min=series.values[low],
            min_step=series.steps[low],
            max=series.values[high],
            max_step=series.steps[high],
            mean=mean,
            count=len(series.values),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarColumn:
    """A scalar as a user names it: ``loss``, ``min loss``, ``max val#acc``."""

    tag: str
    """The tag, with its prefix before ``#`` where it has one."""
    statistic: Statistic = Statistic.LAST

    @classmethod
    def from_text(cls, text: str) -> "ScalarColumn":
        """Return the column of a string: an optional statistic, and a tag.

        Raises:
            QueryError: The text has no tag.
        """
        words = text.split()
        if len(words) > 1 and words[0] in set(Statistic):
            return cls(tag=" ".join(words[1:]), statistic=Statistic(words[0]))
        if not words:
            raise QueryError(
                f"{text!r} is not a scalar: give a name, as in loss or 'min val#loss'"
            )
        return cls(tag=" ".join(words))

    def __str__(self) -> str:
        """Return the text that ``from_text`` reads."""
        is_plain = self.statistic is Statistic.LAST and self.tag.split()[0] not in set(Statistic)
        return self.tag if is_plain else f"{self.statistic} {self.tag}"


def thinned(series: ScalarSeries, max_points: int) -> ScalarSeries:
    """Return a series reduced to a number of points that looks the same in a chart.

    The first and the last point are kept, and of each stretch between them the lowest and the
    highest value, so that no peak is lost. A stretch of NaN keeps its first point.

    Args:
        series: The series, which is returned unchanged if it is short enough.
        max_points: The maximum number of points, at least 1; below 4 the last ones are kept.
    """
    n_points = len(series.values)
    if n_points <= max_points:
        return series
    if max_points < 4:  # both ends, and one stretch of two
        chosen = list(range(n_points - max_points, n_points))
    else:
        n_stretches = (max_points - 2) // 2
        edges = [1 + i * (n_points - 2) // n_stretches for i in range(n_stretches + 1)]
        spans = itertools.pairwise(edges)
        inner = (place for span in spans for place in _extremes(series.values, *span))
        chosen = [0, *inner, n_points - 1]
    return ScalarSeries(
        tag=series.tag,
        steps=[series.steps[place] for place in chosen],
        values=[series.values[place] for place in chosen],
        times=[series.times[place] for place in chosen],
    )


def _extremes(values: Sequence[float], start: int, end: int) -> list[int]:
    """Return the indices of the lowest and the highest value of a range, in order."""
    numbered = [place for place in range(start, end) if not math.isnan(values[place])]
    if not numbered:
        return [start]
    low = min(numbered, key=values.__getitem__)
    high = max(numbered, key=values.__getitem__)
    return sorted({low, high})


def _extent(values: Sequence[float]) -> tuple[int, int, float]:
    """Return where the lowest and the highest value are, and the mean, all without NaN."""
    if not math.isnan(mean := _mean(values)):  # no loop in Python for a million points
        return values.index(min(values)), values.index(max(values)), mean
    numbered = [place for place, value in enumerate(values) if not math.isnan(value)]
    low = min(numbered, key=values.__getitem__, default=0)
    high = max(numbered, key=values.__getitem__, default=0)
    return low, high, _mean([values[place] for place in numbered])


def _mean(values: Sequence[float]) -> float:
    if not values:
        return math.nan
    try:
        return math.fsum(values) / len(values)
    except (OverflowError, ValueError):  # both infinities, or a sum beyond the largest double
        return sum(value / len(values) for value in values)
