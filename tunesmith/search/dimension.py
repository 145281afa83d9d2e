"""One dimension of a search space: its values, and both maps to and from [0, 1].

A uniform number in [0, 1] becomes a uniform or log-uniform value. Values are Python's own numbers
and strings.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from tunesmith.errors import SpecificationError
from tunesmith.flags.priors import Prior
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue, point_key
from tunesmith.search.interval import Interval, Scale, clip
from tunesmith.search.listed_dimension import CategoricalDimension, Listed, OrderedDimension
from tunesmith.search.stepped_dimension import SteppedDimension

MIN_ORDERED = 3
"""With fewer numbers than these, a list has no order that could help."""
_WORDS = re.compile(r"[^a-z0-9]+")
_RESOLUTION = 53
"""The bits of a float's mantissa: [0, 1] has at most 2**53 evenly spaced floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealDimension:
    """The floats of an interval, both ends included."""

    name: str
    low: float
    high: float
    scale: Scale = Scale.LINEAR
    prior: Prior | None = None
    """Of the values, or of their logarithms on a log scale; None for uniform."""

    @property
    def size(self) -> None:
        """None: the floats are not counted."""
        return None

    def to_unit(self, value: FlagValue) -> float:
        """Return the coordinate of a value, in [0, 1]."""
        return self._interval.fraction(_to_number(value))

    def from_unit(self, u: float) -> float:
        """Return the value at a coordinate; never outside of the interval."""
        return self._interval.number(u)

    @property
    def _interval(self) -> Interval:
        return Interval(low=self.low, high=self.high, scale=self.scale, prior=self.prior)

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
            return self._pieces.fraction(number)
        return (2 * (number - self.low) + 1) / (2 * self.size)

    def from_unit(self, u: float) -> int:
        """Return the number whose piece holds ``u``."""
        u = clip(u, 0.0, 1.0)
        if self.scale is Scale.LOG:
            number = round(self._pieces.number(u))
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

    @property
    def _pieces(self) -> Interval:
        return Interval(low=self.low - 0.5, high=self.high + 0.5, scale=self.scale)


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


FiniteDimension: TypeAlias = (
    IntegerDimension | SteppedDimension | CategoricalDimension | OrderedDimension | FixedDimension
)
Dimension: TypeAlias = RealDimension | FiniteDimension


def dimension_of(name: str, setting: Setting) -> Dimension:
    """Return the dimension that a flag's setting spans.

    Raises:
        SpecificationError: The setting leaves no value.
    """
    if isinstance(setting, Choices):
        return _listed(name, setting)
    if not isinstance(setting, Distribution):
        return FixedDimension(name=name, value=setting)
    scale = Scale.LOG if setting.is_log else Scale.LINEAR
    if setting.steps is not None:
        return SteppedDimension(name=name, steps=setting.steps, scale=scale, prior=setting.prior)
    if not setting.is_integer:
        low, high = float(setting.low), float(setting.high)
        return RealDimension(name=name, low=low, high=high, scale=scale, prior=setting.prior)
    least, most = math.ceil(setting.low), math.floor(setting.high)
    if least > most:
        raise SpecificationError(
            f"{name}={setting.text} contains no whole number: widen the interval, or use a flag "
            "of floats"
        )
    if least == most:
        return FixedDimension(name=name, value=least)
    return IntegerDimension(name=name, low=least, high=most, scale=scale)


def _listed(name: str, choices: Choices) -> Listed | FixedDimension:
    distinct = distinct_values(choices.values)
    if not distinct:
        raise SpecificationError(
            f"{name}={choices.text} has no values: give at least one, as {name}=[1,2]"
        )
    if len(distinct) == 1:
        return FixedDimension(name=name, value=distinct[0])
    is_ordered = choices.is_ordered
    if is_ordered is None:
        is_ordered = _is_monotonic(distinct) and not _is_seed(name)
    kind = OrderedDimension if is_ordered else CategoricalDimension
    return kind(name=name, values=distinct, probabilities=_likelihoods(choices, distinct))


def _is_monotonic(values: Sequence[FlagValue]) -> bool:
    """Return whether values are three numbers or more that ascend or descend.

    Whoever lists 64, 128 and 256 expects 128 to do much as its neighbours do.
    """
    if len(values) < MIN_ORDERED or not all(map(_is_number, values)):
        return False
    steps = [_to_number(b) > _to_number(a) for a, b in pairwise(values)]
    return all(steps) or not any(steps)


def _is_seed(name: str) -> bool:
    """Return whether a flag is a seed, of which near values have nothing in common."""
    return _WORDS.split(name.lower())[-1] == "seed"


def _likelihoods(choices: Choices, distinct: tuple[FlagValue, ...]) -> tuple[float, ...] | None:
    """Return how likely each distinct value is: of values that a script reads as one, the sum."""
    if choices.probabilities is None:
        return None
    shares = dict.fromkeys(map(point_key, distinct), 0.0)
    for value, share in zip(choices.values, choices.probabilities, strict=True):
        shares[point_key(value)] += share
    return tuple(shares.values())


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
