"""Scales: the range of an axis, and its ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.flags.display import format_value

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_OUTLIER_REACH = 3.0
"""Outliers further from the bulk than this many times its width are drawn at the edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The range of an axis of numbers; values beyond it are drawn at its edge."""

    low: float
    high: float

    def fraction(self, value: float) -> float:
        """Return a value as a fraction of the range, clipped to [0, 1]."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def holds(self, value: float) -> bool:
        """Return whether a value lies within the range."""
        return self.low <= value <= self.high


def range_of(values: Sequence[float], *, is_low_better: bool = True) -> Range:
    """Return the range of some values without the outliers on the worse side.

    Args:
        values: Finite numbers, at least one.
        is_low_better: Whether low values are better; outliers on the better side are kept.
    """
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    tenth, ninetieth = _quantile(ordered, 0.1), _quantile(ordered, 0.9)
    reach = _OUTLIER_REACH * (ninetieth - tenth)
    if reach > 0 and is_low_better and high > ninetieth + reach:
        high = ninetieth + reach / 4
    if reach > 0 and not is_low_better and low < tenth - reach:
        low = tenth - reach / 4
    return padded(low, high)


def padded(low: float, high: float, *, share: float = 0.05) -> Range:
    """Return a range that is wider at both ends by a share of its width, and never empty."""
    breadth = high - low
    room = breadth * share if 0 < breadth < math.inf else max(abs(low) * share, 0.5)
    return Range(low=low - room, high=high + room)


def ticks(low: float, high: float, *, n: int = 5) -> list[float]:
    """Return about n round numbers from ``low`` to ``high``."""
    breadth = high - low
    # where the ends are as close as floats can be, there are no round numbers between
    if not 1e-12 * max(abs(low), abs(high)) < breadth < math.inf:
        return [low]
    power = 10.0 ** math.floor(math.log10(breadth / n))
    step = next(power * one for one in _STEPS if breadth / (power * one) <= n)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) if abs(step) > 1e-9 else k * step for k in range(first, last + 1)]


def log_ticks(low: float, high: float, *, n: int = 6) -> list[float]:
    """Return powers of ten from ``low`` to ``high``; the ends if there are fewer than two."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, -(-(last - first + 1) // n))
    powers = [10.0**k for k in range(first, last + 1, every)]
    return powers if len(powers) > 1 else [low, high]


def tick_text(value: float) -> str:
    """Return the label of a tick: ``1e-05``, ``0.25``, ``3``."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return format_value(float(f"{value:.4g}"))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))]
