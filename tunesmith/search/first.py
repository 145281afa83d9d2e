"""The points that a batch tries first, since its user named them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tunesmith.flags.values import Flags, FlagValue, point_key
from tunesmith.search.dimension import FixedDimension
from tunesmith.search.optimizer import Candidate
from tunesmith.search.space import ROWS, SearchSpace
from tunesmith.trial import PlannedTrial

FIRST = "first"
"""The origin of their trials."""


def left_to_try(points: Sequence[Flags], planned: Sequence[PlannedTrial]) -> list[Flags]:
    """Return the points that no trial has been planned for, in their order.

    Args:
        points: The points: a value for some of the flags.
        planned: Every planned trial; each that came of a point takes one off.
    """
    left = list(points)
    for one in planned:
        if one.origin == FIRST:
            found = next((p for p in left if is_at(p, one.flags)), None)
            if found is not None:
                left.remove(found)
    return left


def is_at(point: Flags, flags: Flags) -> bool:
    """Return whether a trial has all values of a point, but for flags that are not active."""
    return all(
        point_key(flags[name]) == point_key(value)
        for name, value in point.items()
        if name in flags
    )


def first_candidates(
    points: Sequence[Flags],
    space: SearchSpace,
    propose: Callable[[Sequence[Mapping[str, FlagValue]]], Sequence[Candidate]],
) -> list[Candidate]:
    """Return a candidate for each point; what a point leaves open is proposed.

    Args:
        points: The points.
        space: The search space.
        propose: Returns what the optimizer proposes, one candidate or none, given the flags of the
            candidates before it.
    """
    candidates: list[Candidate] = []
    middle = space.from_units([0.5] * len(space.searched))
    for point in points:
        is_whole = point.keys() >= {*searched_names(space)}
        found = [] if is_whole else propose([one.flags for one in candidates])
        base = found[0].flags if found else middle
        flags = with_values(space, base, point)
        if not space.allows(flags) and not is_whole:
            flags = _allowed_with(point, space, base, n_before=len(candidates))
        candidates.append(Candidate(flags=flags, origin=FIRST))
    return candidates


def with_values(space: SearchSpace, base: Flags, point: Flags) -> dict[str, FlagValue]:
    """Return a point of the space with the values of another, where their flags are active.

    Flags that the base lacks, since they are not active in it, have the middle of their range.
    """
    if not space.conditions:
        return dict(sorted({**base, **point}.items()))
    units = space.to_units(base) or [0.5] * len(space.searched)
    known = [0.5 if unit != unit else unit for unit in units]
    return space.from_units(known, point)


def with_fixed(space: SearchSpace, point: Flags) -> SearchSpace:
    """Return the part of a space in which some flags have the values of a point."""
    dimensions = tuple(
        FixedDimension(name=d.name, value=point[d.name]) if d.name in point else d
        for d in space.dimensions
    )
    return replace(space, dimensions=dimensions)


def _allowed_with(
    point: Flags, space: SearchSpace, base: Mapping[str, FlagValue], *, n_before: int
) -> dict[str, FlagValue]:
    """Return an allowed point with the values of one, near a base where that can be.

    Without any, which is refused before a batch begins, the base with those values.
    """
    import numpy as np  # which few batches need: their points are whole, or all are allowed

    from tunesmith.search.allowed import allowed_points

    part = with_fixed(space, point)
    found, generator = allowed_points(part), np.random.default_rng(n_before)
    whole = {**base, **point}
    if found.is_empty:
        return dict(sorted(whole.items()))
    units = part.to_units(whole)
    return found.draw(generator) if units is None else found.near(units, generator)


def searched_names(space: SearchSpace) -> list[str]:
    """Return the flags whose values differ between points of a space, sorted."""
    names = {one.name for one in space.searched}
    return sorted((names - {ROWS}) | (set(space.row_names) if ROWS in names else set()))
