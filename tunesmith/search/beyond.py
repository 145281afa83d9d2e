"""Where points lie that are beyond the ends of ranges, as those of a range that was narrowed."""

import math
from collections.abc import Mapping

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import Dimension, IntegerDimension, RealDimension
from tunesmith.search.interval import Interval, Scale
from tunesmith.search.space import SearchSpace

MOST = 1.0
"""How far beyond an end a point may lie, in lengths of the range: what is farther away tells
little of the range, and would make a model see everything within it as near. Of half,
one and three lengths this was the best on the whole (docs/benchmarks.md)."""


def units_beyond(space: SearchSpace, flags: Mapping[str, FlagValue]) -> list[float] | None:
    """Return a point's coordinates, below 0 or above 1 where it lies beyond the end of a range.

    None where something else of it is not in the space: a choice, a fixed value, a flag with a
    prior; or where it lies too far away.
    """
    nearest, outside = dict(flags), dict[int, float]()
    for place, dimension in enumerate(space.searched):
        value = flags.get(dimension.name)
        if value is None or dimension.contains(value):
            continue
        unit = _unit(dimension, value)
        if unit is None or not -MOST <= unit <= 1.0 + MOST:
            return None
        outside[place] = unit
        nearest[dimension.name] = dimension.from_unit(unit)
    units = space.to_units(nearest)
    if units is None:
        return None
    return [outside.get(place, unit) if unit == unit else unit for place, unit in enumerate(units)]


def _unit(dimension: Dimension, value: FlagValue) -> float | None:
    """Return the coordinate of a number; None where the dimension has none for it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if isinstance(dimension, RealDimension) and dimension.prior is None:
        low, high = dimension.low, dimension.high
    elif isinstance(dimension, IntegerDimension) and value == int(value):
        low, high = dimension.low - 0.5, dimension.high + 0.5
    else:
        return None
    if dimension.scale is Scale.LOG and value <= 0:
        return None
    return Interval(low=low, high=high, scale=dimension.scale).place(value)
