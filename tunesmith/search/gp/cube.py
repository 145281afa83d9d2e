"""The search space for a Gaussian process: points as rows of numbers, and moves between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import Dimension, FiniteDimension, RealDimension
from tunesmith.search.gp.decades import Decades
from tunesmith.search.gp.kernel import Array, Mask
from tunesmith.search.listed_dimension import CategoricalDimension
from tunesmith.search.space import SearchSpace

MANY_VALUES = 12
"""With more whole numbers than these, only near ones are tried when one coordinate is changed."""


@dataclass(frozen=True)
class Cube:
    """The unit cube of a search space's dimensions that have more than one value.

    A row holds a number in [0, 1] for a number flag, the middle of its piece for a whole one, and
    the position of its value for a categorical one. Linear intervals of many decades have a
    coordinate of their own.
    """

    space: SearchSpace

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The searched dimensions."""
        return self.space.searched

    @cached_property
    def _decades(self) -> tuple[Decades | None, ...]:
        return tuple(map(Decades.of, self.dimensions))

    @cached_property
    def is_categorical(self) -> Mask:
        """Shape (d,)."""
        return np.array([isinstance(d, CategoricalDimension) for d in self.dimensions])

    @cached_property
    def is_real(self) -> Mask:
        """Shape (d,): which coordinates a gradient may move."""
        return np.array([isinstance(d, RealDimension) for d in self.dimensions])

    @property
    def has_steps(self) -> bool:
        """Whether any coordinate moves in steps: a whole number, or a category."""
        return not bool(self.is_real.all())

    @property
    def is_line(self) -> bool:
        """Whether there is one dimension, of floats."""
        return len(self.dimensions) == 1 and bool(self.is_real.all())

    def row(self, flags: Mapping[str, FlagValue]) -> list[float] | None:
        """Return a point of the space as a row; None for one outside of it."""
        units = self.space.to_units(flags)
        if units is None:
            return None
        return [self.coordinate(place, unit) for place, unit in enumerate(units)]

    def coordinate(self, place: int, unit: float) -> float:
        """Return the coordinate of a row for that of the space, of the dimension at a place."""
        dimension, decades = self.dimensions[place], self._decades[place]
        if isinstance(dimension, CategoricalDimension):
            return float(dimension.position_at(unit))
        return unit if decades is None else decades.coordinate(unit)

    def unit(self, place: int, coordinate: float) -> float:
        """Return the coordinate of the space for that of a row."""
        dimension, decades = self.dimensions[place], self._decades[place]
        if isinstance(dimension, CategoricalDimension):
            return dimension.middle_of(int(coordinate))
        return coordinate if decades is None else decades.fraction(coordinate)

    def flags(self, row: Array) -> dict[str, FlagValue]:
        """Return the point of a row."""
        units = [self.unit(place, value) for place, value in enumerate(row.tolist())]
        return self.space.from_units(units)

    def snapped(self, rows: Array) -> Array:
        """Return rows (m, d) of uniform numbers in [0, 1] as rows of the space."""
        result = np.clip(rows, 0.0, 1.0)
        for i, d in enumerate(self.dimensions):
            if isinstance(d, CategoricalDimension):
                result[:, i] = [d.position_at(u) for u in result[:, i]]
            elif not isinstance(d, RealDimension):
                result[:, i] = [
                    self.coordinate(i, d.to_unit(d.from_unit(self.unit(i, u))))
                    for u in result[:, i].tolist()
                ]
        return result

    def to_unit_rows(self, rows: Array) -> Array:
        """Return rows (m, d) with every coordinate in [0, 1], categories at their middle."""
        result = np.array(rows, dtype=float)
        for i, d in enumerate(self.dimensions):
            if isinstance(d, CategoricalDimension):
                result[:, i] = [d.middle_of(int(value)) for value in result[:, i].tolist()]
        return result

    def neighbours(self, row: Array) -> Array:
        """Return the rows that differ in one whole number or category, shape (m, d)."""
        changed = [row]
        for i, d in enumerate(self.dimensions):
            if isinstance(d, RealDimension):
                continue
            for position in _other_positions(d, self.unit(i, float(row[i]))):
                other = row.copy()
                other[i] = self.coordinate(i, d.to_unit(d.value_at(position)))
                changed.append(other)
        return np.array(changed)


def _other_positions(dimension: FiniteDimension, unit: float) -> Sequence[int]:
    """Return the positions that a whole number or a category may change to."""
    here = dimension.position_of(dimension.from_unit(unit))
    if isinstance(dimension, CategoricalDimension) or dimension.size <= MANY_VALUES:
        return [k for k in range(dimension.size) if k != here]
    steps = (1, 2, 4, max(1, dimension.size // 20))
    near = {here + sign * step for step in steps for sign in (-1, 1)}
    return sorted(k for k in near if 0 <= k < dimension.size)
