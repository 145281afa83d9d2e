"""The branches of a finite space with conditional flags, so that its points can be counted.

The flags that conditions name are the parents. Each combination of their values is a branch: in
it, the other flags that are active are combined as in a grid.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from tunesmith.flags.values import FlagValue, point_key
from tunesmith.search.dimension import FiniteDimension

MAX_BRANCHES = 20_000
"""A space with more is not counted: its points are drawn, and a grid of it is refused."""

Values = Mapping[str, FlagValue]
"""The values of dimensions, by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """The combinations of the parents' values, in order; the last parent varies fastest."""

    parents: tuple[FiniteDimension, ...]
    values: tuple[Values, ...]
    """Of the parents that are active, one mapping for each branch."""
    others: tuple[tuple[FiniteDimension, ...], ...]
    """The other dimensions that are active, for each branch."""
    ends: tuple[int, ...] = field(default=())
    """The index of the first point behind each branch."""
    places: Mapping[str, int] = field(default_factory=dict)
    """The place of each branch, by the key of its values."""

    @classmethod
    def of(
        cls,
        dimensions: Sequence[FiniteDimension],
        parents: Sequence[FiniteDimension],
        is_active: Callable[[FiniteDimension, Values], bool],
    ) -> "Branches | None":
        """Return the branches of a space; None where they are too many.

        Args:
            dimensions: All dimensions, in the order in which the last varies fastest.
            parents: Those that conditions name, each behind those that it depends on itself.
            is_active: Whether a dimension is active, given the values of the parents before it.
        """
        if math.prod(one.size for one in parents) > MAX_BRANCHES:
            return None
        leaves = [one for one in dimensions if one not in parents]
        values = tuple(_combinations(parents, {}, is_active))
        others = tuple(
            tuple(leaf for leaf in leaves if is_active(leaf, branch)) for branch in values
        )
        sizes = (math.prod(leaf.size for leaf in active) for active in others)
        branches = cls(parents=tuple(parents), values=values, others=others)
        return cls(
            parents=branches.parents,
            values=values,
            others=others,
            ends=tuple(accumulate(sizes)),
            places={branches._key(branch): place for place, branch in enumerate(values)},
        )

    @property
    def size(self) -> int:
        """How many points there are."""
        return self.ends[-1] if self.ends else 0

    def values_at(self, index: int) -> dict[str, FlagValue]:
        """Return the values of the active dimensions of a point, by its index."""
        place = bisect_right(self.ends, index)
        index -= self.ends[place - 1] if place else 0
        values = dict(self.values[place])
        for dimension in reversed(self.others[place]):
            index, position = divmod(index, dimension.size)
            values[dimension.name] = dimension.value_at(position)
        return values

    def index_of(self, values: Values) -> int:
        """Return the index of a point by the values of its active dimensions."""
        place = self.places[self._key(values)]
        index = 0
        for dimension in self.others[place]:
            position = dimension.position_of(values[dimension.name])
            index = index * dimension.size + position
        return index + (self.ends[place - 1] if place else 0)

    def _key(self, values: Values) -> str:
        return ";".join(
            point_key(values[one.name]) if one.name in values else "-" for one in self.parents
        )


def _combinations(
    parents: Sequence[FiniteDimension],
    values: Values,
    is_active: Callable[[FiniteDimension, Values], bool],
) -> Iterator[Values]:
    if not parents:
        yield values
        return
    first, *rest = parents
    if not is_active(first, values):
        yield from _combinations(rest, values, is_active)
        return
    for position in range(first.size):
        chosen = {**values, first.name: first.value_at(position)}
        yield from _combinations(rest, chosen, is_active)
