"""Candidates one after the other, each proposed with the earlier ones pending."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tunesmith.flags.values import FlagValue
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited, next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is known when a candidate is to be proposed."""

    space: SearchSpace
    trials: Sequence[Observation]
    pending: Sequence[Mapping[str, FlagValue]]


def one_by_one(
    search: Search, n: int, propose: Callable[[Search, Visited, int], Candidate | None]
) -> list[Candidate]:
    """Return up to ``n`` candidates, fewer where the space has no more.

    Args:
        search: What is known before the first of them.
        n: How many.
        propose: Returns a candidate, given what is known by then, the points not to repeat, and
            the trial's number; None where there is no other point.
    """
    visited = Visited.from_record(search.space, search.trials, search.pending)
    first = next_number(search.trials, search.pending)
    pending = list(search.pending)
    candidates: list[Candidate] = []
    for number in range(first, first + n):
        so_far = Search(space=search.space, trials=search.trials, pending=pending)
        candidate = propose(so_far, visited, number)
        if candidate is None:
            break
        candidates.append(candidate)
        visited.add(candidate.flags)
        pending.append(candidate.flags)
    return candidates
