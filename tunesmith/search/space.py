"""The search space: an ordered set of dimensions, and the points that they span."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.conditions.where import Where
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue, flags_key
from tunesmith.search.dimension import (
    Dimension,
    FiniteDimension,
    FixedDimension,
    IntegerDimension,
    RealDimension,
    dimension_of,
    distinct_values,
)
from tunesmith.search.stepped_dimension import SteppedDimension

ROWS = "@"
"""The name of the dimension whose values are the rows of the batch files; no flag has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpace:
    """The points that may be proposed: a dimension for each flag, in the order of their names.

    The flags that rows set vary together: they share one dimension, the first, whose values are
    the rows.
    """

    dimensions: tuple[Dimension, ...]
    initial: Mapping[str, FlagValue]
    """The values that were given for the first trial, by flag."""
    row_names: tuple[str, ...] = ()
    """The flags that rows set."""
    rows: tuple[Mapping[str, FlagValue], ...] = ()
    """The distinct rows, each with a value for every one of ``row_names``."""
    n_repeats: int = 1
    """How often a grid has each point: lists were repeated, as ``[1,2]*2``."""
    where: Where | None = None
    """Which of the points may be proposed; None for all."""

    @classmethod
    def of(cls, spec: BatchSpec) -> "SearchSpace":
        """Return the space that a batch searches.

        Raises:
            SpecificationError: A setting leaves no value.
        """
        return cls.from_settings(spec.settings, spec.rows, spec.where)

    @classmethod
    def from_settings(
        cls,
        settings: Mapping[str, Setting],
        rows: Sequence[Mapping[str, FlagValue]] = (),
        where: tuple[str, ...] = (),
    ) -> "SearchSpace":
        """Return the space of the given settings.

        A row's value replaces the flag's setting, except where the flag is searched over an
        interval. A flag that a row leaves out keeps its setting: one value, or each of several.

        Args:
            settings: What each flag is set to.
            rows: The rows of batch files.
            where: Conditions that every proposed point meets.

        Raises:
            SpecificationError: A setting leaves no value, or a condition cannot be read.
        """
        varied = {name for name, setting in settings.items() if isinstance(setting, Distribution)}
        row_names = tuple(sorted({name for row in rows for name in row} - varied))
        dimensions = [
            dimension_of(name, settings[name]) for name in sorted(settings.keys() - set(row_names))
        ]
        row_values = _row_values(settings, rows, row_names)
        if row_names:
            choices = Choices(values=row_values, text="the batch files")
            dimensions.insert(0, dimension_of(ROWS, choices))
        return cls(
            dimensions=tuple(dimensions),
            initial=_initial(settings, dimensions),
            row_names=row_names,
            rows=tuple(dict(zip(row_names, values, strict=True)) for values in row_values),
            n_repeats=math.prod(
                one.n_repeats for one in settings.values() if isinstance(one, Choices)
            ),
            where=Where.of(where, {*settings, *row_names}),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all flags, sorted."""
        own = (dimension.name for dimension in self.dimensions if dimension.name != ROWS)
        return tuple(sorted((*own, *self.row_names)))

    @property
    def searched(self) -> tuple[Dimension, ...]:
        """The dimensions that have more than one value."""
        return tuple(d for d in self.dimensions if not isinstance(d, FixedDimension))

    def allows(self, flags: Mapping[str, FlagValue]) -> bool:
        """Return whether a point may be proposed, as far as ``--where`` says it."""
        return self.where is None or self.where.allows(flags)

    @property
    def size(self) -> int | None:
        """The number of points, allowed or not; None where there is a real dimension."""
        if any(isinstance(d, RealDimension) for d in self.dimensions):
            return None
        return math.prod(d.size for d in self.finite_dimensions())

    def key(self, flags: Mapping[str, FlagValue]) -> str:
        """Return a string that is equal for equal points of this space."""
        return flags_key(flags, self.names)

    def complete(self, flags: Mapping[str, FlagValue]) -> dict[str, FlagValue]:
        """Return a value for every flag, sorted by name.

        Args:
            flags: The values of the searched dimensions, by dimension (``ROWS`` too).
        """
        point: dict[str, FlagValue] = {}
        for dimension in self.dimensions:
            if isinstance(dimension, FixedDimension):
                value = dimension.value
            else:
                value = flags[dimension.name]
            if dimension.name == ROWS and isinstance(value, tuple):
                point.update(zip(self.row_names, value, strict=True))
            else:
                point[dimension.name] = value
        return dict(sorted(point.items()))

    def from_units(self, units: Sequence[float]) -> dict[str, FlagValue]:
        """Return the point at coordinates of the unit cube, one for each searched dimension."""
        searched = self.searched
        return self.complete(
            {d.name: d.from_unit(float(u)) for d, u in zip(searched, units, strict=True)}
        )

    def to_units(self, flags: Mapping[str, FlagValue]) -> list[float] | None:
        """Return a point's coordinates in the unit cube; None where it is not in this space."""
        if not self.contains(flags):
            return None
        return [d.to_unit(self._read(d, flags)) for d in self.searched]

    def contains(self, flags: Mapping[str, FlagValue]) -> bool:
        """Return whether a point lies in this space, its fixed values included."""
        if any(name not in flags for name in self.names):
            return False
        return all(d.contains(self._read(d, flags)) for d in self.dimensions)

    def finite_dimensions(self) -> tuple[FiniteDimension, ...]:
        """Return the dimensions of a finite space.

        Raises:
            SpecificationError: The space is not finite.
        """
        finite = tuple(d for d in self.dimensions if not isinstance(d, RealDimension))
        if len(finite) == len(self.dimensions):
            return finite
        real = next(d for d in self.dimensions if isinstance(d, RealDimension))
        raise SpecificationError(
            f"{real.name}=[{real.low}:{real.high}] is an interval of floats: a grid needs a list "
            f"or a sequence, as in {real.name}=linspace[{real.low}:{real.high}:5]"
        )

    def point_at(self, index: int) -> dict[str, FlagValue]:
        """Return a point of a finite space by its index; the last flag varies fastest.

        Raises:
            SpecificationError: The space is not finite.
        """
        values: dict[str, FlagValue] = {}
        for dimension in reversed(self.finite_dimensions()):
            index, position = divmod(index, dimension.size)
            values[dimension.name] = dimension.value_at(position)
        return self.complete(values)

    def index_of(self, flags: Mapping[str, FlagValue]) -> int | None:
        """Return a point's index, the inverse of ``point_at``; None where it is not in this space.

        Raises:
            SpecificationError: The space is not finite.
        """
        finite = self.finite_dimensions()
        if not self.contains(flags):
            return None
        index = 0
        for dimension in finite:
            index = index * dimension.size + dimension.position_of(self._read(dimension, flags))
        return index

    def _read(self, dimension: Dimension, flags: Mapping[str, FlagValue]) -> FlagValue:
        if dimension.name == ROWS:
            return tuple(flags[name] for name in self.row_names)
        return flags[dimension.name]


def _row_values(
    settings: Mapping[str, Setting],
    rows: Sequence[Mapping[str, FlagValue]],
    names: tuple[str, ...],
) -> tuple[tuple[FlagValue, ...], ...]:
    """Return the distinct rows, each as its values in the order of the names."""
    values: list[tuple[FlagValue, ...]] = []
    for row in rows:
        axes = [(row[name],) if name in row else _values_of(settings.get(name)) for name in names]
        values.extend(product(*axes))
    distinct = distinct_values(tuple(values))
    return tuple(row for row in distinct if isinstance(row, tuple))


def _values_of(setting: Setting) -> tuple[FlagValue, ...]:
    if isinstance(setting, Choices):
        return setting.values
    return () if isinstance(setting, Distribution) else (setting,)


def _initial(
    settings: Mapping[str, Setting], dimensions: Sequence[Dimension]
) -> dict[str, FlagValue]:
    """Return the given initial values, converted to their dimensions' types."""
    initial: dict[str, FlagValue] = {}
    for dimension in dimensions:
        setting = settings.get(dimension.name)
        if isinstance(setting, Distribution) and setting.initial is not None:
            if isinstance(dimension, RealDimension):
                initial[dimension.name] = float(setting.initial)
            elif isinstance(dimension, SteppedDimension):
                initial[dimension.name] = dimension.nearest(setting.initial)
            elif isinstance(dimension, IntegerDimension):
                nearest = round(setting.initial)
                initial[dimension.name] = max(dimension.low, min(dimension.high, nearest))
    return initial
