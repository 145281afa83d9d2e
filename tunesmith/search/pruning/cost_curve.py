"""The points of a scalar as costs, of which lower is better."""

import math
from array import array
from collections.abc import Iterable

from tunesmith.objective import Direction, Objective
from tunesmith.scalar import Statistic


class CostCurve:
    """The costs of a trial, point by point.

    Of ``min loss`` and ``max acc`` a point is the best so far, of ``min acc`` the lowest so far:
    what the objective would be if the trial ended there. NaN stays NaN, so that a trial that
    diverges is seen to.
    """

    def __init__(self, objective: Objective, values: Iterable[float] = ()) -> None:
        self.costs = array("d")
        self._sign = 1.0 if objective.direction is Direction.MINIMIZE else -1.0
        self._statistic = objective.column.statistic
        self._is_running = self._statistic in (Statistic.MIN, Statistic.MAX)
        self._extreme = math.nan
        for value in values:
            self.add(value)

    def __len__(self) -> int:
        return len(self.costs)

    def add(self, value: float) -> None:
        """Add what the trial has reported next."""
        if self._is_running and not math.isnan(value):
            value = self._so_far(value)
        self.costs.append(self._sign * value)

    def _so_far(self, value: float) -> float:
        if self._statistic is Statistic.MIN:
            value = value if math.isnan(self._extreme) else min(self._extreme, value)
        elif self._statistic is Statistic.MAX:
            value = value if math.isnan(self._extreme) else max(self._extreme, value)
        self._extreme = value
        return value
