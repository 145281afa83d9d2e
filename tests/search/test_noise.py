"""How much noise the models of ``gp`` see in few results, and in many."""

import numpy as np
import pytest

from tunesmith.flags.grammar import read_setting
from tunesmith.search.gp.acquisition_config import AcquisitionConfig
from tunesmith.search.gp.proposal import MANY_RESULTS, PRIORS, Models
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace

SPACE = SearchSpace.from_settings({name: read_setting("[0.0:1.0]") for name in ("x", "y")})


def data_of(n: int, *, noise_sd: float = 0.0) -> TrainingData:
    """Return results of a bowl, whose costs have a standard deviation of about 1."""
    rng = np.random.default_rng(0)
    points, noise = rng.random((n, 2)), noise_sd * rng.standard_normal(n)
    costs = 10 * ((points - [0.3, 0.6]) ** 2).sum(1) + noise
    rows = zip(points.tolist(), costs.tolist(), strict=True)
    trials = [
        Observation(number=k, flags={"x": x, "y": y}, cost=cost)
        for k, ((x, y), cost) in enumerate(rows, 1)
    ]
    data = TrainingData.of(SPACE, trials)
    assert data is not None
    return data


def test_of_many_results_without_noise_the_models_see_little() -> None:
    many = data_of(MANY_RESULTS + 1)
    narrow = Models.of(many, AcquisitionConfig(), PRIORS).noise
    assert Models.of(many, AcquisitionConfig()).noise < narrow / 3


def test_of_few_results_the_prior_has_its_say() -> None:
    few = data_of(MANY_RESULTS)
    assert Models.of(few, AcquisitionConfig()).noise == (
        Models.of(few, AcquisitionConfig(), PRIORS).noise
    )


def test_many_noisy_results_tell_their_noise() -> None:
    many = data_of(MANY_RESULTS + 10, noise_sd=0.7)
    narrow = Models.of(many, AcquisitionConfig(), PRIORS).noise
    assert narrow > 0.1
    assert Models.of(many, AcquisitionConfig()).noise == pytest.approx(narrow, rel=0.3)
