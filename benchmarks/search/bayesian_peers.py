"""Ax and HEBO behind ``Tuner``, each as its own page says for ask and tell.

Both build on PyTorch. Their packages are imported inside, since each takes seconds, and HEBO needs
older ones than Ax, so that each has an environment of its own.
"""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from peers import flags_of, is_log

from tunesmith.flags.values import Flags
from tunesmith.search.dimension import Dimension, IntegerDimension, RealDimension
from tunesmith.search.space import SearchSpace


class AxTuner:
    """Ax at its defaults: the center, points of a Sobol sequence, then BoTorch's qLogNEI."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)  # Ax tells each step, some at its import
        from ax.api.client import Client

        self._client = Client(random_seed=seed)
        self._client.configure_experiment([self._parameter(d) for d in space.searched])
        self._client.configure_optimization(objective="-cost")
        self._space = space
        self._asked: list[int] = []

    def ask(self, n: int) -> list[Flags]:
        trials = self._client.get_next_trials(max_trials=n)
        self._asked += trials
        return [flags_of(self._space, plain) for plain in trials.values()]

    def tell(self, costs: Mapping[int, float | None]) -> None:
        for number, cost in costs.items():
            trial = self._asked[number - 1]
            if cost is None:
                self._client.mark_trial_failed(trial)
            else:
                self._client.complete_trial(trial, raw_data={"cost": cost})

    @staticmethod
    def _parameter(dimension: Dimension) -> Any:
        from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

        if isinstance(dimension, RealDimension | IntegerDimension):
            return RangeParameterConfig(
                name=dimension.name,
                bounds=(dimension.low, dimension.high),
                parameter_type="int" if isinstance(dimension, IntegerDimension) else "float",
                scaling="log" if is_log(dimension) else "linear",
            )
        return ChoiceParameterConfig(
            name=dimension.name,
            values=list(range(dimension.size or 1)),
            parameter_type="int",
            is_ordered=False,
        )


class HeboTuner:
    """HEBO at its defaults; it is told the worst cost so far for a trial that failed."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        import torch
        from hebo.design_space.design_space import DesignSpace
        from hebo.optimizers.hebo import HEBO

        warnings.simplefilter("ignore")
        np.random.seed(seed)  # noqa: NPY002  # HEBO draws from the generators of its libraries
        torch.manual_seed(seed)
        parameters = [self._parameter(d) for d in space.searched]
        self._optimizer = HEBO(DesignSpace().parse(parameters), scramble_seed=seed)
        self._space = space
        self._asked: list[Any] = []
        self._worst = 0.0

    def ask(self, n: int) -> list[Flags]:
        found = self._optimizer.suggest(n_suggestions=n)
        rows = [found.iloc[[at]] for at in range(len(found))]
        self._asked += rows
        return [flags_of(self._space, row.iloc[0].to_dict()) for row in rows]

    def tell(self, costs: Mapping[int, float | None]) -> None:
        for number, cost in costs.items():
            self._worst = self._worst if cost is None else max(self._worst, cost)
            told = self._worst if cost is None else cost
            self._optimizer.observe(self._asked[number - 1], np.array([[told]]))

    @staticmethod
    def _parameter(dimension: Dimension) -> dict[str, Any]:
        if isinstance(dimension, RealDimension | IntegerDimension):
            kinds = (
                ("pow_int", "int") if isinstance(dimension, IntegerDimension) else ("pow", "num")
            )
            return {
                "name": dimension.name,
                "type": kinds[0] if is_log(dimension) else kinds[1],
                "lb": dimension.low,
                "ub": dimension.high,
            }
        categories = list(range(dimension.size or 1))
        return {"name": dimension.name, "type": "cat", "categories": categories}
