"""One dimension of a search space: its values, and both maps to and from [0, 1].

A uniform number in [0, 1] becomes a uniform or log-uniform value. Values are Python's own numbers
and strings.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from tunesmith.errors import SpecificationError
from tunesmith.flags.number import without_float_noise
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue, point_key

_RESOLUTION = 53
"""The bits of a float's mantissa: [0, 1] has at most 2**53 evenly spaced floats."""

_LARGEST_EXPONENT = 709.78
"""The exponential of more overflows."""


class Scale(StrEnum):
    """How an interval is laid out on [0, 1]."""

    LINEAR = "linear"
    LOG = "log"
    """By the logarithm, so that every decade has the same share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealDimension:
    """The floats of an interval, both ends included."""

    name: str
    low: float
    high: float
    scale: Scale = Scale.LINEAR

    @property
    def size(self) -> None:
        """None: the floats are not counted."""
        return None

    def to_unit(self, value: FlagValue) -> float:
        """Return the coordinate of a value, in [0, 1]."""
        number = _to_number(value)
        if self.scale is Scale.LOG:
            return _log_fraction(number, self.low, self.high)
        # halves, since the length of an interval of 1e308 overflows
        return _clip((number / 2 - self.low / 2) / (self.high / 2 - self.low / 2), 0.0, 1.0)

    def from_unit(self, u: float) -> float:
        """Return the value at a coordinate; never outside of the interval."""
        u = _clip(u, 0.0, 1.0)
        if self.scale is Scale.LOG:
            return _clip(_log_between(u, self.low, self.high), self.low, self.high)
        return _clip((1.0 - u) * self.low + u * self.high, self.low, self.high)

    def contains(self, value: FlagValue) -> bool:
        """Return whether a value is a number of the interval."""
        return _is_number(value) and self.low <= _to_number(value) <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerDimension:
    """The whole numbers of an interval, both ends included.

    [0, 1] is cut into one piece a number, so that the ends are as likely as the others: equal
    pieces on a linear scale, those from ``log(k - ½)`` to ``log(k + ½)`` on a log scale.
    """

    name: str
    low: int
    high: int
    scale: Scale = Scale.LINEAR

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.high - self.low + 1

    def to_unit(self, value: FlagValue) -> float:
        """Return the middle of a number's piece of [0, 1]."""
        number = int(_to_number(value))
        if self.scale is Scale.LOG:
            return _log_fraction(number, self.low - 0.5, self.high + 0.5)
        return (2 * (number - self.low) + 1) / (2 * self.size)

    def from_unit(self, u: float) -> int:
        """Return the number whose piece holds ``u``."""
        u = _clip(u, 0.0, 1.0)
        if self.scale is Scale.LOG:
            number = round(_log_between(u, self.low - 0.5, self.high + 0.5))
        else:
            # in whole numbers, exact for intervals of any length
            number = self.low + (self.size * int(u * 2**_RESOLUTION) >> _RESOLUTION)
        return max(self.low, min(self.high, number))

    def contains(self, value: FlagValue) -> bool:
        """Return whether a value is a whole number of the interval; 2.0 is."""
        if not _is_number(value):
            return False
        number = _to_number(value)
        return self.low <= number <= self.high and number == int(number)

    def value_at(self, position: int) -> int:
        """Return the number at a position, from 0."""
        return self.low + position

    def position_of(self, value: FlagValue) -> int:
        """Return a number's position, from 0."""
        return int(_to_number(value)) - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalDimension:
    """Values without an order. A script reads no two of them as the same."""

    name: str
    values: tuple[FlagValue, ...]
    _positions: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        positions = {point_key(value): position for position, value in enumerate(self.values)}
        object.__setattr__(self, "_positions", positions)

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.values)

    def to_unit(self, value: FlagValue) -> float:
        """Return the middle of a value's piece of [0, 1]."""
        return (self.position_of(value) + 0.5) / self.size

    def from_unit(self, u: float) -> FlagValue:
        """Return the value whose piece holds ``u``."""
        return self.values[min(self.size - 1, int(_clip(u, 0.0, 1.0) * self.size))]

    def contains(self, value: FlagValue) -> bool:
        """Return whether a value is one of these."""
        return point_key(value) in self._positions

    def value_at(self, position: int) -> FlagValue:
        """Return the value at a position, from 0."""
        return self.values[position]

    def position_of(self, value: FlagValue) -> int:
        """Return a value's position, from 0."""
        return self._positions[point_key(value)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedDimension:
    """A flag that has one value."""

    name: str
    value: FlagValue

    @property
    def size(self) -> int:
        """One."""
        return 1

    def to_unit(self, value: FlagValue) -> float:
        """Return the middle of [0, 1]."""
        return 0.5

    def from_unit(self, u: float) -> FlagValue:
        """Return the value."""
        return self.value

    def contains(self, value: FlagValue) -> bool:
        """Return whether a script would read this value and the fixed one as the same."""
        return point_key(value) == point_key(self.value)

    def value_at(self, position: int) -> FlagValue:
        """Return the value."""
        return self.value

    def position_of(self, value: FlagValue) -> int:
        """Return 0."""
        return 0


FiniteDimension: TypeAlias = IntegerDimension | CategoricalDimension | FixedDimension
Dimension: TypeAlias = RealDimension | FiniteDimension


def dimension_of(name: str, setting: Setting) -> Dimension:
    """Return the dimension that a flag's setting spans.

    Raises:
        SpecificationError: The setting leaves no value.
    """
    if isinstance(setting, Choices):
        return _categorical(name, setting)
    if not isinstance(setting, Distribution):
        return FixedDimension(name=name, value=setting)
    scale = Scale.LOG if setting.is_log else Scale.LINEAR
    if not setting.is_integer:
        low, high = float(setting.low), float(setting.high)
        return RealDimension(name=name, low=low, high=high, scale=scale)
    least, most = math.ceil(setting.low), math.floor(setting.high)
    if least > most:
        raise SpecificationError(
            f"{name}={setting.text} contains no whole number: widen the interval, or use a flag "
            "of floats"
        )
    if least == most:
        return FixedDimension(name=name, value=least)
    return IntegerDimension(name=name, low=least, high=most, scale=scale)


def _categorical(name: str, choices: Choices) -> CategoricalDimension | FixedDimension:
    distinct = distinct_values(choices.values)
    if not distinct:
        raise SpecificationError(
            f"{name}={choices.text} has no values: give at least one, as {name}=[1,2]"
        )
    if len(distinct) == 1:
        return FixedDimension(name=name, value=distinct[0])
    return CategoricalDimension(name=name, values=distinct)


def distinct_values(values: tuple[FlagValue, ...]) -> tuple[FlagValue, ...]:
    """Return the values in their order, the first of each that a script reads as the same."""
    first: dict[str, FlagValue] = {}
    for value in values:
        first.setdefault(point_key(value), value)
    return tuple(first.values())


def _is_number(value: FlagValue) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and not (isinstance(value, float) and not math.isfinite(value))


def _to_number(value: FlagValue) -> int | float:
    if isinstance(value, int | float):
        return value
    raise ValueError(f"{value!r} is not a number")


def _log_fraction(number: float, low: float, high: float) -> float:
    # differences of logarithms, since the quotient of 1e300 and 1e-300 overflows
    above, length = math.log(number) - math.log(low), math.log(high) - math.log(low)
    return _clip(above / length, 0.0, 1.0)


def _log_between(u: float, low: float, high: float) -> float:
    exponent = math.log(low) + u * (math.log(high) - math.log(low))
    return without_float_noise(math.exp(min(exponent, _LARGEST_EXPONENT)))


def _clip(number: float, low: float, high: float) -> float:
    return max(low, min(high, number))
