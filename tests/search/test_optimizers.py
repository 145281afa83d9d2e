"""What each optimizer does beyond the promises that test_contract.py checks of all."""

import math

import numpy as np
import pytest

from tunesmith.flags.grammar import read_setting
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace
from tunesmith.search.tree_surrogate import Quantiles

LINE = SearchSpace.from_settings({"x": read_setting("[-2.0:2.0]")})


def cost_of(x: float) -> float:
    """The reference page's function, without noise: its dip is at -0.29."""
    return math.sin(5 * x) * (1 - math.tanh(x**2))


@pytest.mark.parametrize("name", ["gp", "forest", "gbrt"])
def test_a_model_says_what_it_expects(name: str) -> None:
    trials = [
        Observation(number=number, flags={"x": x}, cost=cost_of(x))
        for number, x in enumerate((-1.5, -0.5, 0.4, 1.6), 1)
    ]
    optimizer = build_optimizer(name, {"random-starts": 0})
    (candidate,) = optimizer.propose(LINE, trials, [], 1, 11)
    assert candidate.origin == name
    assert candidate.prediction is not None
    assert candidate.prediction.sd >= 0
    assert math.isfinite(candidate.prediction.mean)


def test_the_gaussian_process_finds_the_dip_that_random_search_misses() -> None:
    medians = {}
    for name in ("gp", "random"):
        best = []
        for seed in (1, 2, 3):
            optimizer, trials = build_optimizer(name, {}), list[Observation]()
            for number in range(1, 15):
                (one,) = optimizer.propose(LINE, trials, [], 1, seed)
                cost = cost_of(float(str(one.flags["x"])))
                trials.append(Observation(number=number, flags=one.flags, cost=cost))
            best.append(min(trial.cost for trial in trials if trial.cost is not None))
        medians[name] = sorted(best)[1]
    assert medians["gp"] <= medians["random"]


def test_no_prediction_of_boosted_trees_has_a_negative_deviation() -> None:
    rng = np.random.default_rng(6)
    points = rng.random((12, 2))
    model = Quantiles(random_state=1).fit(points, (6 * points[:, 0] - 3) ** 3)
    asked = rng.random((500, 2))
    low, _, high = model.predict(asked, return_quantiles=True).T
    assert (high < low).any()  # the fits of two quantiles cross here
    _, sd = model.predict(asked, return_std=True)
    assert (sd >= 0).all()
