"""``median``: stop what is worse than the median of the others at the same point.

Golovin et al. (2017), Google Vizier: A Service for Black-Box Optimization, section 3.2.2.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.search.pruner import Curve, Objection


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """Stops a trial whose best cost so far is worse than the median of the others' averages.

    Raises:
        SpecificationError: The setting is out of range.
    """

    first: int = 4
    """The first point at which trials are judged, at least 1."""

    needs_finished: ClassVar[bool] = True
    n_finalists: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if self.first < 1:
            raise SpecificationError(f"first is {self.first}: expected 1 or more")

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged."""
        return n_points >= self.first

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        """Return why a trial is to stop, as ``Pruner.judge`` says."""
        n_points = len(curve.costs)
        averages = [
            average
            for one in ended
            if len(one.costs) >= n_points
            and (average := average_of(one.costs[:n_points])) is not None
        ]
        best = min(filter(math.isfinite, curve.costs), default=None)
        if best is None or not averages:
            return None
        middle = statistics.median(averages)
        if best <= middle:
            return None
        text = f"was never better than the median of the averages of {len(averages)} trials,"
        return Objection(text=text, than=middle)


def average_of(costs: Sequence[float]) -> float | None:
    """Return the average of the finite costs; None without any."""
    finite = [cost for cost in costs if math.isfinite(cost)]
    return sum(finite) / len(finite) if finite else None
