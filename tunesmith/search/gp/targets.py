"""From costs of any unit to targets that a process can be fitted to."""

from dataclasses import dataclass

import numpy as np

from tunesmith.search.gp.kernel import Array

LEAST_LENGTH = 1e-9
"""What counts as no distance from the lowest cost to the median, relative to the largest cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Costs with a compressed bad tail, mean 0 and variance 1, and the way back for predictions.

    The worse half of the costs grows only as the logarithm: how bad they are tells little of where
    the best are. Everything is relative: another unit or an offset of the costs changes no target.
    """

    values: Array
    """Shape (n,)."""
    mean: float
    sd: float
    knee: float
    """The median cost, past which they are compressed."""
    length: float
    """The distance from the lowest cost to the knee: the unit of the logarithm."""
    unit: float
    """What costs are divided by, so that squares of 1e300 do not overflow."""

    @classmethod
    def of(cls, costs: Array) -> "Targets":
        """Return the targets of finite costs, shape (n,)."""
        unit = float(np.max(np.abs(costs), initial=0.0)) or 1.0
        scaled = costs / unit
        low, middle = float(scaled.min()), float(np.median(scaled))
        length = middle - low
        if length < LEAST_LENGTH:  # half of them are equal
            length = float(scaled.mean()) - low
        values = _compress(scaled, middle, length)
        mean, sd = float(values.mean()), float(values.std())
        sd = sd if sd > np.finfo(float).eps * max(1.0, abs(mean)) else 1.0
        values = (values - mean) / sd
        return cls(values=values, mean=mean, sd=sd, knee=middle, length=length, unit=unit)

    def to_cost(self, target: float) -> float:
        """Return the cost that a target stands for."""
        value = target * self.sd + self.mean
        if self.length > 0 and value > self.knee:
            grown = min((value - self.knee) / self.length, 700.0)
            value = self.knee + self.length * float(np.expm1(grown))
        return float(min(max(value, -1e300 / self.unit), 1e300 / self.unit) * self.unit)

    def to_cost_sd(self, target: float, sd: float) -> float:
        """Return the standard deviation of the cost at a target: half the way between ±1 sd."""
        return abs(self.to_cost(target + sd) - self.to_cost(target - sd)) / 2


def _compress(costs: Array, knee: float, length: float) -> Array:
    """Return the costs, of which those past the knee grow as the logarithm."""
    if length <= 0:
        return costs
    over = np.maximum(costs - knee, 0.0)
    compressed: Array = np.minimum(costs, knee) + length * np.log1p(over / length)
    return compressed
