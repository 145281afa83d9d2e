"""Optuna's samplers as optimizers: TPE, CMA-ES, NSGA-II and its Gaussian process.

Optuna is an optional dependency, and takes half a second to import: what calls it is in
``optuna_study``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.util import find_spec
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.random_points import draw, generator_for
from tunesmith.search.sequential import Search, one_by_one
from tunesmith.search.space import SearchSpace
from tunesmith.search.surrogate import check_previous, with_what_holds
from tunesmith.search.visited import Visited

INSTALL = "pip install 'tunesmith[optuna]'"
NEEDED: Mapping[str, tuple[str, ...]] = {
    "optuna:tpe": ("optuna",),
    "optuna:cmaes": ("optuna", "cmaes"),
    "optuna:gp": ("optuna", "torch"),
    "optuna:nsgaii": ("optuna",),
}
"""The packages that each of the samplers imports."""
LEAST_POPULATION = 2
"""Two parents make a trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """One of Optuna's samplers.

    Raises:
        SpecificationError: A setting is out of range, or a package is not installed.
    """

    random_starts: int = 10
    """Trials at the start that the sampler does not propose; the first takes initial values."""

    name: ClassVar[str]
    """Its registered name, and the origin of the points that it proposes."""
    is_sequential: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_installed(self.name)
        if self.random_starts < 0:
            raise SpecificationError(f"random-starts is {self.random_starts}: expected 0 or more")

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` candidates, random ones as long as random starts are left."""

        def propose_one(search: Search, visited: Visited, number: int) -> Candidate | None:
            key = (seed, number)
            is_start = search.is_start(number, self.random_starts)
            candidate = None if is_start else _ask(self, search, visited, key)
            if candidate is not None:
                return candidate
            initial = search.space.initial if number == 1 else {}
            return draw(visited, generator_for(*key), origin="random-start", initial=initial)

        search = Search(space=space, trials=trials, pending=pending)
        return one_by_one(with_what_holds(search), n, propose_one)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionStrategy(Sampler):
    """CMA-ES, by Optuna: for hundreds of trials of numbers; categories are drawn at random."""

    random_starts: int = 1
    """Trials at the start that the sampler does not propose; the first takes initial values."""

    name: ClassVar[str] = "optuna:cmaes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Genetic(Sampler):
    """NSGA-II, by Optuna: crosses what is on the front of several objectives, over many trials."""

    population: int = 50
    """Completed trials of a generation; those of the first are random."""

    name: ClassVar[str] = "optuna:nsgaii"
    takes_several_objectives: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Sampler.__post_init__(self)
        if self.population < LEAST_POPULATION:
            raise SpecificationError(
                f"population is {self.population}: expected {LEAST_POPULATION} or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSampler(Sampler):
    """A sampler that can also learn from the trials of other batches."""

    prev_trials: str = "batch"
    """Which trials count: those of this ``batch``, or also those of other batches with the same
    ``sourcecode`` or ``operation``."""

    def __post_init__(self) -> None:
        Sampler.__post_init__(self)
        check_previous(self.prev_trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeParzen(RecordSampler):
    """Tree-structured Parzen estimator, by Optuna: quick, for many trials and categories."""

    name: ClassVar[str] = "optuna:tpe"
    takes_several_objectives: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchGaussianProcess(RecordSampler):
    """Optuna's own Gaussian process, which needs PyTorch."""

    name: ClassVar[str] = "optuna:gp"


def check_installed(name: str) -> None:
    """Check that the packages of a sampler are installed, without importing them.

    Raises:
        SpecificationError: One is missing.
    """
    check_packages(f"optimizer {name}", NEEDED[name])


def check_packages(what: str, packages: Iterable[str]) -> None:
    """Check that packages are installed, without importing them.

    Args:
        what: What needs them, as ``optimizer optuna:tpe``.
        packages: Their names.

    Raises:
        SpecificationError: One is missing.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        more = " torch" if "torch" in missing else ""
        raise SpecificationError(
            f"{what} needs {' and '.join(missing)}, not installed for this Python: {INSTALL}{more}"
        )


def _ask(
    sampler: Sampler, search: Search, visited: Visited, key: tuple[int, int]
) -> Candidate | None:
    """Return Optuna's proposal; None without any result, or where it finds only visited points."""
    has_results = any(trial.cost is not None for trial in search.trials)
    if not has_results or not search.space.searched:
        return None
    from tunesmith.search.optuna_study import suggest  # Optuna takes half a second to import

    read = ((one.name, getattr(sampler, one.name)) for one in fields(sampler))
    settings = {name: value for name, value in read if isinstance(value, int)}
    flags = suggest(sampler.name, settings, search, visited, key)
    return None if flags is None else Candidate(flags=flags, origin=sampler.name)
