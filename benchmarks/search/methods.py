"""The methods that are compared: our optimizers by their names, and the peers."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Protocol

from bayesian_peers import AxTuner, HeboTuner
from peers import HyperoptTuner, OptunaTuner, SkoptTuner, SmacTuner

from tunesmith.errors import SpecificationError
from tunesmith.flags.values import Flags
from tunesmith.search.optimizer import Observation, Optimizer
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace


class Tuner(Protocol):
    """One search by one method.

    Promises of every implementation: the same space, seed and calls give the same points. Trials
    are numbered from 1 as they are asked. Asking again before a tell is allowed.
    """

    def ask(self, n: int) -> list[Flags]:
        """Return up to ``n`` points to run at once; fewer where the space is exhausted."""
        ...

    def tell(self, costs: Mapping[int, float | None]) -> None:
        """Take what trials cost, by number; None for one that failed."""
        ...


class OurTuner:
    """One of our optimizers, which remembers nothing itself."""

    def __init__(self, optimizer: Optimizer, space: SearchSpace, seed: int) -> None:
        self._optimizer, self._space, self._seed = optimizer, space, seed
        self._asked: list[Flags] = []
        self._trials: dict[int, Observation] = {}

    def ask(self, n: int) -> list[Flags]:
        trials = [self._trials[number] for number in sorted(self._trials)]
        pending = [f for i, f in enumerate(self._asked, 1) if i not in self._trials]
        found = self._optimizer.propose(self._space, trials, pending, n, self._seed)
        points: list[Flags] = [candidate.flags for candidate in found]
        self._asked += points
        return points

    def tell(self, costs: Mapping[int, float | None]) -> None:
        for number, cost in costs.items():
            flags = self._asked[number - 1]
            self._trials[number] = Observation(number=number, flags=flags, cost=cost)


def _optuna(name: str) -> Callable[[SearchSpace, int], Tuner]:
    return lambda space, seed: OptunaTuner(name, space, seed)


PEERS: dict[str, Callable[[SearchSpace, int], Tuner]] = {
    "optuna-tpe": _optuna("tpe"),
    "optuna-cmaes": _optuna("cmaes"),
    "optuna-gp": _optuna("gp"),
    "optuna-auto": _optuna("auto"),
    "skopt": SkoptTuner,
    "smac": SmacTuner,
    "hyperopt": HyperoptTuner,
    "ax": AxTuner,
    "hebo": HeboTuner,
}


PACKAGES = {
    "optuna-tpe": ("optuna",),
    "optuna-cmaes": ("optuna", "cmaes"),
    "optuna-gp": ("optuna", "torch"),
    "optuna-auto": ("optuna", "torch"),
    "skopt": ("skopt",),
    "smac": ("smac",),
    "hyperopt": ("hyperopt",),
    "ax": ("ax",),
    "hebo": ("hebo",),
}
"""What each peer imports; skopt is installed as scikit-optimize, ax as ax-platform."""


def base_name(method: str) -> str:
    """Return a method's name without its label: ``gp@second-try`` is ``gp``."""
    return method.partition("@")[0]


def check_method(method: str) -> None:
    """Raise SystemExit for a method that there is not, or that is not installed."""
    name = base_name(method)
    if name in PEERS:
        missing = [package for package in PACKAGES[name] if find_spec(package) is None]
        if missing:
            raise SystemExit(f"{name} needs {', '.join(missing)}: pip install {' '.join(missing)}")
        return
    try:
        build_optimizer(name, {})
    except SpecificationError as error:
        raise SystemExit(f"{error}; or of the peers {', '.join(PEERS)}") from error


def build_tuner(method: str, space: SearchSpace, seed: int) -> Tuner:
    """Return a new search.

    Raises:
        ModuleNotFoundError: A peer is not installed.
        SpecificationError: There is no such optimizer of ours.
    """
    name = base_name(method)
    if name in PEERS:
        return PEERS[name](space, seed)
    return OurTuner(build_optimizer(name, {}), space, seed)
