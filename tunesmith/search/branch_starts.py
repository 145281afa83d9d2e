"""Where a search of flags with conditions starts: once in the middle of each of its branches.

A model knows nothing of a branch that no trial has entered, and would look at its corners first,
where it is least sure; the middle tells the most of it.
"""

from collections.abc import Sequence
from functools import lru_cache

from tunesmith.search.sobol import sobol_units
from tunesmith.search.space import SearchSpace

MAX_STARTS = 4
"""Of more branches, those that the most combinations of the deciding flags lead to."""
N_LOOKS = 64
"""Combinations of the deciding flags that are looked at."""
MIDDLE = 0.5


def branch_starts(space: SearchSpace) -> Sequence[Sequence[float]]:
    """Return coordinates of a point in each branch, that of the whole space's middle first.

    A branch is a set of flags that are active together. Without conditions there are none.
    """
    if not space.conditions:
        return ()
    named = {name for one in space.conditions.values() for name in one.names}
    deciding = [place for place, one in enumerate(space.searched) if one.name in named]
    starts: dict[frozenset[str], list[float]] = {}
    n_seen: dict[frozenset[str], int] = {}
    for units in ([MIDDLE] * len(deciding), *_looks(len(deciding))):
        whole = [MIDDLE] * len(space.searched)
        for place, unit in zip(deciding, units, strict=True):
            whole[place] = unit
        active = frozenset(space.from_units(whole))
        starts.setdefault(active, whole)
        n_seen[active] = n_seen.get(active, 0) + 1
    first, *others = starts
    others.sort(key=lambda active: -n_seen[active])  # stable: the earlier of two as frequent
    return [starts[active] for active in (first, *others)][:MAX_STARTS]


@lru_cache(maxsize=8)
def _looks(n_dimensions: int) -> Sequence[Sequence[float]]:
    return [sobol_units(n_dimensions, number, 0) for number in range(1, N_LOOKS + 1)]
