"""Optuna studies in memory, rebuilt from the record for every proposal."""

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
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    RandomSampler,
    TPESampler,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from tunesmith.flags.values import FlagValue
from tunesmith.search.beside import beside
from tunesmith.search.optuna_parameters import (
    Parameters,
    distribution_of,
    flags_of,
    parameters_of,
)
from tunesmith.search.random_points import generator_for
from tunesmith.search.sequential import Search
from tunesmith.search.space import SearchSpace
from tunesmith.search.visited import Visited

MAX_ASKS = 16
"""Proposals of visited points after which the sampler is not asked again."""
MAX_SEED = 2**31 - 1
"""Exclusive bound of the seeds, which NumPy's older generators take as 32-bit integers."""


def suggest(
    name: str,
    settings: Mapping[str, int],
    search: Search,
    visited: Visited,
    key: tuple[int, int],
) -> dict[str, FlagValue] | None:
    """Return the point that a sampler proposes; None where it repeats visited ones.

    Args:
        name: ``optuna:tpe``, ``optuna:cmaes``, …
        settings: Of the sampler, by name: ``random_starts``, the trials that it did not propose,
            and its own.
        search: The space and its trials.
        visited: The points that are not to be repeated.
        key: The batch's seed and the trial's number.
    """
    distributions = {d.name: distribution_of(d) for d in search.space.searched}
    with silence():
        study = _STUDIES[name](search, distributions, settings, key)
        for _ in range(MAX_ASKS):
            trial = _asked(study, search.space, distributions)
            flags = flags_of(search.space, trial.params)
            if flags not in visited:
                return flags
            study.tell(trial, state=TrialState.FAIL)
    return beside(search.space, flags, generator_for(*key), visited)


def _tree_parzen(
    search: Search,
    distributions: dict[str, BaseDistribution],
    settings: Mapping[str, int],
    key: tuple[int, int],
) -> Study:
    """Return a study for TPE.

    Trials without a cost are added as pruned ones, which TPE ranks behind all completed ones, so
    that it avoids them without a made-up cost; pending ones as running, which it counts as bad
    (constant liar). Flags that are not always active are models of their own, in groups that are
    active together.
    """
    sampler = TPESampler(
        seed=_seed(key),
        n_startup_trials=0,
        multivariate=True,
        constant_liar=True,
        group=bool(search.space.conditions),
    )
    study = _new_study(sampler, n_costs=_n_costs(search))
    study.add_trials(_frozen_trials(search, distributions, failed=TrialState.PRUNED))
    return study


def _gaussian_process(
    search: Search,
    distributions: dict[str, BaseDistribution],
    settings: Mapping[str, int],
    key: tuple[int, int],
) -> Study:
    """Return a study for Optuna's Gaussian process, which learns from completed trials only."""
    seed = _seed(key)
    independent = RandomSampler(seed=seed)
    sampler = GPSampler(seed=seed, independent_sampler=independent, n_startup_trials=1)
    study = _new_study(sampler)
    study.add_trials(_frozen_trials(search, distributions, failed=TrialState.FAIL))
    return study


def _evolution(
    search: Search,
    distributions: dict[str, BaseDistribution],
    settings: Mapping[str, int],
    key: tuple[int, int],
) -> Study:
    """Return a study in which CMA-ES has replayed all trials.

    CMA-ES has a state, which Optuna stores with the trials that it proposed. So every recorded
    trial is asked for again with the values that it had, and told. Trials without a cost are left
    out of the generation; a pending one stays open.
    """
    sampler = CmaEsSampler(
        seed=_seed((key[0], 0)),  # the batch's seed: the state must not depend on the trial
        n_startup_trials=1,
        independent_sampler=RandomSampler(seed=_seed(key)),
        warn_independent_sampling=False,
    )
    study = _new_study(sampler)
    for parameters, cost, number in _outcomes(search):
        if 0 <= number <= settings["random_starts"]:
            state = TrialState.FAIL if cost is None else TrialState.COMPLETE
            costs = () if cost is None else (cost,)
            study.add_trial(_trial(parameters, distributions, costs, state))
            continue
        study.enqueue_trial(parameters)
        trial = _asked(study, search.space, distributions)
        _ = trial.relative_params  # asks CMA-ES, which given values alone do not: Optuna is lazy
        if cost is not None:
            study.tell(trial, cost)
        elif number != _PENDING:
            study.tell(trial, state=TrialState.FAIL)
    return study


def _genetic(
    search: Search,
    distributions: dict[str, BaseDistribution],
    settings: Mapping[str, int],
    key: tuple[int, int],
) -> Study:
    """Return a study for NSGA-II, whose generations are as many completed trials in a row.

    It keeps the generation of a trial with it, and finds the parents again from that.
    """
    size = settings["population"]
    sampler = NSGAIISampler(seed=_seed(key), population_size=size)
    study = _new_study(sampler, n_costs=_n_costs(search))
    trials = _frozen_trials(search, distributions, failed=TrialState.FAIL)
    completed = [one for one in trials if one.state is TrialState.COMPLETE]
    for place, trial in enumerate(completed):
        generation = {NSGAIISampler._get_generation_key(): place // size}  # has no public name
        trial.system_attrs = generation
    study.add_trials(trials)
    return study


_STUDIES: Mapping[
    str, Callable[[Search, dict[str, BaseDistribution], Mapping[str, int], tuple[int, int]], Study]
] = {
    "optuna:tpe": _tree_parzen,
    "optuna:cmaes": _evolution,
    "optuna:gp": _gaussian_process,
    "optuna:nsgaii": _genetic,
}

_PENDING = -1
"""Stands for the number of a pending trial."""


def _outcomes(search: Search) -> Iterator[tuple[Parameters, float | None, int]]:
    """Yield the parameters, the cost and the number of each trial, then of the pending ones.

    Points outside of the space are left out.
    """
    outcomes = [(trial.flags, trial.cost, trial.number) for trial in search.trials]
    outcomes += [(flags, None, _PENDING) for flags in search.pending]
    for flags, cost, number in outcomes:
        parameters = parameters_of(search.space, flags)
        if parameters is not None:
            yield parameters, cost, number


def _frozen_trials(
    search: Search, distributions: dict[str, BaseDistribution], *, failed: TrialState
) -> list[FrozenTrial]:
    """Return the trials as Optuna's."""
    trials = []
    for trial in search.trials:
        if (parameters := parameters_of(search.space, trial.flags)) is not None:
            costs = trial.costs or (() if trial.cost is None else (trial.cost,))
            state = TrialState.COMPLETE if costs else failed
            trials.append(_trial(parameters, distributions, costs, state))
    pending = (parameters_of(search.space, flags) for flags in search.pending)
    running = TrialState.RUNNING
    return trials + [_trial(one, distributions, (), running) for one in pending if one is not None]


def _n_costs(search: Search) -> int:
    """Return how many objectives the trials have; 1 as long as nothing is known."""
    return max((len(one.costs) for one in search.trials), default=0) or 1


def _trial(
    parameters: Parameters,
    distributions: dict[str, BaseDistribution],
    costs: tuple[float, ...],
    state: TrialState,
) -> FrozenTrial:
    own = {name: distributions[name] for name in parameters}
    values = costs or None
    return create_trial(params=parameters, distributions=own, values=values, state=state)


def _asked(study: Study, space: SearchSpace, distributions: dict[str, BaseDistribution]) -> Trial:
    """Return a trial that the sampler proposes, with the parameters that are active in it."""
    if not space.conditions:
        return study.ask(distributions)
    trial = study.ask({n: one for n, one in distributions.items() if n not in space.conditions})
    for name in space.conditions:
        is_active = space.conditions[name].holds(flags_of(space, trial.params))
        if is_active and name in distributions:
            _suggest(trial, name, distributions[name])
    return trial


def _suggest(trial: Trial, name: str, distribution: BaseDistribution) -> None:
    """Let the sampler choose a parameter, which the trial has then."""
    if isinstance(distribution, CategoricalDistribution):
        trial.suggest_categorical(name, distribution.choices)
    elif isinstance(distribution, IntDistribution):
        trial.suggest_int(name, distribution.low, distribution.high, log=distribution.log)
    elif isinstance(distribution, FloatDistribution):
        trial.suggest_float(name, distribution.low, distribution.high)


def _new_study(sampler: BaseSampler, *, n_costs: int = 1) -> Study:
    return optuna.create_study(sampler=sampler, directions=["minimize"] * n_costs)


def _seed(key: tuple[int, int]) -> int:
    return int(generator_for(*key).integers(MAX_SEED))


@contextmanager
def silence() -> Iterator[None]:
    """Silence Optuna's log and its warnings about experimental features."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(level)
