import math
from collections import Counter
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.flags.coerce import read_typed
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.definition import FlagDefinition
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.flags.values import Flags
from tunesmith.search.beliefs import UNIFORM, believed_unit
from tunesmith.search.gp.believed import BETA, Believed, LogDensity, believed
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings(
        {name: read_typed(FlagDefinition(name=name), text) for name, text in texts.items()}
    )


def proposed(space: SearchSpace, optimizer: str, n: int, seed: int = 1) -> list[Flags]:
    found = build_optimizer(optimizer, {}).propose(space, [], [], n, seed)
    return [one.flags for one in found]


def numbers(points: list[Flags], name: str = "x") -> list[float]:
    return [float(flags[name]) for flags in points]  # type: ignore[arg-type]  # numbers


class Nothing:
    """An acquisition that is the same everywhere."""

    def values(self, at: Array) -> Array:
        return np.zeros(len(at))

    def gradient(self, at: Array) -> tuple[Array, Array]:
        return np.zeros(len(at)), np.zeros_like(at)


def test_random_points_are_as_likely_as_is_believed() -> None:
    found = numbers(proposed(space_of(x="[0.0:1.0]~0.3:0.2"), "random", 400))
    assert abs(float(np.median(found)) - 0.3) < 0.02
    lower, upper = np.quantile(found, [0.16, 0.84])  # a standard deviation to either side
    assert abs((upper - lower) / 2 - 0.1) < 0.02
    assert max(found) > 0.9  # a belief excludes nothing


def test_a_logarithmic_range_is_believed_in_on_its_scale() -> None:
    found = numbers(proposed(space_of(x="loguniform[1e-5:1e-1]~1e-3"), "random", 400))
    logs = np.log10(found)
    assert abs(float(np.median(logs)) + 3) < 0.1
    lower, upper = np.quantile(logs, [0.16, 0.84])
    assert abs((upper - lower) / 2 - 0.5) < 0.1


def test_a_value_of_a_list_has_what_its_width_leaves() -> None:
    found = proposed(space_of(x="[a,b,c]~b:0.25", y="[0.0:1.0]"), "random", 800)
    counts = Counter(flags["x"] for flags in found)
    assert abs(counts["b"] / 800 - 0.75) < 0.05
    assert abs(counts["a"] / 800 - 0.125) < 0.04


@pytest.mark.parametrize("optimizer", ["gp", "forest", "sobol"])
def test_the_first_point_is_near_what_is_believed(optimizer: str) -> None:
    (first,) = proposed(space_of(x="[0.0:1.0]~0.8:0.1", y="[0.0:1.0]"), optimizer, 1)
    assert abs(float(first["x"]) - 0.8) < 0.15  # type: ignore[arg-type]  # a number


@given(st.floats(0, 1), st.floats(0.01, 1), st.sampled_from(["[0.0:1.0]", "[a,b]"]))
def test_a_coordinate_stays_within_the_range(unit: float, width: float, text: str) -> None:
    value = "a" if text == "[a,b]" else "0.25"
    space = space_of(x=f"{text}~{value}:{width!r}")
    (dimension,) = space.searched
    assert 0 <= believed_unit(dimension, space.beliefs["x"], unit) <= 1


def test_a_belief_weighs_as_the_paper_says_and_fades() -> None:
    density = LogDensity(mean=0.3, sd=0.1)
    at = np.array([[0.2], [0.3], [0.55]])
    for n in (1, 10, 100):
        weighed = Believed(acquisition=Nothing(), densities=(density,), power=BETA / n)
        values, slopes = weighed.gradient(at)
        pdf = NormalDist(0.3, 0.1).pdf
        logs = [math.log((1 - UNIFORM) * pdf(x) + UNIFORM) for x in at[:, 0]]
        expected = [BETA / n * (log - logs[1]) for log in logs]
        assert values - values[1] == pytest.approx(expected)
        assert weighed.values(at) == pytest.approx(values)
        step = 1e-6
        higher = weighed.values(at + step)
        assert slopes[:, 0] == pytest.approx((higher - values) / step, rel=1e-3, abs=1e-3 / n)


def test_the_power_is_beta_by_the_number_of_trials() -> None:
    space = space_of(x="[0.0:1.0]~0.3", y="[a,b]~a:0.2")
    trials = [
        Observation(number=k, flags={"x": k / 10, "y": "b"}, cost=None if k == 3 else float(k))
        for k in range(1, 6)
    ]
    data = TrainingData.of(space, trials)
    assert data is not None
    weighed = believed(Nothing(), data)
    assert isinstance(weighed, Believed)
    assert weighed.power == BETA / 5
    rows = np.array([[0.3, 0.0], [0.3, 1.0]])
    own, other = weighed.values(rows)
    assert other - own == pytest.approx(BETA / 5 * math.log(0.2 / 0.8))


def test_without_a_belief_nothing_is_weighed() -> None:
    data = TrainingData.of(
        space_of(x="[0.0:1.0]"), [Observation(number=1, flags={"x": 0.5}, cost=1)]
    )
    assert data is not None
    nothing = Nothing()
    assert believed(nothing, data) is nothing


def test_a_wrong_belief_is_forgotten_as_results_come() -> None:
    space = space_of(x="[0.0:1.0]~0.9:0.1", y="[0.0:1.0]")
    trials: list[Observation] = []
    for number in range(1, 26):
        (one,) = build_optimizer("gp", {}).propose(space, trials, [], 1, 3)
        x, y = (float(one.flags[name]) for name in "xy")  # type: ignore[arg-type]  # numbers
        cost = (x - 0.2) ** 2 + (y - 0.5) ** 2
        trials.append(Observation(number=number, flags=one.flags, cost=cost))
    costs = [one.cost for one in trials if one.cost is not None]
    assert min(costs[:3]) > 0.2
    assert min(costs) < 0.01


@pytest.mark.parametrize("belief", ["[0.0:1.0]~0.9:0.2", "[a,b,c]~b:0.1"])
def test_a_belief_in_a_flag_favours_no_branch_that_lacks_it(belief: str) -> None:
    settings = {"k": read_typed(FlagDefinition(name="k"), "[p,q]")}
    several = read_typed(FlagDefinition(name="x"), belief)
    assert isinstance(several, Choices | Distribution)
    condition = Condition(text="k = p", named=(("k", "k"),))
    space = SearchSpace.from_settings({**settings, "x": replace(several, condition=condition)})
    data = TrainingData.of(space, [Observation(number=1, flags={"k": "q"}, cost=1.0)])
    assert data is not None
    found = believed(Nothing(), replace(data, numbers=(1,) * int(BETA)))

    cube, points = data.cube, [[0.25, (k + 0.5) / 300] for k in range(300)]
    active = cube.snapped(np.array(points))
    lacking = cube.snapped(np.array([[0.75, 0.5]]))
    shares = np.exp(found.values(active) - found.values(lacking))

    assert shares.mean() == pytest.approx(1.0, rel=0.02)
    assert np.allclose(found.gradient(lacking)[1], 0.0)
