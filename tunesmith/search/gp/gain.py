"""What one more trial can still be expected to gain, by the models that ``gp`` proposes with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tunesmith.pareto import hypervolume
from tunesmith.search.gp.acquisition import ExpectedImprovement, Mixture
from tunesmith.search.gp.acquisition_config import AcquisitionConfig
from tunesmith.search.gp.expected import is_noisy
from tunesmith.search.gp.feasibility import feasible
from tunesmith.search.gp.maximize import best_rows, maximize
from tunesmith.search.gp.proposal import N_BEST, Models, to_improve_on
from tunesmith.search.gp.several import Costs, is_on_front, reference_of
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.one_thread import on_one_thread
from tunesmith.search.optimizer import Observation
from tunesmith.search.random_points import generator_for
from tunesmith.search.sequential import Search
from tunesmith.search.space import SearchSpace

MIN_RESULTS = 5
"""With fewer results nothing is expected of the next trial."""
N_SPREAD = 8
"""Points over the whole space that are looked at, as a power of two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What the next trial may gain, in the unit of the costs, or as a share of a volume."""

    expected: float
    """The expected improvement at the point where it is largest, 0 or more."""
    noise_sd: float
    """The standard deviation of the results' noise; 0 where they do not tell that there is any."""
    span: float
    """From the lowest cost to the highest, but for costs that exploded: by it gains are told
    large or small."""


@on_one_thread
def expected_gain(space: SearchSpace, trials: Sequence[Observation], seed: int) -> Gain | None:
    """Return what one more trial can be expected to gain; None where too few results are known.

    It depends on its arguments alone, whichever optimizer proposed the trials.

    Args:
        space: The search space.
        trials: The finished trials.
        seed: The batch's seed.
    """
    data = TrainingData.of(space, trials)
    if data is None or len(data.rows) < MIN_RESULTS or not space.searched:
        return None
    models = Models.of(data, AcquisitionConfig())
    parts = tuple(
        ExpectedImprovement(posterior=model, incumbents=to_improve_on(model, data))
        for model in models.posteriors
    )
    acquisition = feasible(data, Mixture(parts=parts, log_weights=models.log_shares))
    best = best_rows(data.rows, data.targets.values, N_BEST)
    generator = generator_for(seed, len(trials))
    ranked = maximize(acquisition, data.cube, best, generator, n_spread=N_SPREAD)
    largest = float(np.exp(acquisition.values(ranked[:1])[0])) if len(ranked) else 0.0
    unit = data.targets.length * data.targets.sd  # of the better half, where gains are
    costs = [data.targets.to_cost(float(value)) for value in data.targets.values]
    return Gain(
        expected=largest * unit,
        noise_sd=float(np.sqrt(models.noise)) * unit if is_noisy(data, models) else 0.0,
        span=max(costs) - min(costs),
    )


@on_one_thread
def expected_growth(space: SearchSpace, trials: Sequence[Observation], seed: int) -> Gain | None:
    """Return by what share of itself the hypervolume of a front can be expected to grow.

    As ``expected_gain``, for two or three costs, of which the volume is that of the models' means.
    The noise is what a trial of the front would add that is lucky by a standard deviation in each
    cost: with one cost, that deviation.
    """
    known = [one for one in trials if one.costs and space.contains(one.flags)]
    if len(known) < MIN_RESULTS or not space.searched:
        return None
    costs = Costs.of(Search(space=space, trials=trials, pending=()))
    improvement = costs.improvement()
    if improvement is None:
        return None
    acquisition = feasible(costs.first, improvement)
    generator = generator_for(seed, len(trials))
    ranked = maximize(
        acquisition, costs.first.cube, costs.best_rows(), generator, n_spread=N_SPREAD
    )
    largest = float(np.exp(acquisition.values(ranked[:1])[0])) if len(ranked) else 0.0
    rows = costs.first.rows[costs.first.holds]
    means = np.column_stack([one.predict(rows)[0] for one in improvement.posteriors])
    front, reference = means[is_on_front(means)], reference_of(means)
    noisy = [is_noisy(*one) for one in zip(costs.data, costs.models, strict=True)]
    sds = np.sqrt([model.noise for model in costs.models]) * noisy
    volume = hypervolume(front.tolist(), reference.tolist())
    lucky = [
        hypervolume([*front.tolist(), one], reference.tolist()) - volume
        for one in ((front - sds).tolist() if any(noisy) else ())
    ]
    noise = float(np.mean(lucky)) / volume if lucky else 0.0
    return Gain(expected=largest / volume, noise_sd=noise, span=1.0)
