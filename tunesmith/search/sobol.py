"""Quasi-random search along a scrambled Sobol sequence, which covers the space evenly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.believed_points import believed_point
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.random_points import draw, generator_for
from tunesmith.search.sequential import Search, one_by_one
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited, next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Sobol:
    """Proposes the points of one scrambled sequence: trial k gets its k-th point.

    The first trial takes the given initial values. A point that was visited, as happens on small
    finite spaces, is replaced by a random one.

    Reference: Owen (1998), Scrambling Sobol' and Niederreiter-Xing points.
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
        """Return up to ``n`` points of the sequence that no trial has had."""
        sequence = _sequence(len(space.searched), next_number(trials, pending), seed)

        def propose(search: Search, visited: Visited, number: int) -> Candidate | None:
            initial = search.space.initial if number == 1 else {}
            point = believed_point(search.space, next(sequence), initial)
            if point not in visited:
                return Candidate(flags=point, origin="initial" if initial else "sobol")
            return draw(visited, generator_for(seed, number), origin="random")

        return one_by_one(Search(space=space, trials=trials, pending=pending), n, propose)


def sobol_units(n_dimensions: int, number: int, seed: int) -> list[float]:
    """Return the ``number``-th point, counted from 1, of a seed's scrambled sequence."""
    return next(_sequence(n_dimensions, number, seed))


def _sequence(n_dimensions: int, first: int, seed: int) -> Iterator[list[float]]:
    """Yield the sequence from its ``first``-th point on, counted from 1."""
    if n_dimensions == 0:
        while True:
            yield []
    # here, since scipy.stats takes most of a second to import and other optimizers do without
    from scipy.stats import qmc

    scrambling = np.random.default_rng([abs(seed), int(seed < 0)])
    engine = qmc.Sobol(n_dimensions, scramble=True, seed=scrambling)
    if first > 1:  # scipy refuses to skip nothing
        engine.fast_forward(first - 1)
    while True:
        yield engine.random(1)[0].tolist()
