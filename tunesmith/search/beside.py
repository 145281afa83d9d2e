"""The allowed point beside one that an optimizer would take, and ``--where`` does not allow."""

from collections.abc import Mapping

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.allowed import allowed_points
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited


def beside(
    space: SearchSpace,
    flags: Mapping[str, FlagValue],
    generator: np.random.Generator,
    visited: Visited,
) -> dict[str, FlagValue] | None:
    """Return an allowed point near one that is not; None where every point is, or none is left.

    Args:
        space: The space.
        flags: The point.
        generator: Draws the allowed points that are looked at.
        visited: The points that are not to be repeated.
    """
    if space.allows(flags) or allowed_points(space).is_empty:
        return None
    units = space.to_units(flags)
    found = None if units is None else allowed_points(space).near(units, generator)
    return None if found is None or found in visited else found
