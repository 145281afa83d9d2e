"""Where neighbours have equal results, gp goes elsewhere."""

import numpy as np
import pytest

from tunesmith.flags.grammar import read_setting
from tunesmith.search.gp import proposal
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.plateaus import off_plateaus
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

SPACE = SearchSpace.from_settings({name: read_setting("[0.0:1.0]") for name in ("x", "y")})


def data_of(*trials: tuple[float, float, float]) -> TrainingData:
    """Return trials at x and y with a cost."""
    found = TrainingData.of(
        SPACE,
        [
            Observation(number=number, flags={"x": x, "y": y}, cost=cost)
            for number, (x, y, cost) in enumerate(trials, 1)
        ],
    )
    assert found is not None
    return found


def rows(*points: tuple[float, float]) -> Array:
    return np.array(points)


def test_a_point_between_equal_neighbours_comes_last() -> None:
    data = data_of((0.2, 0.5, 1.0), (0.3, 0.5, 1.0), (0.9, 0.5, 2.0))
    inside, outside = (0.22, 0.53), (0.5, 0.5)
    ordered = off_plateaus(rows(inside, outside), data)
    assert ordered.tolist() == [list(outside), list(inside)]


def test_equal_results_with_another_between_them_are_no_plateau() -> None:
    data = data_of((0.2, 0.5, 1.0), (0.3, 0.5, 0.5), (0.4, 0.5, 1.0))
    points = rows((0.21, 0.5), (0.9, 0.5))
    assert off_plateaus(points, data).tolist() == points.tolist()


def test_the_order_of_points_stays_where_all_results_differ_or_all_are_equal() -> None:
    points = rows((0.25, 0.5), (0.9, 0.5))
    different = data_of((0.2, 0.5, 1.0), (0.3, 0.5, 1.5))
    assert off_plateaus(points, different) is points
    equal = data_of((0.0, 0.0, 1.0), (1.0, 1.0, 1.0))
    assert off_plateaus(points, equal).tolist() == points.tolist()


def test_a_staircase_is_looked_at_in_more_places(monkeypatch: pytest.MonkeyPatch) -> None:
    with_them = sum(map(n_steps_seen, range(4)))
    monkeypatch.setattr(proposal, "off_plateaus", lambda points, _: points)
    assert with_them > 1.1 * sum(map(n_steps_seen, range(4)))


def n_steps_seen(seed: int) -> int:
    """Return how many results 30 trials of a staircase had."""
    optimizer, trials = build_optimizer("gp", {}), list[Observation]()
    for number in range(1, 31):
        (found,) = optimizer.propose(SPACE, trials, [], 1, seed)
        x, y = (float(str(found.flags[name])) for name in ("x", "y"))
        cost = float(np.floor(x * 9.99) * 0.3 + abs(np.floor(y * 9.99) - 7.0))
        trials.append(Observation(number=number, flags=found.flags, cost=cost))
    return len({one.cost for one in trials})
