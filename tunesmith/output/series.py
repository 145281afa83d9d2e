"""The series that grow while a program runs, one for each tag."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass, field

from tunesmith.scalar import ScalarSeries
from tunesmith.scalar_names import folded

MAX_TAGS = 200
"""Tags of one trial, so that a chatty program does not fill the tables with columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarPoint:
    """One value that a program reported."""

    tag: str
    step: int
    value: float
    total: int = 0
    """Of a state of a progress bar that was overwritten, the steps of the bar; else 0."""


@dataclass(slots=True)
class _Points:
    tag: str
    unit: str = ""
    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    times: "array[float]" = field(default_factory=lambda: array("d"))


class SeriesCollector:
    """Keeps every point by its tag: the spelling that came first, with ``_`` for spaces."""

    def __init__(self, *, wanted: Collection[str] = ()) -> None:
        """Take the names that have a place beyond the limit of tags."""
        self._wanted = frozenset(map(folded, wanted))
        self._series: dict[str, _Points] = {}
        self._by_name: dict[str, _Points] = {}

    def add(
        self, name: str, step: int | None, value: float, time: float, unit: str = ""
    ) -> ScalarPoint | None:
        """Add a point; None if there are too many tags already.

        Args:
            name: The name as printed.
            step: None for the number of the report: one more than the tag's last.
            value: The value.
            time: When it was reported, in seconds since 1970, UTC.
            unit: What the step counts; empty where that is not known.
        """
        points = self._by_name.get(name)
        if points is None and (points := self._named(name)) is None:
            return None
        if step is None:
            step = points.steps[-1] + 1 if points.steps else 0
        elif unit:
            points.unit = unit
        points.steps.append(step)
        points.values.append(value)
        points.times.append(time)
        return ScalarPoint(tag=points.tag, step=step, value=value)

    def series(self) -> list[ScalarSeries]:
        """Return the series of every tag, in the order in which they were first reported."""
        return [
            ScalarSeries(
                tag=one.tag, steps=one.steps, values=one.values, times=one.times, unit=one.unit
            )
            for one in self._series.values()
        ]

    def _named(self, name: str) -> _Points | None:
        key = folded(name)
        points = self._series.get(key)
        if points is None:
            if len(self._series) >= MAX_TAGS and key not in self._wanted:
                return None
            points = self._series[key] = _Points("_".join(name.split()))
        if len(self._by_name) < 2 * MAX_TAGS:
            self._by_name[name] = points
        return points
