"""The search space for a Gaussian process: points as rows of numbers, and moves between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import Dimension, RealDimension
from tunesmith.search.gp.kernel import Array, Mask
from tunesmith.search.listed_dimension import CategoricalDimension
from tunesmith.search.space import SearchSpace

MANY_VALUES = 12
"""With more whole numbers than these, only near ones are tried when one coordinate is changed."""


@dataclass(frozen=True)
class Cube:
    """The unit cube of a search space's dimensions that have more than one value.

    A row holds a number in [0, 1] for a number flag, the middle of its piece for a whole one, and
    the position of its value for a categorical one.
    """

    space: SearchSpace

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The searched dimensions."""
        return self.space.searched

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
        return [
            float(d.position_at(unit)) if isinstance(d, CategoricalDimension) else unit
            for d, unit in zip(self.dimensions, units, strict=True)
        ]

    def flags(self, row: Array) -> dict[str, FlagValue]:
        """Return the point of a row."""
        return self.space.from_units(self._to_units(row))

    def snapped(self, rows: Array) -> Array:
        """Return rows (m, d) of uniform numbers in [0, 1] as rows of the space."""
        result = np.clip(rows, 0.0, 1.0)
        for i, d in enumerate(self.dimensions):
            if isinstance(d, CategoricalDimension):
                result[:, i] = [d.position_at(u) for u in result[:, i]]
            elif not isinstance(d, RealDimension):
                result[:, i] = [d.to_unit(d.from_unit(u)) for u in result[:, i]]
        return result

    def to_unit_rows(self, rows: Array) -> Array:
        """Return rows (m, d) with every coordinate in [0, 1], categories at their middle."""
        return np.array([self._to_units(row) for row in rows]).reshape(rows.shape)

    def neighbours(self, row: Array) -> Array:
        """Return the rows that differ in one whole number or category, shape (m, d)."""
        changed = [row]
        for i, d in enumerate(self.dimensions):
            for value in _other_values(d, float(row[i])):
                other = row.copy()
                other[i] = value
                changed.append(other)
        return np.array(changed)

    def _to_units(self, row: Array) -> list[float]:
        return [
            d.middle_of(int(value)) if isinstance(d, CategoricalDimension) else value
            for d, value in zip(self.dimensions, row.tolist(), strict=True)
        ]


def _other_values(dimension: Dimension, value: float) -> list[float]:
    """Return the coordinates that a whole number or a category may change to."""
    if isinstance(dimension, RealDimension):
        return []
    if isinstance(dimension, CategoricalDimension):
        return [float(k) for k in range(dimension.size) if k != value]
    here = dimension.position_of(dimension.from_unit(value))
    if dimension.size <= MANY_VALUES:
        positions = [k for k in range(dimension.size) if k != here]
    else:
        steps = (1, 2, 4, max(1, dimension.size // 20))
        near = {here + sign * step for step in steps for sign in (-1, 1)}
        positions = sorted(k for k in near if 0 <= k < dimension.size)
    return [dimension.to_unit(dimension.value_at(k)) for k in positions]
