"""The parts of a search space: what the settings of flags and the rows of batch files span."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import product

from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import (
    Dimension,
    FixedDimension,
    IntegerDimension,
    RealDimension,
    distinct_values,
)
from tunesmith.search.stepped_dimension import SteppedDimension


def settled(
    dimensions: Sequence[Dimension],
    conditions: Mapping[str, Condition],
    row_names: Collection[str],
) -> tuple[list[Dimension], dict[str, Condition]]:
    """Return the dimensions that may be active, and the conditions that points decide.

    What flags of one value decide is decided.

    Args:
        dimensions: Of all flags.
        conditions: When flags are active, each behind those that it depends on.
        row_names: The flags that rows set, which decide nothing before a point is known.
    """
    by_name = {one.name: one for one in dimensions}
    fixed = {one.name: one.value for one in dimensions if isinstance(one, FixedDimension)}
    fixed = {name: value for name, value in fixed.items() if name not in conditions}
    left: dict[str, Condition] = {}
    for name, condition in conditions.items():
        if name not in by_name:
            continue  # rows give its values
        varied = (by_name.keys() | set(row_names)) - fixed.keys()
        if condition.names & varied:
            left[name] = condition
        elif not condition.holds(fixed):
            del by_name[name]
        elif isinstance(one := by_name[name], FixedDimension):
            fixed[name] = one.value
    return list(by_name.values()), left


def row_values(
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


def n_repeats_of(settings: Mapping[str, Setting]) -> int:
    """Return how often a grid of some settings has each point."""
    return math.prod(one.n_repeats for one in settings.values() if isinstance(one, Choices))


def initial_values(
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
