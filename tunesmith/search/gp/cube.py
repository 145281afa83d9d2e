"""The search space for a Gaussian process: points as rows of numbers, and moves between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.beyond import units_beyond
from tunesmith.search.dimension import Dimension, FiniteDimension, RealDimension
from tunesmith.search.gp.decades import Decades
from tunesmith.search.gp.kernel import Array, Mask
from tunesmith.search.listed_dimension import CategoricalDimension
from tunesmith.search.space import ROWS, SearchSpace

MANY_VALUES = 12
"""With more whole numbers than these, only near ones are tried when one coordinate is changed."""

MIDDLE, NO_CATEGORY = 0.5, -1.0
"""The coordinates of a flag that is not active: of numbers, and of categories."""


@dataclass(frozen=True)
class Cube:
    """The unit cube of a search space's dimensions that have more than one value.

    A row holds a number in [0, 1] for a number flag, the middle of its piece for a whole one, and
    the position of its value for a categorical one. Linear intervals of many decades have a
    coordinate of their own. A flag that is not active has the same coordinate in every row: the
    middle of a number's, and a category of its own. So rows that both lack a flag have no distance
    along it, and what a row that has it is from them is learnt with its lengthscale.
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

    @property
    def has_conditions(self) -> bool:
        """Whether there are flags that are not always active."""
        return bool(self.space.conditions)

    @cached_property
    def is_deciding(self) -> "Mask | None":
        """Shape (d,): which flags decide that others are active; None where none does."""
        named = {name for one in self.space.conditions.values() for name in one.names}
        rows = ROWS if named & set(self.space.row_names) else ""
        mask = np.array([d.name in named or d.name == rows for d in self.dimensions])
        return mask if mask.any() else None

    @cached_property
    def _absent(self) -> Array:
        """Shape (d,): the coordinates of flags that are not active."""
        return np.where(self.is_categorical, NO_CATEGORY, MIDDLE)

    def row(self, flags: Mapping[str, FlagValue]) -> list[float] | None:
        """Return a point of the space as a row; None for one outside of it."""
        units = self.space.to_units(flags)
        if units is None:
            return None
        return [self.coordinate(place, unit) for place, unit in enumerate(units)]

    def row_beyond(self, flags: Mapping[str, FlagValue]) -> list[float] | None:
        """Return a point that lies beyond the end of a range as a row; None where it has none.

        Beyond a linear interval of many decades it has none.
        """
        units = units_beyond(self.space, flags)
        if units is None or any(
            decades is not None and (unit < 0.0 or unit > 1.0)
            for decades, unit in zip(self._decades, units, strict=True)
        ):
            return None
        return [self.coordinate(place, unit) for place, unit in enumerate(units)]

    def coordinate(self, place: int, unit: float) -> float:
        """Return the coordinate of a row for that of the space, of the dimension at a place."""
        dimension, decades = self.dimensions[place], self._decades[place]
        if unit != unit:
            return float(self._absent[place])
        if isinstance(dimension, CategoricalDimension):
            return float(dimension.position_at(unit))
        return unit if decades is None else decades.coordinate(unit)

    def unit(self, place: int, coordinate: float) -> float:
        """Return the coordinate of the space for that of a row."""
        dimension, decades = self.dimensions[place], self._decades[place]
        if isinstance(dimension, CategoricalDimension):
            return dimension.middle_of(max(0, int(coordinate)))
        return coordinate if decades is None else decades.fraction(coordinate)

    def flags(self, row: Array) -> dict[str, FlagValue]:
        """Return the point of a row."""
        units = [self.unit(place, value) for place, value in enumerate(row.tolist())]
        return self.space.from_units(units)

    def is_active(self, rows: Array) -> Mask:
        """Return which coordinates of rows belong to active flags, shape (m, d)."""
        if not self.has_conditions:
            return np.ones(rows.shape, dtype=bool)
        points = [self.flags(row) for row in rows]
        names = [d.name for d in self.dimensions]
        always = [name not in self.space.conditions for name in names]
        return np.array(
            [
                [is_always or name in point for name, is_always in zip(names, always, strict=True)]
                for point in points
            ]
        ).reshape(rows.shape)

    def settled(self, rows: Array) -> Array:
        """Return rows (m, d) in which flags that are not active have their one coordinate."""
        if not self.has_conditions:
            return rows
        is_active = self.is_active(rows)
        first = np.where(self.is_categorical, np.maximum(rows, 0.0), rows)
        return np.where(is_active, first, self._absent)

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
        return self.settled(result)

    def to_unit_rows(self, rows: Array) -> Array:
        """Return rows (m, d) with every coordinate in [0, 1], categories at their middle."""
        result = np.array(rows, dtype=float)
        for i, d in enumerate(self.dimensions):
            if isinstance(d, CategoricalDimension):
                result[:, i] = [d.middle_of(max(0, int(v))) for v in result[:, i].tolist()]
        return result

    def neighbours(self, row: Array) -> Array:
        """Return the rows that differ in one whole number or category, shape (m, d)."""
        changed = [row]
        is_active = self.is_active(row[None, :])[0]
        for i, d in enumerate(self.dimensions):
            if isinstance(d, RealDimension) or not is_active[i]:
                continue
            for position in _other_positions(d, self.unit(i, float(row[i]))):
                other = row.copy()
                other[i] = self.coordinate(i, d.to_unit(d.value_at(position)))
                changed.append(other)
        return self.settled(np.array(changed))


def _other_positions(dimension: FiniteDimension, unit: float) -> Sequence[int]:
    """Return the positions that a whole number or a category may change to."""
    here = dimension.position_of(dimension.from_unit(unit))
    if isinstance(dimension, CategoricalDimension) or dimension.size <= MANY_VALUES:
        return [k for k in range(dimension.size) if k != here]
    steps = (1, 2, 4, max(1, dimension.size // 20))
    near = {here + sign * step for step in steps for sign in (-1, 1)}
    return sorted(k for k in near if 0 <= k < dimension.size)
