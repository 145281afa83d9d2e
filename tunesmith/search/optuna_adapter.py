"""Optuna's samplers as optimizers: TPE, CMA-ES and its Gaussian process.

Optuna is an extra of the package, and takes half a second to import: what it is asked is in
``optuna_study``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.search.draws import draw, generator_for
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.space import SearchSpace
from tunesmith.search.surrogate import PREVIOUS_TRIALS
from tunesmith.search.turns import Search, one_by_one
from tunesmith.search.visited import Visited

INSTALL = "pip install 'tunesmith[optuna]'"
NEEDED: Mapping[str, tuple[str, ...]] = {
    "optuna:tpe": ("optuna",),
    "optuna:cmaes": ("optuna", "cmaes"),
    "optuna:gp": ("optuna", "torch"),
}
"""The packages that each of the samplers imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeParzen:
    """Tree-structured Parzen estimator, by Optuna: quick, for many trials and categories.

    Raises:
        SpecificationError: A setting is out of range, or Optuna is not installed.
    """

    random_starts: int = 10
    """Trials at the start that the sampler does not propose; the first takes initial values."""
    prev_trials: str = "batch"
    """Whose results count: this batch's, or those of the same source code or operation too."""

    is_sequential: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_installed("optuna:tpe")
        _check_starts(self.random_starts)
        _check_previous(self.prev_trials)

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` candidates, random ones as long as random starts are left."""
        search = Search(space=space, trials=trials, pending=pending)
        return _propose("optuna:tpe", self.random_starts, search, n, seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionStrategy:
    """CMA-ES, by Optuna: for hundreds of trials of number flags. Categories are drawn at random.

    Raises:
        SpecificationError: A setting is out of range, or a package is not installed.
    """

    random_starts: int = 1
    """Trials at the start that the sampler does not propose; the first takes initial values."""

    is_sequential: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_installed("optuna:cmaes")
        _check_starts(self.random_starts)

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` candidates, random ones as long as random starts are left."""
        search = Search(space=space, trials=trials, pending=pending)
        return _propose("optuna:cmaes", self.random_starts, search, n, seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchGaussianProcess:
    """Optuna's own Gaussian process, which needs PyTorch.

    Raises:
        SpecificationError: A setting is out of range, or a package is not installed.
    """

    random_starts: int = 10
    """Trials at the start that the sampler does not propose; the first takes initial values."""
    prev_trials: str = "batch"
    """Whose results count: this batch's, or those of the same source code or operation too."""

    is_sequential: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_installed("optuna:gp")
        _check_starts(self.random_starts)
        _check_previous(self.prev_trials)

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` candidates, random ones as long as random starts are left."""
        search = Search(space=space, trials=trials, pending=pending)
        return _propose("optuna:gp", self.random_starts, search, n, seed)


def check_installed(name: str) -> None:
    """Look whether the packages of a sampler are there, without importing them.

    Raises:
        SpecificationError: One is missing.
    """
    missing = [package for package in NEEDED[name] if find_spec(package) is None]
    if missing:
        more = " torch" if "torch" in missing else ""
        raise SpecificationError(
            f"optimizer {name} needs {' and '.join(missing)}, which this Python does not have: "
            f"{INSTALL}{more}"
        )


def _check_starts(random_starts: int) -> None:
    if random_starts < 0:
        raise SpecificationError(f"random-starts is {random_starts}: expected 0 or more")


def _check_previous(prev_trials: str) -> None:
    if prev_trials not in PREVIOUS_TRIALS:
        raise SpecificationError(
            f"prev-trials is {prev_trials!r}: choose one of {', '.join(PREVIOUS_TRIALS)}"
        )


def _propose(name: str, random_starts: int, search: Search, n: int, seed: int) -> list[Candidate]:
    def propose(so_far: Search, visited: Visited, number: int) -> Candidate | None:
        key = (seed, number)
        asked = number > random_starts
        candidate = _ask(name, random_starts, so_far, visited, key) if asked else None
        if candidate is not None:
            return candidate
        initial = so_far.space.initial if number == 1 else {}
        return draw(visited, generator_for(*key), origin="random-start", initial=initial)

    return one_by_one(search, n, propose)


def _ask(
    name: str, random_starts: int, search: Search, visited: Visited, key: tuple[int, int]
) -> Candidate | None:
    """Return what Optuna proposes; None where it knows no result, or only visited points."""
    has_results = any(trial.cost is not None for trial in search.trials)
    if not has_results or not search.space.searched:
        return None
    from tunesmith.search.optuna_study import suggest  # Optuna takes half a second to import

    flags = suggest(name, random_starts, search, visited, key)
    return None if flags is None else Candidate(flags=flags, origin=name)
