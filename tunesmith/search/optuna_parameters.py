"""Points of a search space as Optuna's parameters, and the distributions that these have.

Real dimensions are [0, 1], so that Tunesmith handles their scales and priors; whole numbers stay
as they are, with their scale; equal steps go by their number; categories by their index. So the
samplers know of priors, but not of the probabilities of categories.
"""

from collections.abc import Mapping

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import Dimension, IntegerDimension
from tunesmith.search.interval import Scale
from tunesmith.search.listed_dimension import CategoricalDimension, OrderedDimension
from tunesmith.search.space import SearchSpace
from tunesmith.search.stepped_dimension import SteppedDimension

EXACT = 2**53
"""Up to here floats, with which Optuna computes, represent every whole number."""

Parameters = dict[str, int | float]


def distribution_of(dimension: Dimension) -> BaseDistribution:
    """Return the distribution of a dimension."""
    if isinstance(dimension, CategoricalDimension):
        return CategoricalDistribution(range(dimension.size))
    if isinstance(dimension, IntegerDimension) and _is_exact(dimension):
        is_log = dimension.scale is Scale.LOG
        return IntDistribution(dimension.low, dimension.high, log=is_log)
    if isinstance(dimension, SteppedDimension | OrderedDimension) and dimension.is_even:
        return IntDistribution(0, dimension.size - 1)
    return FloatDistribution(0.0, 1.0)


def parameters_of(space: SearchSpace, flags: Mapping[str, FlagValue]) -> Parameters | None:
    """Return flags as Optuna's parameters; None for a point outside of the space."""
    units = space.to_units(flags)
    if units is None:
        return None
    return {
        dimension.name: _parameter(dimension, unit)
        for dimension, unit in zip(space.searched, units, strict=True)
        if unit == unit  # of a flag that is active
    }


def flags_of(space: SearchSpace, parameters: Mapping[str, int | float]) -> dict[str, FlagValue]:
    """Return a point of Optuna as flags."""
    searched = {d.name: d for d in space.searched}
    return space.complete({n: _value(searched[n], one) for n, one in parameters.items()})


def _parameter(dimension: Dimension, unit: float) -> int | float:
    """Return Optuna's parameter for a coordinate in [0, 1]."""
    value = dimension.from_unit(unit)
    if isinstance(dimension, CategoricalDimension):
        return dimension.position_of(value)
    if isinstance(dimension, IntegerDimension) and _is_exact(dimension):
        return dimension.low + dimension.position_of(value)
    if isinstance(dimension, SteppedDimension | OrderedDimension) and dimension.is_even:
        return dimension.position_of(value)
    return unit


def _value(dimension: Dimension, parameter: int | float) -> FlagValue:
    if isinstance(dimension, CategoricalDimension):
        return dimension.value_at(int(parameter))
    if isinstance(dimension, IntegerDimension) and _is_exact(dimension):
        return int(parameter)
    if isinstance(dimension, SteppedDimension | OrderedDimension) and dimension.is_even:
        return dimension.value_at(int(parameter))
    return dimension.from_unit(float(parameter))


def _is_exact(dimension: IntegerDimension) -> bool:
    return max(abs(dimension.low), abs(dimension.high)) < EXACT
