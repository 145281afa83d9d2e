"""``auto``: the optimizer for whoever only says that there is something to search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import CategoricalDimension
from tunesmith.search.optimizer import Candidate, Observation, Optimizer
from tunesmith.search.sobol import Sobol
from tunesmith.search.space import SearchSpace
from tunesmith.search.surrogate import Forest, GaussianProcess, SurrogateSettings

MAX_GP_DIMENSIONS = 20
"""Searched flags up to which the Gaussian process is taken; benchmarks/search is to decide."""
MAX_GP_TRIALS = 400
"""Trials up to which it is taken whatever the flags are; benchmarks/search is to decide."""
MAX_MODEL_TRIALS = 1_000
"""Trials up to which it is taken for lack of something better; benchmarks/search is to decide."""
MOSTLY_CATEGORIES = 0.5
"""The share of categories above which a forest takes over; benchmarks/search is to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auto:
    """Asks the optimizer that suits the space and the number of trials.

    The candidates have that optimizer's origin.

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
        chosen = self._optimizer(choose(space, len(trials)))
        return chosen.propose(space, trials, pending, n, seed)

    def _optimizer(self, name: str) -> Optimizer:
        if name == "sobol":
            return Sobol()
        model = Forest if name == "forest" else GaussianProcess
        return model(random_starts=self.random_starts, prev_trials=self.prev_trials)


def choose(space: SearchSpace, n_trials: int) -> str:
    """Return the name of the optimizer that is to propose the next trial.

    Args:
        space: What is searched.
        n_trials: How many trials are recorded.
    """
    searched = space.searched
    if len(searched) <= MAX_GP_DIMENSIONS and n_trials <= MAX_GP_TRIALS:
        return "gp"
    n_categorical = sum(isinstance(one, CategoricalDimension) for one in searched)
    if n_categorical > MOSTLY_CATEGORIES * len(searched):
        return "forest"
    return "gp" if n_trials < MAX_MODEL_TRIALS else "sobol"
