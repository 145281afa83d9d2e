"""Costs that have exploded."""

import numpy as np
import pytest

from tunesmith.flags.grammar import read_setting
from tunesmith.search.gp.outliers import tamed
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        pytest.param([1, 2, 3, 1e6], [1, 2, 3, 3], id="one of four"),
        pytest.param([5, 1, 4, 2, 3, 900, 1e9, 6], [5, 1, 4, 2, 3, 6, 6, 6], id="two of eight"),
        pytest.param([-7, -6, -5, 1.7e308], [-7, -6, -5, -5], id="the largest float"),
        pytest.param([1, 1, 1, 1e6], [1, 1, 1, 1e6], id="nothing to compare with"),
        pytest.param([1, 2, 1e6], [1, 2, 1e6], id="too few"),
        pytest.param([1, 2, 1e6, 2e6], [1, 2, 1e6, 2e6], id="half of them"),
        pytest.param([1, 10, 100, 1000, 1e4], [1, 10, 100, 1000, 1e4], id="decades"),
        pytest.param([3], [3], id="one"),
    ],
)
def test_few_costs_that_tower_above_all_others_count_as_the_worst_of_these(
    costs: list[float], expected: list[float]
) -> None:
    assert tamed(np.array(costs, dtype=float)).tolist() == pytest.approx(expected)


def test_one_trial_that_diverged_does_not_hide_a_bowl() -> None:
    space = SearchSpace.from_settings({"x": read_setting("[0:100]"), "y": read_setting("[0:100]")})
    trials: list[Observation] = []
    for number in range(1, 19):
        (candidate,) = build_optimizer("gp", {}).propose(space, trials, [], 1, 3)
        x, y = (float(str(candidate.flags[name])) for name in "xy")
        cost = 1e6 if number == 2 else ((x - 30) ** 2 + (y - 60) ** 2) / 1000
        trials.append(Observation(number=number, flags=candidate.flags, cost=cost))
    assert min(one.cost for one in trials if one.cost is not None) <= 0.02
