"""Numbers at equal distances: ``low``, ``low + step``, and so on."""

import math
from dataclasses import dataclass

from tunesmith.errors import FlagError

MAX_STEPS = 2**53
"""More steps than a coordinate in [0, 1] can tell apart."""
_TOLERANCE = 1e-6
"""How far a number may be from one of these, as a share of the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The numbers of an interval at equal distances, from its lower end on.

    They are ints where both ``low`` and ``step`` are.

    Raises:
        FlagError: The step is not a positive number, or far too small.
    """

    low: int | float
    step: int | float
    size: int
    """How many numbers there are."""

    @classmethod
    def within(cls, low: int | float, high: int | float, step: int | float) -> "Steps":
        """Return the numbers from ``low`` on that are not above ``high``."""
        if not (math.isfinite(step) and step > 0):
            raise FlagError(f"a step is {step}: expected a number above 0")
        n = (high - low) / step
        if not n < MAX_STEPS:
            raise FlagError(f"a step of {step} is too small for {low} to {high}")
        return cls(low=low, step=step, size=math.floor(n + _TOLERANCE) + 1)

    @classmethod
    def multiples(cls, low: int | float, high: int | float, step: int | float) -> "Steps":
        """Return the multiples of ``step`` from ``low`` to ``high``; none has the size 0."""
        cls.within(low, high, step)
        first = math.ceil(low / step - _TOLERANCE)
        last = math.floor(high / step + _TOLERANCE)
        return cls(low=_nth(0, step, first), step=step, size=max(0, last - first + 1))

    @property
    def high(self) -> int | float:
        """The last number."""
        return self.value_at(self.size - 1)

    def value_at(self, position: int) -> int | float:
        """Return the number at a position, from 0."""
        return _nth(self.low, self.step, position)

    def position_of(self, value: int | float) -> int | None:
        """Return a number's position, from 0; None for one between or outside of these."""
        if not math.isfinite(value):
            return None
        place = (value - self.low) / self.step
        position = round(place)
        is_here = abs(place - position) <= _TOLERANCE and 0 <= position < self.size
        return position if is_here else None


def _nth(low: int | float, step: int | float, position: int) -> int | float:
    """Return ``low + position * step`` as people compute it: 0.1 three times is 0.3."""
    if isinstance(low, int) and isinstance(step, int):
        return low + position * step
    from decimal import Decimal  # a few milliseconds to import, and few searches have steps

    return float(Decimal(repr(low)) + position * Decimal(repr(step)))
