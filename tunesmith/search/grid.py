"""The grid: every combination of the listed values."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.flags.values import FlagValue
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Proposes the points of a finite space in order; of a part of them, a sample in order.

    Flags are sorted by name, the last varies fastest, lists keep their order. Which points a
    sample holds depends on the seed alone: the first ``n`` of one random order, less those that
    ran. So two proposals of five hold what one of ten holds.
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
        """Return up to ``n`` points that no trial has had.

        Raises:
            SpecificationError: A flag is searched over an interval of floats.
        """
        size = grid_size(space)
        taken = Visited.from_record(space, trials, pending).indices()
        if n >= size - len(taken):
            chosen: list[int] = [index for index in range(size) if index not in taken]
        else:
            chosen = sorted(_take(n, _shuffled(size, seed), taken))
        return [Candidate(flags=space.point_at(index), origin="grid") for index in chosen]


def grid_size(space: SearchSpace) -> int:
    """Return how many distinct points a grid has.

    Raises:
        SpecificationError: A flag is searched over an interval of floats.
    """
    return math.prod(dimension.size for dimension in space.finite_dimensions())


def _take(n: int, order: Iterator[int], taken: set[int]) -> list[int]:
    chosen: list[int] = []
    for index in order:
        if len(chosen) == n:
            break
        if index not in taken:
            chosen.append(index)
    return chosen


def _shuffled(size: int, seed: int) -> Iterator[int]:
    """Yield 0 … size-1 in a random order; memory grows with what is taken, not with the size."""
    generator = random.Random(seed)
    moved: dict[int, int] = {}
    for position in range(size):  # Fisher and Yates, remembering only the places that changed
        other = generator.randrange(position, size)
        yield moved.get(other, other)
        moved[other] = moved.pop(position, position)
