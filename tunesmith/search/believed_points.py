"""Points of uniform numbers, drawn as is believed."""

from collections.abc import Mapping, Sequence

from tunesmith.flags.values import FlagValue
from tunesmith.search.beliefs import believed_units
from tunesmith.search.space import SearchSpace


def believed_point(
    space: SearchSpace, units: Sequence[float], given: Mapping[str, FlagValue] | None = None
) -> dict[str, FlagValue]:
    """Return the point of a space that uniform numbers mean; see ``SearchSpace.from_units``."""
    if space.beliefs:
        units = believed_units(space.searched, space.beliefs, units)
    return space.from_units(units, given)
