"""The search space: an ordered set of dimensions, and the points that they span."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tunesmith.batch import BatchSpec
from tunesmith.batch_conditions import where_of
from tunesmith.errors import SpecificationError
from tunesmith.flags.activity import active_flags, conditions_of
from tunesmith.flags.belief import Belief
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue, flags_key
from tunesmith.search.beliefs import beliefs_of
from tunesmith.search.branches import MAX_BRANCHES, Branches, Values
from tunesmith.search.dimension import (
    Dimension,
    FiniteDimension,
    FixedDimension,
    RealDimension,
    dimension_of,
)
from tunesmith.search.space_parts import initial_values, n_repeats_of, row_values, settled

if TYPE_CHECKING:
    from tunesmith.flags.conditions.where import Where

ROWS = "@"
"""The name of the dimension whose values are the rows of the batch files; no flag has it."""


@dataclass(frozen=True, kw_only=True)
class SearchSpace:
    """The points that may be proposed: a dimension for each flag, in the order of their names.

    The flags that rows set vary together: they share one dimension, the first, whose values are
    the rows. A point lacks the flags whose condition does not hold in it.
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
    where: "Where | None" = None
    """Which of the points may be proposed; None for all."""
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    """When flags are active that are not always, each behind those that it depends on."""
    beliefs: Mapping[str, Belief] = field(default_factory=dict)
    """Where the best values of flags are expected, by flag."""

    @classmethod
    def of(cls, spec: BatchSpec) -> "SearchSpace":
        """Return the space that a batch searches.

        Raises:
            SpecificationError: A setting leaves no value.
        """
        return cls.from_settings(spec.searched_settings, spec.rows, spec.where)

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
            FlagError: Flags are active only if they are active themselves.
        """
        varied = {name for name, setting in settings.items() if isinstance(setting, Distribution)}
        row_names = tuple(sorted({name for row in rows for name in row} - varied))
        dimensions = [
            dimension_of(name, settings[name]) for name in sorted(settings.keys() - set(row_names))
        ]
        of_rows = row_values(settings, rows, row_names)
        if row_names:
            choices = Choices(values=of_rows, text="the batch files")
            dimensions.insert(0, dimension_of(ROWS, choices))
        dimensions, conditions = settled(dimensions, conditions_of(settings), row_names)
        return cls(
            dimensions=tuple(dimensions),
            initial=initial_values(settings, dimensions),
            row_names=row_names,
            rows=tuple(dict(zip(row_names, values, strict=True)) for values in of_rows),
            n_repeats=n_repeats_of(settings),
            where=where_of(where, {*settings, *row_names}),
            conditions=conditions,
            beliefs=beliefs_of({d.name: settings.get(d.name) for d in dimensions}),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all flags, sorted."""
        own = (dimension.name for dimension in self.dimensions if dimension.name != ROWS)
        return tuple(sorted((*own, *self.row_names)))

    @cached_property
    def searched(self) -> tuple[Dimension, ...]:
        """The dimensions that have more than one value."""
        return tuple(d for d in self.dimensions if not isinstance(d, FixedDimension))

    def allows(self, flags: Mapping[str, FlagValue]) -> bool:
        """Return whether a point may be proposed, as far as ``--where`` says it."""
        return self.where is None or self.where.allows(flags)

    @property
    def size(self) -> int | None:
        """The number of points, allowed or not; None of floats, and with too many conditions."""
        if any(isinstance(d, RealDimension) for d in self.dimensions):
            return None
        if self.conditions:
            return None if self._branches is None else self._branches.size
        return math.prod(d.size for d in self.finite_dimensions())

    @property
    def n_points(self) -> int:
        """The number of points of a grid.

        Raises:
            SpecificationError: The space is not finite, or its conditions are too many.
        """
        self.finite_dimensions()
        if self.size is None:
            raise SpecificationError(
                f"the conditions of {', '.join(self.conditions)} name flags that have more than "
                f"{MAX_BRANCHES} combinations: a grid needs shorter lists of them; a search "
                "takes any"
            )
        return self.size

    def key(self, flags: Mapping[str, FlagValue]) -> str:
        """Return a string that is equal for equal points of this space."""
        return flags_key(active_flags(flags, self.conditions), self.names)

    def complete(self, flags: Mapping[str, FlagValue]) -> dict[str, FlagValue]:
        """Return a value for every flag that is active, sorted by name.

        Args:
            flags: The values of the searched dimensions, by dimension (``ROWS`` too); those of
                flags that are not active may be missing, and are left out.
        """
        point: dict[str, FlagValue] = {}
        for dimension in self.dimensions:
            if isinstance(dimension, FixedDimension):
                value = dimension.value
            elif dimension.name in self.conditions and dimension.name not in flags:
                continue
            else:
                value = flags[dimension.name]
            if dimension.name == ROWS and isinstance(value, tuple):
                point.update(zip(self.row_names, value, strict=True))
            else:
                point[dimension.name] = value
        return dict(sorted(active_flags(point, self.conditions).items()))

    def from_units(
        self, units: Sequence[float], given: Mapping[str, FlagValue] | None = None
    ) -> dict[str, FlagValue]:
        """Return the point at coordinates of the unit cube, one for each searched dimension.

        Args:
            units: The coordinates; those of flags that are not active do not matter.
            given: Values that some flags have instead, by name; none by default.
        """
        pairs = zip(self.searched, units, strict=True)
        values = {d.name: d.from_unit(float(u)) for d, u in pairs if u == u}
        return self.complete({**values, **(given or {})})

    def to_units(self, flags: Mapping[str, FlagValue]) -> list[float] | None:
        """Return a point's coordinates in the unit cube; None where it is not in this space.

        That of a flag which is not active in it is NaN.
        """
        if not self.contains(flags):
            return None
        active = active_flags(flags, self.conditions)
        return [
            d.to_unit(self._read(d, flags)) if self._has(d, active) else math.nan
            for d in self.searched
        ]

    def contains(self, flags: Mapping[str, FlagValue]) -> bool:
        """Return whether a point lies in this space, its fixed values included.

        What it has for flags that are not active does not count.
        """
        active = active_flags(flags, self.conditions)
        for dimension in self.dimensions:
            if not self._has(dimension, active):
                condition = self.conditions.get(dimension.name)
                if condition is None or condition.holds(active):
                    return False
            elif not dimension.contains(self._read(dimension, flags)):
                return False
        return True

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
        if self.conditions and self._branches is not None:
            return self.complete(self._branches.values_at(index))
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
        if self.conditions and self._branches is not None:
            active = active_flags(flags, self.conditions)
            has = (d for d in finite if self._has(d, active))
            return self._branches.index_of({d.name: self._read(d, flags) for d in has})
        index = 0
        for dimension in finite:
            index = index * dimension.size + dimension.position_of(self._read(dimension, flags))
        return index

    @cached_property
    def _branches(self) -> Branches | None:
        """The branches of a finite space with conditions; None where they are too many."""
        finite = self.finite_dimensions()
        named = {name for one in self.conditions.values() for name in one.names}
        parents = [
            d
            for d in finite
            if d.name in named or (d.name == ROWS and named & set(self.row_names))
        ]
        order = list(self.conditions)
        parents.sort(key=lambda d: order.index(d.name) if d.name in order else -1)
        return Branches.of(finite, parents, self._is_active)

    def _is_active(self, dimension: Dimension, values: Values) -> bool:
        """Return whether a dimension is active, given those that its condition names."""
        condition = self.conditions.get(dimension.name)
        if condition is None:
            return True
        rows = values.get(ROWS)
        flags = dict(zip(self.row_names, rows, strict=True)) if isinstance(rows, tuple) else {}
        fixed = {
            one.name: one.value
            for one in self.dimensions
            if isinstance(one, FixedDimension) and one.name not in self.conditions
        }
        return condition.holds({**fixed, **values, **flags})

    def _has(self, dimension: Dimension, flags: Mapping[str, FlagValue]) -> bool:
        """Return whether flags give a dimension its value."""
        if dimension.name == ROWS:
            return all(name in flags for name in self.row_names)
        return dimension.name in flags

    def _read(self, dimension: Dimension, flags: Mapping[str, FlagValue]) -> FlagValue:
        if dimension.name == ROWS:
            return tuple(flags[name] for name in self.row_names)
        return flags[dimension.name]
