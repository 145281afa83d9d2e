"""Dimensions of values that were listed, with and without an order."""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TypeAlias

from tunesmith.flags.values import FlagValue, point_key
from tunesmith.search.interval import clip


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListedDimension:
    """Values that were listed. A script reads no two of them as the same.

    [0, 1] is cut into one piece a value, as long as the value is likely.
    """

    name: str
    values: tuple[FlagValue, ...]
    probabilities: tuple[float, ...] | None = None
    """How likely each value is; None for the same for all."""
    _positions: dict[str, int] = field(init=False, repr=False, compare=False)
    _ends: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """Where the pieces end; empty where they are equally long."""

    def __post_init__(self) -> None:
        positions = {point_key(value): position for position, value in enumerate(self.values)}
        object.__setattr__(self, "_positions", positions)
        object.__setattr__(self, "_ends", tuple(accumulate(self.probabilities or ())))

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.values)

    def to_unit(self, value: FlagValue) -> float:
        """Return the middle of a value's piece of [0, 1]."""
        return self.middle_of(self.position_of(value))

    def from_unit(self, u: float) -> FlagValue:
        """Return the value whose piece holds ``u``."""
        return self.values[self.position_at(u)]

    def contains(self, value: FlagValue) -> bool:
        """Return whether a value is one of these."""
        return point_key(value) in self._positions

    def value_at(self, position: int) -> FlagValue:
        """Return the value at a position, from 0."""
        return self.values[position]

    def position_of(self, value: FlagValue) -> int:
        """Return a value's position, from 0."""
        return self._positions[point_key(value)]

    def middle_of(self, position: int) -> float:
        """Return the middle of the piece of [0, 1] of the value at a position."""
        if not self._ends:
            return (position + 0.5) / self.size
        start = self._ends[position - 1] if position else 0.0
        return (start + self._ends[position]) / 2

    def position_at(self, u: float) -> int:
        """Return the position of the value whose piece holds ``u``."""
        u = clip(u, 0.0, 1.0)
        found = bisect_right(self._ends, u) if self._ends else int(u * self.size)
        return min(self.size - 1, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalDimension(_ListedDimension):
    """Listed values without an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedDimension(_ListedDimension):
    """Listed values of which those near each other are expected to do alike, as 16, 32, 64."""

    @property
    def is_even(self) -> bool:
        """Whether every value has a piece of the same length."""
        return self.probabilities is None


Listed: TypeAlias = CategoricalDimension | OrderedDimension
