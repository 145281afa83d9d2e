"""A dimension of numbers at equal distances, such as the multiples of 8 from 16 to 256."""

from dataclasses import dataclass

from tunesmith.flags.priors import Prior
from tunesmith.flags.steps import Steps
from tunesmith.flags.values import FlagValue
from tunesmith.search.interval import Interval, Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedDimension:
    """Numbers at equal distances, two or more.

    [0, 1] is cut into one piece a number, from half a step below it to half a step above: equal
    pieces on a linear scale, otherwise as long as the scale or the prior makes them.
    """

    name: str
    steps: Steps
    scale: Scale = Scale.LINEAR
    prior: Prior | None = None

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.steps.size

    def to_unit(self, value: FlagValue) -> float:
        """Return the middle of a number's piece of [0, 1]."""
        position = self.position_of(value)
        if self.is_even:
            return (2 * position + 1) / (2 * self.size)
        number, half = self.steps.value_at(position), self.steps.step / 2
        return (self._around.fraction(number - half) + self._around.fraction(number + half)) / 2

    def from_unit(self, u: float) -> int | float:
        """Return the number whose piece holds ``u``."""
        if self.is_even:
            position = int(max(0.0, u) * self.size)
        else:
            position = round((self._around.number(u) - self.steps.low) / self.steps.step)
        return self.steps.value_at(max(0, min(self.size - 1, position)))

    def contains(self, value: FlagValue) -> bool:
        """Return whether a value is one of the numbers."""
        return self._position(value) is not None

    def value_at(self, position: int) -> int | float:
        """Return the number at a position, from 0."""
        return self.steps.value_at(position)

    def position_of(self, value: FlagValue) -> int:
        """Return a number's position, from 0."""
        position = self._position(value)
        if position is None:
            raise ValueError(f"{value!r} is not among the steps of {self.name}")
        return position

    def nearest(self, number: int | float) -> int | float:
        """Return the number that is nearest to another one."""
        position = round((number - self.steps.low) / self.steps.step)
        return self.steps.value_at(max(0, min(self.size - 1, position)))

    @property
    def is_even(self) -> bool:
        """Whether every number has a piece of the same length."""
        return self.scale is Scale.LINEAR and self.prior is None

    @property
    def _around(self) -> Interval:
        """The interval of all pieces: half a step more at both ends, as far as the scale goes."""
        half = self.steps.step / 2
        low, high = self.steps.low - half, self.steps.high + half
        if self.scale is Scale.LOG and low <= 0:
            low = self.steps.low / 2
        return Interval(low=low, high=high, scale=self.scale, prior=self.prior)

    def _position(self, value: FlagValue) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return self.steps.position_of(value)
