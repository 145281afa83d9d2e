"""The points of a batch's trials, which are not proposed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunesmith.flags.values import FlagValue
from tunesmith.search.allowed import allowed_points
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace


@dataclass(slots=True, kw_only=True)
class Visited:
    """The points that were evaluated, are running, or have just been proposed.

    Those that ``--where`` does not allow count as visited: they are not proposed either.
    """

    space: SearchSpace
    points: dict[str, Mapping[str, FlagValue]]
    """By the space's key."""

    @classmethod
    def from_record(
        cls,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
    ) -> "Visited":
        """Return the points of the finished and of the pending trials."""
        visited = cls(space=space, points={})
        for flags in (*(trial.flags for trial in trials), *pending):
            visited.add(flags)
        return visited

    def __contains__(self, flags: Mapping[str, FlagValue]) -> bool:
        return self.space.key(flags) in self.points or not self.space.allows(flags)

    @property
    def is_everything(self) -> bool:
        """Whether a finite space is exhausted."""
        if self.space.where is not None:
            listed = allowed_points(self.space).listed
            return listed is not None and self.indices().issuperset(listed)
        size = self.space.size
        return size is not None and len(self.points) >= size == len(self.indices())

    def add(self, flags: Mapping[str, FlagValue]) -> None:
        """Add a point."""
        self.points.setdefault(self.space.key(flags), flags)

    def indices(self) -> set[int]:
        """Return the indices of the visited points in a finite space, without those outside it."""
        indices = (self.space.index_of(flags) for flags in self.points.values())
        return {index for index in indices if index is not None}


def next_number(trials: Sequence[Observation], pending: Sequence[Mapping[str, FlagValue]]) -> int:
    """Return the next trial's number: one more than the batch's own and pending ones."""
    return 1 + len(pending) + sum(trial.number > 0 for trial in trials)
