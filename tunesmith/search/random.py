"""Random search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.flags.values import FlagValue
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.random_points import draw, generator_for
from tunesmith.search.sequential import Search, one_by_one
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited


@dataclass(frozen=True, slots=True, kw_only=True)
class Random:
    """Proposes random points: uniform on each dimension's own scale.

    The first trial takes the given initial values. In a finite space of which little is left,
    each remaining point is as likely.
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
        """Return up to ``n`` random points that no trial has had."""

        def propose(search: Search, visited: Visited, number: int) -> Candidate | None:
            initial = search.space.initial if number == 1 else {}
            return draw(visited, generator_for(seed, number), origin="random", initial=initial)

        return one_by_one(Search(space=space, trials=trials, pending=pending), n, propose)
