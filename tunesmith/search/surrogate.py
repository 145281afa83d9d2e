"""Model-based optimizers: a Gaussian process, a forest, boosted trees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.search.believed_points import believed_point
from tunesmith.search.branch_starts import branch_starts
from tunesmith.search.gp.acquisition_config import HEDGE, PER_SECOND, PORTFOLIO, AcquisitionConfig
from tunesmith.search.gp.decades import even_by_decades
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.random_points import draw, generator_for
from tunesmith.search.sequential import Search, one_by_one
from tunesmith.search.sobol import sobol_units
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited

PREVIOUS_TRIALS = ("batch", "sourcecode", "operation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """A model-based optimizer; its fields are the settings of ``-Fo``.

    Raises:
        SpecificationError: A setting is out of range.
    """

    random_starts: int = 3
    """Trials at the start that no model proposes, less the known results of other batches; the
    first takes the given initial values."""
    kappa: float = 1.96
    """How many standard deviations LCB looks below the mean."""
    xi: float = 0.05
    """The improvement that EI and PI ask for, in standard deviations of the costs so far."""
    prev_trials: str = "batch"
    """Which trials count: those of this ``batch``, or also those of other batches with the same
    ``sourcecode`` or ``operation``, as long as they foretell this batch's results."""

    name: ClassVar[str]
    """Its registered name, and the origin of the points that its model proposes."""
    is_sequential: ClassVar[bool] = True
    starts_by_decades: ClassVar[bool] = False
    """Whether every second start point looks at the decades of a linear range: which of the two
    scales is right, nobody knows."""
    is_repeating: ClassVar[bool] = False
    """Whether it may propose a point again, where the results are noisy."""

    def __post_init__(self) -> None:
        if self.random_starts < 0:
            raise SpecificationError(f"random-starts is {self.random_starts}: expected 0 or more")
        for name, value in (("kappa", self.kappa), ("xi", self.xi)):
            if not 0 <= value < float("inf"):
                raise SpecificationError(f"{name} is {value}: expected a number of 0 or more")
        check_previous(self.prev_trials)

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` candidates, start points first, unless enough is known."""

        def propose_one(search: Search, visited: Visited, number: int) -> Candidate | None:
            return _propose_one(self, search, visited, (seed, number))

        search = Search(space=space, trials=trials, pending=pending)
        return one_by_one(with_what_holds(search), n, propose_one)

    def suggest(
        self, search: Search, visited: Visited, generator: np.random.Generator
    ) -> Candidate | None:
        """Return the model's proposal; None where it finds only visited points."""
        # here, since skopt takes a second to import
        from tunesmith.search.tree_surrogate import TreeConfig, suggest

        config = TreeConfig(name=self.name, xi=self.xi)
        return suggest(config, search, visited, generator)


MOST_COSTS = 3
"""With more objectives the hypervolume takes too long: one norm of all of them is improved."""
COSTS = ("none", "seconds")
"""What an improvement may be weighed against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianProcess(Surrogate):
    """Bayesian optimization with Gaussian processes, of several lengthscales (``gp/``)."""

    acq_func: str = "AEI"
    """``AEI`` is expected improvement, augmented for noise, without ``xi``; ``gp_hedge`` draws
    one of the others for each trial."""
    cost: str = "none"
    """``seconds`` to weigh what a trial may gain against the seconds that it is expected to take;
    ``none`` to count trials alone."""
    noise: str | float = "gaussian"
    """``gaussian`` to estimate the noise, or its variance in units of the costs' variance."""

    name: ClassVar[str] = "gp"
    starts_by_decades: ClassVar[bool] = True
    is_repeating: ClassVar[bool] = True
    takes_several_objectives: ClassVar[bool] = True
    takes_constraints: ClassVar[bool] = True
    acquisitions: ClassVar[tuple[str, ...]] = ("AEI", *PORTFOLIO, HEDGE)

    def __post_init__(self) -> None:
        Surrogate.__post_init__(self)
        if self.acq_func not in self.acquisitions:
            raise SpecificationError(
                f"acq-func is {self.acq_func!r}: choose one of {', '.join(self.acquisitions)}"
            )
        if self.cost not in COSTS:
            raise SpecificationError(f"cost is {self.cost!r}: choose one of {', '.join(COSTS)}")
        if self.cost != COSTS[0] and self.acq_func in (HEDGE, "LCB"):
            raise SpecificationError(
                f"cost={self.cost} weighs an improvement, and acq-func {self.acq_func} is none: "
                "choose one of AEI, EI, PI"
            )
        is_number = isinstance(self.noise, int | float) and self.noise >= 0
        if self.noise != "gaussian" and not is_number:
            raise SpecificationError(
                f"noise is {self.noise!r}: write gaussian, or a variance of 0 or more"
            )

    @property
    def acquisition_config(self) -> AcquisitionConfig:
        """The acquisition function and the noise that the settings ask for."""
        return AcquisitionConfig(
            acquisition=self.acq_func,
            kappa=self.kappa,
            xi=self.xi,
            noise=None if isinstance(self.noise, str) else float(self.noise),
            per_second=PER_SECOND if self.cost == "seconds" else 0.0,
        )

    def suggest(
        self, search: Search, visited: Visited, generator: np.random.Generator
    ) -> Candidate | None:
        """Return the model's proposal; None where it finds only visited points."""
        # here, since scipy takes half a second to import
        from tunesmith.search.gp.several import suggest_for_several, tchebycheff
        from tunesmith.search.gp.suggestion import suggest

        n_costs = max((len(one.costs) for one in search.trials), default=0)
        if 1 < n_costs <= MOST_COSTS:
            return suggest_for_several(self.acquisition_config, search, visited, generator)
        if n_costs:
            search = tchebycheff(search, generator)
            found = suggest(self.acquisition_config, search, visited, generator)
            return found and replace(found, prediction=None)  # it is of the norm
        return suggest(self.acquisition_config, search, visited, generator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest(Surrogate):
    """Sequential search with extremely randomized trees, by scikit-optimize."""

    name: ClassVar[str] = "forest"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedTrees(Surrogate):
    """Sequential search with quantiles of gradient-boosted trees, by scikit-optimize."""

    name: ClassVar[str] = "gbrt"


def check_previous(prev_trials: str) -> None:
    """Check the value of ``prev-trials``.

    Raises:
        SpecificationError: It is unknown.
    """
    if prev_trials not in PREVIOUS_TRIALS:
        raise SpecificationError(
            f"prev-trials is {prev_trials!r}: choose one of {', '.join(PREVIOUS_TRIALS)}"
        )


def with_what_holds(search: Search) -> Search:
    """Return the search without results of other batches that do not hold for this one."""
    if all(one.number for one in search.trials):
        return search
    from tunesmith.search.earlier import holding  # scipy takes half a second to import

    return holding(search)


def _propose_one(
    settings: Surrogate,
    search: Search,
    visited: Visited,
    key: tuple[int, int],
) -> Candidate | None:
    """Return one candidate; None where every point has been visited."""
    generator = generator_for(*key)
    number = key[1]
    if visited.is_everything and not settings.is_repeating:
        return None  # a model would rank thousands of points to find none
    has_results = any(trial.cost is not None for trial in search.trials)
    n_starts = settings.random_starts
    if n_starts:
        n_starts = max(n_starts, len(branch_starts(search.space)))
    is_start = search.is_start(number, n_starts)
    if not is_start and has_results and search.space.searched:
        candidate = settings.suggest(search, visited, generator)
        if candidate is not None:
            return candidate
    return _start(settings, search.space, visited, generator, key)


def _start(
    settings: Surrogate,
    space: SearchSpace,
    visited: Visited,
    generator: np.random.Generator,
    key: tuple[int, int],
) -> Candidate | None:
    """Return a start point: the initial values, or else the next point of a Sobol sequence.

    Flags with conditions are first tried in the middle of each branch.
    """
    seed, number = key
    d, middles = len(space.searched), branch_starts(space)
    initial = space.initial if number == 1 else {}
    units = [0.5] * d if number == 1 else sobol_units(d, number - 1, seed)
    if number <= len(middles):
        units = list(middles[number - 1])
    elif settings.starts_by_decades and number % 2 == 0:
        units = even_by_decades(space.searched, units)
    point = believed_point(space, units, initial)
    if point not in visited:
        return Candidate(flags=point, origin="initial" if initial else "random-start")
    return draw(visited, generator, origin="random-start", initial=initial)
