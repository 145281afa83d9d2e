"""Random points that are not visited yet."""

from collections.abc import Mapping

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.allowed import allowed_points
from tunesmith.search.believed_points import believed_point
from tunesmith.search.optimizer import Candidate
from tunesmith.search.visited import Visited

MAX_DRAWS = 100
"""Random points that are tried before one of the remaining points is chosen: rejection is cheap
as long as few points are visited."""


MAX_ANEW = 3
"""How often allowed points are looked for once more, where all that are known are visited."""


def generator_for(seed: int, number: int) -> np.random.Generator:
    """Return the random generator of one trial, independent of all other trials'."""
    return np.random.default_rng([abs(seed), int(seed < 0), number])


def draw(
    visited: Visited,
    generator: np.random.Generator,
    *,
    origin: str,
    initial: Mapping[str, FlagValue] | None = None,
) -> Candidate | None:
    """Return a random point that is not visited; None where there is none left.

    Args:
        visited: The points not to repeat.
        generator: Draws one number for each searched dimension and attempt.
        origin: The candidate's origin, unless it takes the initial values.
        initial: Values to keep, by default none. They are dropped where every attempt with them
            is visited.
    """
    if initial:
        point = _draw_unvisited(visited, generator, initial)
        if point is not None:
            return Candidate(flags=point, origin="initial")
    point = _draw_unvisited(visited, generator, {})
    if point is None:
        point = _draw_remaining(visited, generator)
    return None if point is None else Candidate(flags=point, origin=origin)


def _draw_unvisited(
    visited: Visited, generator: np.random.Generator, kept: Mapping[str, FlagValue]
) -> dict[str, FlagValue] | None:
    space = visited.space
    for _ in range(MAX_DRAWS):
        point = believed_point(space, generator.random(len(space.searched)).tolist(), kept)
        if point not in visited:
            return point
    return None


def _draw_remaining(
    visited: Visited, generator: np.random.Generator
) -> dict[str, FlagValue] | None:
    """Return one of the remaining points of a finite space, each with the same probability."""
    space = visited.space
    if space.where is not None:
        return _draw_allowed(visited, generator)
    if space.size is None:
        return None
    taken = sorted(visited.indices())
    n_left = space.size - len(taken)
    if n_left == 0:
        return None
    index = _below(n_left, generator)
    for place in taken:  # the index counts remaining points: skip the visited ones
        index += place <= index
    return space.point_at(index)


def _draw_allowed(visited: Visited, generator: np.random.Generator) -> dict[str, FlagValue] | None:
    """Return a remaining point of those that are known to be allowed."""
    points = allowed_points(visited.space)
    if points.listed is not None:
        taken = visited.indices()
        left = [index for index in points.listed if index not in taken]
        return visited.space.point_at(left[_below(len(left), generator)]) if left else None
    for _ in range(MAX_DRAWS if points.units else 0):
        point = points.draw(generator)
        if point not in visited:
            return point
    for _ in range(MAX_ANEW):
        for point in points.anew(generator):
            if point not in visited:
                return point
    return None


def _below(n: int, generator: np.random.Generator) -> int:
    """Return a whole number from 0 to n-1, of any size."""
    n_words = n.bit_length() // 32 + 2  # 32 more bits than needed: the bias is negligible
    words = generator.integers(2**32, size=n_words).tolist()
    drawn = sum(word << (32 * place) for place, word in enumerate(words))
    return int(drawn % n)
