"""A coordinate for a linear interval of many decades: half of it by number, half by logarithm.

Whoever types ``[0.000001:1.0]`` asks for a linear scale, on which all but a thousandth of [0, 1]
lies above 0.001. If the quantity acts by decades, a model over that scale sees a cliff at its end.
The mean of both scales keeps every decade apart, and the large numbers too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.search.dimension import Dimension, IntegerDimension, RealDimension
from tunesmith.search.interval import Scale

MIN_RATIO = 1000.0
"""Between the ends of an interval: from three decades on."""
N_STEPS = 60
"""Halvings of [0, 1] that end at neighbouring floats."""


@dataclass(frozen=True, slots=True)
class Decades:
    """The map between the fraction of a linear interval and the coordinate of the model."""

    log_ratio: float
    """The natural logarithm of the upper end over the lower one."""

    @classmethod
    def of(cls, dimension: Dimension) -> "Decades | None":
        """Return the map of a dimension; None where its own coordinate is kept."""
        if not isinstance(dimension, RealDimension | IntegerDimension):
            return None
        is_plain = dimension.scale is Scale.LINEAR and dimension.low > 0
        if not is_plain or (isinstance(dimension, RealDimension) and dimension.prior is not None):
            return None
        log_ratio = math.log(dimension.high) - math.log(dimension.low)
        return cls(log_ratio) if log_ratio >= math.log(MIN_RATIO) else None

    def coordinate(self, fraction: float) -> float:
        """Return the coordinate of a fraction of the interval, both in [0, 1]."""
        # log(1 + fraction * (ratio - 1)) without the ratio, which may overflow
        least = math.exp(-self.log_ratio)
        share = fraction + (1.0 - fraction) * least
        logarithm = 1.0 + math.log(share) / self.log_ratio if share > 0 else 0.0
        return 0.5 * fraction + 0.5 * max(0.0, logarithm)

    def fraction(self, coordinate: float) -> float:
        """Return the fraction of the interval at a coordinate."""
        low, high = 0.0, 1.0
        for _ in range(N_STEPS):
            middle = self._middle(low, high)
            if self.coordinate(middle) < coordinate:
                low = middle
            else:
                high = middle
        return high

    def _middle(self, low: float, high: float) -> float:
        """Return what halves two fractions in the coordinate, roughly: small ones are close."""
        smallest = math.exp(-self.log_ratio)
        # roots first, since the product of two of 1e-300 underflows
        middle = math.sqrt(low + smallest) * math.sqrt(high + smallest) - smallest
        return min(high, max(low, middle))


def even_by_decades(dimensions: Sequence[Dimension], units: Sequence[float]) -> list[float]:
    """Return the fractions of intervals at units of [0, 1], which are the models' coordinates.

    Of many decades the small numbers are then as likely as the large ones, so that a few points
    show both.
    """
    maps = map(Decades.of, dimensions)
    return [
        unit if decades is None else decades.fraction(unit)
        for unit, decades in zip(units, maps, strict=True)
    ]
