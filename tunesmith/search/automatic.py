"""What ``auto`` stands for: the optimizer that did best in the benchmarks, and why.

docs/benchmarks.md has the figures ("What auto takes"). It is the Gaussian process of every search
so far. A forest was worse in conditional and categorical spaces, and so was TPE with conditions;
CMA-ES after 600 and after 1,000 trials of numbers is far better on one function and far worse on
another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.flags.settings import Setting
from tunesmith.search.listed_dimension import CategoricalDimension
from tunesmith.search.space import SearchSpace

MANY_TRIALS = 600
"""From here on CMA-ES was compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An optimizer, and why it was chosen."""

    name: str
    """The registered name."""
    reason: str
    """What follows its name in a sentence."""


def choose(settings: Mapping[str, Setting], n_trials: int) -> Choice:
    """Return the optimizer that ``auto`` takes.

    Args:
        settings: What each flag of the script is set to.
        n_trials: How many trials the search has.

    Raises:
        SpecificationError: A setting leaves no value.
    """
    space = SearchSpace.from_settings(settings)
    if space.conditions:
        reason = "ahead of forest and optuna:tpe in our benchmarks with conditions"
    elif any(isinstance(one, CategoricalDimension) for one in space.searched):
        reason = "ahead of a forest in our benchmarks with choices"
    elif n_trials >= MANY_TRIALS:
        reason = "on a par with CMA-ES in our benchmarks of many trials; optuna:cmaes may do more"
    else:
        reason = "the best in our benchmarks with numbers"
    return Choice(name="gp", reason=reason)
