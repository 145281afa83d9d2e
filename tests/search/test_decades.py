"""Linear intervals of many decades: the coordinate that the model has of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.flags.coerce import read_typed
from tunesmith.flags.definition import FlagDefinition
from tunesmith.search.dimension import dimension_of
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.decades import Decades
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

FRACTIONS = st.floats(0.0, 1.0)
LOG_RATIOS = st.floats(math.log(1e3), math.log(1e300))


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings(
        {name: read_typed(FlagDefinition(name=name), text) for name, text in texts.items()}
    )


@pytest.mark.parametrize(
    ("text", "is_mapped"),
    [
        ("[0.001:1.0]", True),
        ("[1:5000]", True),
        ("[0.01:1.0]", False),
        ("[0.0:1.0]", False),
        ("[-1.0:1000.0]", False),
        ("loguniform[0.001:1.0]", False),
        ("[1, 10, 10000]", False),
        ("[a, b]", False),
    ],
)
def test_intervals_of_three_decades_have_the_coordinate(text: str, is_mapped: bool) -> None:
    setting = read_typed(FlagDefinition(name="x"), text)
    assert (Decades.of(dimension_of("x", setting)) is not None) == is_mapped


@given(LOG_RATIOS, FRACTIONS)
def test_a_coordinate_leads_back(log_ratio: float, fraction: float) -> None:
    decades = Decades(log_ratio)
    coordinate = decades.coordinate(fraction)
    assert 0.0 <= coordinate <= 1.0
    assert decades.fraction(coordinate) == pytest.approx(fraction, rel=1e-6, abs=1e-15)


@given(LOG_RATIOS, FRACTIONS, FRACTIONS)
def test_the_order_is_kept(log_ratio: float, first: float, second: float) -> None:
    decades = Decades(log_ratio)
    low, high = sorted([first, second])
    assert decades.coordinate(low) <= decades.coordinate(high)


def test_the_ends_are_the_ends() -> None:
    decades = Decades(math.log(1e6))
    assert (decades.coordinate(0.0), decades.coordinate(1.0)) == (0.0, 1.0)


def test_a_row_of_a_cube_leads_back_to_its_point() -> None:
    cube = Cube(space_of(n="[1:5000]", rate="[0.000001:1.0]", kind="[a, b]"))
    for n, rate, kind in [(1, 1e-6, "a"), (7, 3e-4, "b"), (5000, 1.0, "a"), (4321, 0.5, "b")]:
        row = cube.row({"n": n, "rate": rate, "kind": kind})
        assert row is not None
        found = cube.flags(cube.snapped(cube.to_unit_rows(np.array([row])))[0])
        assert (found["n"], found["kind"]) == (n, kind)
        assert found["rate"] == pytest.approx(rate, rel=1e-6)


def test_every_second_start_point_looks_at_the_decades() -> None:
    space = space_of(rate="[0.0001:1.0]", x="[0.0:1.0]")
    optimizer = build_optimizer("gp", {"random-starts": 201})
    starts = [one.flags for one in optimizer.propose(space, [], [], 201, seed=1)][1:]
    is_small = [float(str(flags["rate"])) < 0.01 for flags in starts]
    # half of the coordinate is the logarithm, of which half lies below a hundredth
    assert sum(is_small[::2]) == pytest.approx(25, abs=2)
    assert sum(is_small[1::2]) == pytest.approx(1, abs=1)
    assert sum(float(str(flags["x"])) < 0.25 for flags in starts) == pytest.approx(50, abs=4)


def test_a_rate_that_acts_by_decades_is_found_on_a_linear_scale() -> None:
    space, trials = space_of(rate="[0.000001:1.0]"), list[Observation]()
    optimizer = build_optimizer("gp", {})
    for number in range(1, 16):
        [found] = optimizer.propose(space, trials, [], 1, seed=1)
        cost = (math.log10(float(str(found.flags["rate"]))) + 4.3) ** 2
        trials.append(Observation(number=number, flags=found.flags, cost=cost))
    assert min(one.cost for one in trials if one.cost is not None) < 0.05
