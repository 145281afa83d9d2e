"""Sequential proposals: each candidate is proposed with the earlier ones pending."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tunesmith.flags.values import FlagValue
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited, next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a candidate is proposed from: the space, its trials, and the pending points."""

    space: SearchSpace
    trials: Sequence[Observation]
    pending: Sequence[Mapping[str, FlagValue]]
    n_misled: int = 0
    """The first own trials, which went where results of other batches led that do not hold."""

    def is_start(self, number: int, random_starts: int) -> bool:
        """Return whether a trial is one of the random starts.

        Results of other batches take their place, but not that of given initial values. Once
        it is known that none of them hold, the random starts are made up for.

        Args:
            number: The trial's number.
            random_starts: How many there are where nothing is known.
        """
        random_starts += self.n_misled
        if number > random_starts:
            return False
        known = (one.flags for one in self.trials if one.number == 0 and one.cost is not None)
        n_known = sum(map(self.space.contains, known))
        return number <= random_starts - n_known or (number == 1 and bool(self.space.initial))


def one_by_one(
    search: Search, n: int, propose: Callable[[Search, Visited, int], Candidate | None]
) -> list[Candidate]:
    """Return up to ``n`` candidates; fewer where the space is exhausted.

    Args:
        search: The state before the first of them.
        n: The number of candidates.
        propose: Returns a candidate, given the state with the earlier candidates pending, the
            points not to repeat, and the trial's number; None where the space is exhausted.
    """
    visited = Visited.from_record(search.space, search.trials, search.pending)
    first = next_number(search.trials, search.pending)
    pending = list(search.pending)
    candidates: list[Candidate] = []
    for number in range(first, first + n):
        so_far = replace(search, pending=list(pending))
        candidate = propose(so_far, visited, number)
        if candidate is None:
            break
        candidates.append(candidate)
        visited.add(candidate.flags)
        pending.append(candidate.flags)
    return candidates
