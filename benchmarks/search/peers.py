"""Other libraries behind ``Tuner``, each as its own page says for ask and tell.

Their packages are imported inside, since a run needs one of them, and each takes seconds. Each is
given categories by position, the one form that all of them take.
"""

import tempfile
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from tunesmith.flags.values import Flags
from tunesmith.search.dimension import Dimension, IntegerDimension, RealDimension, Scale
from tunesmith.search.listed_dimension import CategoricalDimension, OrderedDimension
from tunesmith.search.space import SearchSpace

SMAC_BUDGET = 100
"""The trials that SMAC plans for: a quarter of them at most are its initial design."""


def is_log(dimension: RealDimension | IntegerDimension) -> bool:
    """Return whether a range is searched on a logarithmic scale."""
    return dimension.scale is Scale.LOG


def _is_range(dimension: Dimension) -> bool:
    return isinstance(dimension, RealDimension | IntegerDimension)


def flags_of(space: SearchSpace, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that a peer's numbers mean: numpy's and positions become Python values."""
    return space.complete({d.name: _value_of(d, plain[d.name]) for d in space.searched})


def _value_of(dimension: Dimension, plain: Any) -> Any:
    if isinstance(dimension, CategoricalDimension | OrderedDimension):
        return dimension.value_at(int(plain))
    if isinstance(dimension, IntegerDimension):
        return round(float(plain))
    return float(plain)


class OptunaTuner:
    """Optuna's samplers at their defaults: ``tpe``, ``cmaes``, ``gp`` or ``auto``.

    ``auto`` follows the rules of OptunaHub's AutoSampler for up to 250 trials: its Gaussian
    process where all flags are numbers, a multivariate TPE where one is a category.
    """

    def __init__(self, sampler: str, space: SearchSpace, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        samplers = optuna.samplers
        if sampler == "auto":
            is_numeric = all(_is_range(dimension) for dimension in space.searched)
            sampler = "gp" if is_numeric else "multivariate-tpe"
        built = {
            "tpe": lambda: samplers.TPESampler(seed=seed),
            "cmaes": lambda: samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
            "gp": lambda: samplers.GPSampler(seed=seed),
            "multivariate-tpe": lambda: samplers.TPESampler(
                seed=seed, multivariate=True, constant_liar=True
            ),
        }[sampler]()
        self._study = optuna.create_study(sampler=built)
        self._failed = optuna.trial.TrialState.FAIL
        self._space = space
        self._distributions = {d.name: self.distribution(d) for d in space.searched}
        self._asked: list[Any] = []

    def ask(self, n: int) -> list[Flags]:
        trials = [self._study.ask(self._distributions) for _ in range(n)]
        self._asked += trials
        return [flags_of(self._space, trial.params) for trial in trials]

    def tell(self, costs: Mapping[int, float | None]) -> None:
        for number, cost in costs.items():
            state = self._failed if cost is None else None
            self._study.tell(self._asked[number - 1], cost, state)

    @staticmethod
    def distribution(dimension: Dimension) -> Any:
        """Return what Optuna searches for a dimension."""
        from optuna import distributions

        if isinstance(dimension, RealDimension):
            low, high = dimension.low, dimension.high
            return distributions.FloatDistribution(low, high, log=is_log(dimension))
        if isinstance(dimension, IntegerDimension):
            return distributions.IntDistribution(
                dimension.low, dimension.high, log=is_log(dimension)
            )
        return distributions.CategoricalDistribution(range(dimension.size or 1))


class SkoptTuner:
    """scikit-optimize's Optimizer at its defaults, told standardized costs.

    It keeps no pending points, so with workers that finish out of order it is asked as if there
    were none. A failed trial is told as the worst so far, since it takes no missing ones.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        import skopt

        warnings.simplefilter("ignore", UserWarning)  # of repeated points, a line for each
        dimensions = [self._dimension(d) for d in space.searched]
        self._optimizer = skopt.Optimizer(dimensions, random_state=seed)
        self._space = space
        self._asked: list[list[Any]] = []
        self._told: list[int] = []
        self._costs: list[float] = []

    def ask(self, n: int) -> list[Flags]:
        points = self._optimizer.ask(n_points=n) if n > 1 else [self._optimizer.ask()]
        self._asked += points
        names = [d.name for d in self._space.searched]
        return [flags_of(self._space, dict(zip(names, p, strict=True))) for p in points]

    def tell(self, costs: Mapping[int, float | None]) -> None:
        known = [cost for cost in (*self._costs, *costs.values()) if cost is not None]
        if not known:
            return
        self._costs += [max(known) if cost is None else cost for cost in costs.values()]
        standard = self._standardized()
        self._optimizer.yi = standard[: len(standard) - len(costs)]
        points = [self._asked[number - 1] for number in costs]
        self._optimizer.tell(points, standard[len(standard) - len(costs) :])

    def _standardized(self) -> list[float]:
        y = np.array(self._costs)
        spread = float(y.std()) or 1.0
        return [float(z) for z in (y - y.mean()) / spread]

    @staticmethod
    def _dimension(dimension: Dimension) -> Any:
        from skopt.space import Categorical, Integer, Real

        if isinstance(dimension, RealDimension | IntegerDimension):
            kind = Real if isinstance(dimension, RealDimension) else Integer
            prior = "log-uniform" if is_log(dimension) else "uniform"
            return kind(dimension.low, dimension.high, prior=prior)
        return Categorical(list(range(dimension.size or 1)))


class SmacTuner:
    """SMAC3's facade for hyperparameters at its defaults, each point run once."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        from ConfigSpace import ConfigurationSpace
        from smac import HyperparameterOptimizationFacade, Scenario

        configurations = ConfigurationSpace(seed=seed)
        configurations.add([self._hyperparameter(d) for d in space.searched])
        self._folder = tempfile.TemporaryDirectory()
        scenario = Scenario(
            configurations,
            output_directory=self._folder.name,
            deterministic=True,
            n_trials=SMAC_BUDGET,
            seed=seed,
        )
        self._smac = HyperparameterOptimizationFacade(
            scenario, _nothing, overwrite=True, logging_level=False
        )
        self._worst = -np.inf
        self._space = space
        self._asked: list[Any] = []

    def ask(self, n: int) -> list[Flags]:
        trials = [self._smac.ask() for _ in range(n)]
        self._asked += trials
        return [flags_of(self._space, dict(trial.config)) for trial in trials]

    def tell(self, costs: Mapping[int, float | None]) -> None:
        from smac.runhistory import StatusType, TrialValue

        for number, cost in costs.items():
            self._worst = max(self._worst, self._worst if cost is None else cost)
            status = StatusType.CRASHED if cost is None else StatusType.SUCCESS
            # the worst so far, since its model takes no infinite cost
            told = self._worst if np.isfinite(self._worst) else 0.0
            value = TrialValue(cost=told if cost is None else cost, status=status)
            self._smac.tell(self._asked[number - 1], value)

    @staticmethod
    def _hyperparameter(dimension: Dimension) -> Any:
        from ConfigSpace import CategoricalHyperparameter, Float, Integer

        if isinstance(dimension, RealDimension | IntegerDimension):
            kind = Float if isinstance(dimension, RealDimension) else Integer
            bounds = (dimension.low, dimension.high)
            return kind(dimension.name, bounds, log=is_log(dimension))
        return CategoricalHyperparameter(dimension.name, list(range(dimension.size or 1)))


def _nothing(config: Any, seed: int = 0) -> float:
    """Stand for the target function, which ask and tell never call."""
    return 0.0


class HyperoptTuner:
    """Hyperopt's TPE at its defaults."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        from hyperopt import Trials, tpe
        from hyperopt.base import Domain

        self._spaces = {d.name: self._expression(d) for d in space.searched}
        self._domain = Domain(_nothing, self._spaces)
        self._trials, self._suggest = Trials(), tpe.suggest
        self._space = space
        self._rng = np.random.default_rng(seed)
        self._asked: list[int] = []

    def ask(self, n: int) -> list[Flags]:
        return [self._ask_one() for _ in range(n)]

    def tell(self, costs: Mapping[int, float | None]) -> None:
        from hyperopt import JOB_STATE_DONE, STATUS_FAIL, STATUS_OK

        for number, cost in costs.items():
            document = self._trials._dynamic_trials[self._asked[number - 1]]
            document["state"] = JOB_STATE_DONE
            is_failed = cost is None
            result = {"status": STATUS_FAIL} if is_failed else {"status": STATUS_OK, "loss": cost}
            document["result"] = result
        self._trials.refresh()

    def _ask_one(self) -> Flags:
        from hyperopt import space_eval

        ids = self._trials.new_trial_ids(1)
        seed = int(self._rng.integers(2**31 - 1))
        document = self._suggest(ids, self._domain, self._trials, seed)[0]
        self._trials.insert_trial_doc(document)
        self._trials.refresh()
        self._asked.append(len(self._trials._dynamic_trials) - 1)
        values = {name: vals[0] for name, vals in document["misc"]["vals"].items()}
        return flags_of(self._space, space_eval(self._spaces, values))

    @staticmethod
    def _expression(dimension: Dimension) -> Any:
        from hyperopt import hp

        if not isinstance(dimension, RealDimension | IntegerDimension):
            return hp.choice(dimension.name, list(range(dimension.size or 1)))
        low, high = dimension.low, dimension.high
        if isinstance(dimension, RealDimension):
            if is_log(dimension):
                return hp.loguniform(dimension.name, np.log(low), np.log(high))
            return hp.uniform(dimension.name, low, high)
        if is_log(dimension):
            return hp.qloguniform(dimension.name, np.log(low), np.log(high), 1)
        return hp.uniformint(dimension.name, low, high)
