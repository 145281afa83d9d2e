"""Beliefs as densities over the coordinates of a search space.

Of numbers, and of lists with an order, a normal distribution on their scale, within the range,
but for a small share that is uniform; of other lists a share for the value that is believed in,
and the same one for each of the others.
"""

from collections.abc import Mapping, Sequence

from tunesmith.flags.belief import Belief
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.search.dimension import Dimension
from tunesmith.search.listed_dimension import CategoricalDimension

UNIFORM = 0.05
"""The share of a belief in a number that is uniform over the range: a belief that is wrong and
narrow would exclude the rest for hundreds of trials."""


def beliefs_of(settings: Mapping[str, Setting]) -> dict[str, Belief]:
    """Return the beliefs among settings, by flag."""
    return {
        name: one.belief
        for name, one in settings.items()
        if isinstance(one, Choices | Distribution) and one.belief is not None
    }


def believed_units(
    dimensions: Sequence[Dimension], beliefs: Mapping[str, Belief], units: Sequence[float]
) -> list[float]:
    """Return uniform coordinates as coordinates that are as likely as is believed.

    Args:
        dimensions: The searched dimensions.
        beliefs: By flag.
        units: A number in [0, 1] for each dimension; what is not one stays as it is.
    """
    return [
        believed_unit(dimension, beliefs[dimension.name], unit)
        if dimension.name in beliefs and 0 <= unit <= 1
        else unit
        for dimension, unit in zip(dimensions, units, strict=True)
    ]


def believed_unit(dimension: Dimension, belief: Belief, unit: float) -> float:
    """Return the coordinate of a uniform number, drawn as is believed."""
    if isinstance(dimension, CategoricalDimension):
        return _category_at(dimension, belief, unit)
    from statistics import NormalDist  # decimal and fractions come with it

    if unit < UNIFORM:
        return unit / UNIFORM
    unit = (unit - UNIFORM) / (1 - UNIFORM)
    normal = NormalDist(dimension.to_unit(belief.value), belief.width / 2)
    low, high = normal.cdf(0.0), normal.cdf(1.0)
    share = min(1 - 2**-53, max(2**-53, low + unit * (high - low)))
    return min(1.0, max(0.0, normal.inv_cdf(share)))


def _category_at(dimension: CategoricalDimension, belief: Belief, unit: float) -> float:
    total = 0.0
    for position, weight in enumerate(category_weights(dimension, belief)):
        total += weight
        if unit < total:
            return dimension.middle_of(position)
    return dimension.middle_of(dimension.size - 1)


def category_weights(dimension: CategoricalDimension, belief: Belief) -> list[float]:
    """Return the share of each value, with the sum 1; one alone has all of it."""
    believed = dimension.position_of(belief.value)
    others = belief.width / max(1, dimension.size - 1)
    own = 1.0 - (belief.width if dimension.size > 1 else 0.0)
    least = 1e-6  # with the width 1 nothing would be left
    return [max(own, least) if k == believed else others for k in range(dimension.size)]
