"""From costs in any unit to targets that a Gaussian process can be fitted to."""

import math
from dataclasses import dataclass

import numpy as np

from tunesmith.search.gp.kernel import Array

LEAST_LENGTH = 1e-12
"""What counts as no distance from the lowest cost to the median, relative to these two. Not to the
largest cost: one that has exploded would make all others equal."""
_LARGE = 700.0
"""The exponential of more overflows."""
MOST = 1e300
"""No number counts as larger, so that nothing overflows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Standardized costs with a compressed upper tail, and the inverse for predictions.

    The worse half of the costs grows only logarithmically: how bad they are says little about
    where the best are. Everything is relative: another unit or an offset of the costs changes no
    target.
    """

    values: Array
    """Shape (n,)."""
    mean: float
    """Of the compressed costs, in lengths from the knee."""
    sd: float
    """Of the compressed costs, in lengths."""
    knee: float
    """The median cost, past which they are compressed."""
    length: float
    """The distance from the lowest cost to the knee: the unit of the logarithm; 0 where all costs
    are equal."""

    @classmethod
    def of(cls, costs: Array) -> "Targets":
        """Return the targets of finite costs, shape (n,)."""
        costs = np.clip(costs, -MOST, MOST)
        low, knee = float(costs.min()), float(np.median(costs))
        least = LEAST_LENGTH * max(abs(low), abs(knee))
        length = knee - low
        if length <= least:  # half of them are equal
            above = (costs - low)[costs - low > least]
            length = float(np.median(above)) if above.size else 0.0
        values = _compress(costs - knee, length)
        mean, sd = float(values.mean()), float(values.std())
        sd = sd if sd > np.finfo(float).eps * max(1.0, abs(mean)) else 1.0
        return cls(values=(values - mean) / sd, mean=mean, sd=sd, knee=knee, length=length)

    def to_cost(self, target: float) -> float:
        """Return the cost of a target."""
        value = target * self.sd + self.mean
        if value <= 0.0:
            over = self.length * value
        elif value < _LARGE or self.length <= 0:
            over = self.length * math.expm1(min(value, _LARGE))
        else:  # a length of 1e-10 times the exponential of 710, which alone overflows
            over = math.exp(min(value + math.log(self.length), _LARGE))
        return min(max(self.knee + over, -MOST), MOST)

    def to_cost_sd(self, target: float, sd: float) -> float:
        """Return the standard deviation of the cost at a target: half of the way between ±1 sd."""
        return abs(self.to_cost(target + sd) - self.to_cost(target - sd)) / 2


def _compress(over: Array, length: float) -> Array:
    """Return the distances from the knee in lengths; those past it grow as the logarithm."""
    if length <= 0:
        return np.zeros_like(over)
    with np.errstate(over="ignore", divide="ignore"):
        bad = np.maximum(over, 0.0)
        logs = np.where(bad / length < MOST, np.log1p(bad / length), np.log(bad) - np.log(length))
    compressed: Array = np.minimum(over, 0.0) / length + logs
    return compressed
