"""The grid: every combination of the listed values."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from tunesmith.flags.values import FlagValue
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.space import SearchSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Proposes the points of a finite space in order; of a part of them, a sample in order.

    Flags are sorted by name, the last varies fastest, lists keep their order. Where a list is
    repeated, so is the whole grid. Which points a sample holds depends on the seed alone: the
    first ``n`` of one random order, less those that ran. So two proposals of five hold what one of
    ten holds.
    """

    is_sequential: ClassVar[bool] = False

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` points that no trial has had, or fewer trials than are asked for.

        Raises:
            SpecificationError: A flag is searched over an interval of floats.
        """
        n_points = space.n_points
        size = n_points * space.n_repeats
        ran = _counted(space, (*(trial.flags for trial in trials), *pending))
        order = range(size) if n >= _n_left(space, ran) else _shuffled(size, seed)
        allowed = (place for place in order if _is_allowed(space, place % n_points))
        chosen = sorted(islice(_without(allowed, ran, n_points), n))
        return [
            Candidate(flags=space.point_at(place % n_points), origin="grid") for place in chosen
        ]


def grid_size(space: SearchSpace) -> int:
    """Return how many trials a grid has: one for each allowed point, more of repeated lists.

    Raises:
        SpecificationError: A flag is searched over an interval of floats.
    """
    n_points = space.n_points
    if space.where is not None:
        n_points = sum(_is_allowed(space, index) for index in range(n_points))
    return space.n_repeats * n_points


def n_left(space: SearchSpace, ran: Iterable[Mapping[str, FlagValue]]) -> int:
    """Return how many more trials a grid has.

    Args:
        space: The search space.
        ran: The flags of the trials that it had; those of other points count for nothing.

    Raises:
        SpecificationError: A flag is searched over an interval of floats.
    """
    return _n_left(space, _counted(space, ran))


def _counted(space: SearchSpace, ran: Iterable[Mapping[str, FlagValue]]) -> "Counter[int | None]":
    """Return how many trials each point of the grid has had."""
    counted = Counter(space.index_of(flags) for flags in ran if space.allows(flags))
    del counted[None]
    return counted


def _is_allowed(space: SearchSpace, index: int) -> bool:
    return space.where is None or space.allows(space.point_at(index))


def _n_left(space: SearchSpace, ran: "Counter[int | None]") -> int:
    return grid_size(space) - sum(min(n_ran, space.n_repeats) for n_ran in ran.values())


def _without(order: Iterable[int], ran: Mapping[int | None, int], n_points: int) -> Iterator[int]:
    """Yield the places of an order, without one for each trial that its point has had.

    Args:
        order: Places in the grid and its repetitions.
        ran: How many trials the points have had.
        n_points: How many points the grid has, after which it is repeated.
    """
    left = dict(ran)
    for place in order:
        point = place % n_points
        if left.get(point, 0) > 0:
            left[point] -= 1
        else:
            yield place


def _shuffled(size: int, seed: int) -> Iterator[int]:
    """Yield 0 … size-1 in a random order; memory grows with what is taken, not with the size."""
    generator = random.Random(seed)
    moved: dict[int, int] = {}
    for position in range(size):  # Fisher and Yates, remembering only the places that changed
        other = generator.randrange(position, size)
        yield moved.get(other, other)
        moved[other] = moved.pop(position, position)
