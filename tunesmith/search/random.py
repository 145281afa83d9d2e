"""Random search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.flags.values import FlagValue
from tunesmith.search.draws import draw, generator_for
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited, next_number


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
        visited = Visited.from_record(space, trials, pending)
        first = next_number(trials, pending)
        candidates: list[Candidate] = []
        for number in range(first, first + n):
            initial = space.initial if number == 1 else {}
            generator = generator_for(seed, number)
            candidate = draw(visited, generator, origin="random", initial=initial)
            if candidate is None:
                break
            visited.add(candidate.flags)
            candidates.append(candidate)
        return candidates
