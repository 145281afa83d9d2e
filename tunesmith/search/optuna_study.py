"""Where Optuna is used: a study in memory, rebuilt from the record for every proposal.

Optuna sees real dimensions as [0, 1], so that scales are ours; whole numbers as whole numbers on
their own scale; categories by their place.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import CategoricalDimension, Dimension, IntegerDimension, Scale
from tunesmith.search.random_points import generator_for
from tunesmith.search.sequential import Search
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited

MAX_ASKS = 16
"""Proposals that may be visited points before the sampler is given up."""
MAX_SEED = 2**31 - 1
EXACT = 2**53
"""Whole numbers up to here are floats without loss, which is what Optuna computes with."""

Parameters = dict[str, int | float]


def suggest(
    name: str, random_starts: int, search: Search, visited: Visited, key: tuple[int, int]
) -> dict[str, FlagValue] | None:
    """Return the point that a sampler proposes; None where it repeats visited ones.

    Args:
        name: ``optuna:tpe``, ``optuna:cmaes`` or ``optuna:gp``.
        random_starts: Trials that no sampler proposed.
        search: The space and what is known of it.
        visited: The points that are not to be repeated.
        key: The batch's seed and the trial's number.
    """
    distributions = {d.name: _distribution(d) for d in search.space.searched}
    with _silence():
        study = _STUDIES[name](search, distributions, random_starts, key)
        for _ in range(MAX_ASKS):
            trial = study.ask(distributions)
            flags = _flags(search.space, trial.params)
            if flags not in visited:
                return flags
            study.tell(trial, state=TrialState.FAIL)
    return None


def _tree_parzen(
    search: Search,
    distributions: dict[str, BaseDistribution],
    random_starts: int,
    key: tuple[int, int],
) -> Study:
    """Return a study that TPE has yet to see.

    Trials without a cost are told as pruned ones, which TPE ranks behind all that completed, so
    that it keeps away from them without a number; running ones as such, which it counts as bad
    (constant liar).
    """
    sampler = TPESampler(
        seed=_seed(key), n_startup_trials=0, multivariate=True, constant_liar=True
    )
    study = _new_study(sampler)
    study.add_trials(_told(search, distributions, failed=TrialState.PRUNED))
    return study


def _gaussian_process(
    search: Search,
    distributions: dict[str, BaseDistribution],
    random_starts: int,
    key: tuple[int, int],
) -> Study:
    """Return a study that Optuna's Gaussian process has yet to see; it knows completed trials."""
    seed = _seed(key)
    independent = RandomSampler(seed=seed)
    sampler = GPSampler(seed=seed, independent_sampler=independent, n_startup_trials=1)
    study = _new_study(sampler)
    study.add_trials(_told(search, distributions, failed=TrialState.FAIL))
    return study


def _evolution(
    search: Search,
    distributions: dict[str, BaseDistribution],
    random_starts: int,
    key: tuple[int, int],
) -> Study:
    """Return a study that CMA-ES went through, trial after trial.

    CMA-ES has a state, which Optuna keeps with the trials that it proposed. So every recorded
    trial is asked for again with the values that it had, and told. Trials without a cost are left
    out of the generation; a pending one stays open.
    """
    sampler = CmaEsSampler(
        seed=_seed((key[0], 0)),  # of the batch: the state must not depend on who asks
        n_startup_trials=1,
        independent_sampler=RandomSampler(seed=_seed(key)),
        warn_independent_sampling=False,
    )
    study = _new_study(sampler)
    for parameters, cost, number in _outcomes(search):
        if 0 <= number <= random_starts:
            state = TrialState.FAIL if cost is None else TrialState.COMPLETE
            study.add_trial(_trial(parameters, distributions, cost, state))
            continue
        study.enqueue_trial(parameters)
        trial = study.ask(distributions)
        _ = trial.relative_params  # asks CMA-ES, which given values alone do not: Optuna is lazy
        if cost is not None:
            study.tell(trial, cost)
        elif number != _PENDING:
            study.tell(trial, state=TrialState.FAIL)
    return study


_STUDIES: Mapping[
    str, Callable[[Search, dict[str, BaseDistribution], int, tuple[int, int]], Study]
] = {
    "optuna:tpe": _tree_parzen,
    "optuna:cmaes": _evolution,
    "optuna:gp": _gaussian_process,
}

_PENDING = -1
"""Stands for the number of a trial that runs now."""


def _outcomes(search: Search) -> Iterator[tuple[Parameters, float | None, int]]:
    """Yield the parameters, the cost and the number of each trial, then of those that run now.

    Points outside of the space are left out.
    """
    outcomes = [(trial.flags, trial.cost, trial.number) for trial in search.trials]
    outcomes += [(flags, None, _PENDING) for flags in search.pending]
    for flags, cost, number in outcomes:
        parameters = _parameters(search.space, flags)
        if parameters is not None:
            yield parameters, cost, number


def _told(
    search: Search, distributions: dict[str, BaseDistribution], *, failed: TrialState
) -> list[FrozenTrial]:
    """Return the trials as Optuna knows them."""
    trials = []
    for parameters, cost, number in _outcomes(search):
        state = TrialState.COMPLETE
        if cost is None:
            state = TrialState.RUNNING if number == _PENDING else failed
        trials.append(_trial(parameters, distributions, cost, state))
    return trials


def _trial(
    parameters: Parameters,
    distributions: dict[str, BaseDistribution],
    cost: float | None,
    state: TrialState,
) -> FrozenTrial:
    return create_trial(params=parameters, distributions=distributions, value=cost, state=state)


def _distribution(dimension: Dimension) -> BaseDistribution:
    if isinstance(dimension, CategoricalDimension):
        return CategoricalDistribution(range(dimension.size))
    if isinstance(dimension, IntegerDimension) and _is_exact(dimension):
        is_log = dimension.scale is Scale.LOG
        return IntDistribution(dimension.low, dimension.high, log=is_log)
    return FloatDistribution(0.0, 1.0)


def _is_exact(dimension: IntegerDimension) -> bool:
    return max(abs(dimension.low), abs(dimension.high)) < EXACT


def _parameters(space: SearchSpace, flags: Mapping[str, FlagValue]) -> Parameters | None:
    """Return flags as Optuna sees them; None for a point outside of the space."""
    units = space.to_units(flags)
    if units is None:
        return None
    return {
        dimension.name: _parameter(dimension, unit)
        for dimension, unit in zip(space.searched, units, strict=True)
    }


def _parameter(dimension: Dimension, unit: float) -> int | float:
    """Return what Optuna knows of a dimension's place in [0, 1]."""
    value = dimension.from_unit(unit)
    if isinstance(dimension, CategoricalDimension):
        return dimension.position_of(value)
    if isinstance(dimension, IntegerDimension) and _is_exact(dimension):
        return dimension.low + dimension.position_of(value)
    return unit


def _flags(space: SearchSpace, parameters: Mapping[str, int | float]) -> dict[str, FlagValue]:
    """Return a point of Optuna as flags."""
    return space.complete({d.name: _value(d, parameters[d.name]) for d in space.searched})


def _value(dimension: Dimension, parameter: int | float) -> FlagValue:
    if isinstance(dimension, CategoricalDimension):
        return dimension.value_at(int(parameter))
    if isinstance(dimension, IntegerDimension) and _is_exact(dimension):
        return int(parameter)
    return dimension.from_unit(float(parameter))


def _new_study(sampler: BaseSampler) -> Study:
    return optuna.create_study(sampler=sampler, direction="minimize")


def _seed(key: tuple[int, int]) -> int:
    return int(generator_for(*key).integers(MAX_SEED))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Optuna from saying that a study was made, and that features may change."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(level)
