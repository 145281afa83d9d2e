"""``auto``: the optimizer for whoever only says that there is something to search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.flags.values import FlagValue
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.space import SearchSpace
from tunesmith.search.surrogate import GaussianProcess, SurrogateSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Auto:
    """Asks the optimizer that was measured to be the best one: the Gaussian process.

    It was so (docs/benchmarks.md) with one flag and with fifty, with numbers, whole numbers and
    nothing but categories, from 20 trials to some hundreds, and what a proposal costs stops
    growing at a thousand. The candidates have that optimizer's origin.

    Raises:
        SpecificationError: A setting is out of range.
    """

    random_starts: int = 3
    """Trials at the start that no model proposes; the first takes the given initial values."""
    prev_trials: str = "batch"
    """Whose results count: this batch's, or those of the same source code or operation too."""

    is_sequential: ClassVar[bool] = True

    def __post_init__(self) -> None:
        SurrogateSettings(random_starts=self.random_starts, prev_trials=self.prev_trials)

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` candidates of the optimizer that the record calls for."""
        chosen = GaussianProcess(random_starts=self.random_starts, prev_trials=self.prev_trials)
        return chosen.propose(space, trials, pending, n, seed)
