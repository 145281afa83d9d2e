"""What the Gaussian process expects of the trials that were run: which of them is the best."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tunesmith.search.gp.acquisition_config import AcquisitionConfig
from tunesmith.search.gp.proposal import PRIORS, Models, predictions
from tunesmith.search.gp.sampling import MAX_FITTED, sampled
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.one_thread import on_one_thread
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace

LEAST_NOISE = 0.12
"""The variance of the noise, in units of the targets' variance, below which what is seen counts as
it is: the best observed trial is then hardly ever a lucky one."""
LEAST_EVIDENCE = 4.5
"""How much larger the log likelihood of the results has to be with noise than without. The models
call noise whatever is too rough for them, but of a rough function without noise the best observed
trial is the best."""
QUIET = tuple(replace(prior, noise_mean=-11.0, noise_sd=0.7) for prior in PRIORS)
"""The models' priors, but that there is hardly any noise."""


@on_one_thread
def posterior_at_trials(
    space: SearchSpace, trials: Sequence[Observation]
) -> list[tuple[int, float, float]]:
    """Return number, mean and standard deviation of the batch's own trials with a result.

    The mean and the standard deviation are those of the function without noise, in the unit of
    the costs. Where no noise is seen, the mean is the cost that was observed.
    """
    data = TrainingData.of(space, trials)
    if data is None or len(data.rows) < 2:
        return []
    models = Models.of(data, AcquisitionConfig(), PRIORS)  # those of the limits above
    expected = predictions(models, data, data.rows)
    if not is_noisy(data, models):
        costs = map(data.targets.to_cost, data.targets.values.tolist())
        expected = [(cost, sd) for cost, (_, sd) in zip(costs, expected, strict=True)]
    return [
        (number, mean, sd)
        for number, (mean, sd) in zip(data.numbers, expected, strict=True)
        if number
    ]


def is_noisy(data: TrainingData, models: Models) -> bool:
    """Return whether the results themselves tell that there is noise, and much of it."""
    if models.noise < LEAST_NOISE:
        return False
    values = data.targets.values
    basis = sampled(values, MAX_FITTED, np.arange(len(values)))
    quiet = data.fit(data.rows[basis], values[basis], QUIET)
    return models.evidence - max(one.evidence for one in quiet) > LEAST_EVIDENCE
