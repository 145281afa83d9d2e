"""Results beyond the ends of ranges that were narrowed: where they lie, and what they tell."""

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.flags.grammar import read_setting
from tunesmith.flags.values import FlagValue
from tunesmith.search.beyond import units_beyond
from tunesmith.search.gp.expected import posterior_at_trials
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

SEED = 5


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings({name: read_setting(text) for name, text in texts.items()})


SPACE = space_of(
    x="[1.0:2.0]", lr="loguniform[1e-3:1e-1]", n="[1:4]", kind="[a,b]", fixed="3", size="[1,2,4]"
)
INSIDE: dict[str, FlagValue] = {"x": 1.25, "lr": 1e-2, "n": 2, "kind": "b", "fixed": 3, "size": 2}


def beyond(**flags: FlagValue) -> list[float] | None:
    return units_beyond(SPACE, {**INSIDE, **flags})


def test_a_point_inside_is_where_the_space_has_it() -> None:
    assert beyond() == SPACE.to_units(INSIDE)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("x", 0.5, -0.5),
        ("x", 2.5, 1.5),
        ("lr", 0.5, 1 + math.log(5) / math.log(100)),
        ("lr", 5e-4, math.log(0.5) / math.log(100)),
        ("n", 6, 11 / 8),
        ("n", 0, -1 / 8),
    ],
)
def test_a_number_beyond_an_end_goes_on_with_the_scale(
    name: str, value: float, unit: float
) -> None:
    units = beyond(**{name: value})
    assert units is not None
    place = [one.name for one in SPACE.searched].index(name)
    assert units[place] == pytest.approx(unit)
    inside = SPACE.to_units(INSIDE) or []
    assert [one for k, one in enumerate(units) if k != place] == [
        one for k, one in enumerate(inside) if k != place
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", 3.5),
        ("x", math.inf),
        ("x", True),
        ("x", "1.5"),
        ("lr", -1.0),
        ("lr", 0.0),
        ("n", 4.5),
        ("kind", "c"),
        ("fixed", 4),
        ("size", 8),
    ],
)
def test_what_is_too_far_or_no_number_has_no_place(name: str, value: FlagValue) -> None:
    assert beyond(**{name: value}) is None


def test_beyond_a_prior_nothing_has_a_place() -> None:
    assert units_beyond(space_of(x="normal[0.0:1.0]"), {"x": 1e9}) is None


@given(st.floats(0.5, 2.5))
def test_places_are_in_the_order_of_the_numbers(x: float) -> None:
    units = units_beyond(space_of(x="[1.0:2.0]"), {"x": x})
    assert units is not None
    assert units[0] == pytest.approx(x - 1.0)


def observed(points: Mapping[float, float | None]) -> list[Observation]:
    return [
        Observation(number=k, flags={"x": x}, cost=cost)
        for k, (x, cost) in enumerate(points.items(), 1)
    ]


NARROW = space_of(x="[0.5:1.0]")
RESULTS: dict[float, float | None] = {0.6: 0.5, 0.75: 0.4, 0.9: 0.5}
BEYOND: dict[float, float | None] = {0.45: 0.0, 0.4: -1.0, 0.3: 3.0, 0.35: None, -0.1: 9.0}


def test_results_beyond_are_learnt_from_and_are_nothing_to_improve_on() -> None:
    data = TrainingData.of(NARROW, observed({**RESULTS, **BEYOND}))
    assert data is not None
    assert data.rows[:, 0].tolist() == pytest.approx([0.2, 0.5, 0.8, -0.1, -0.2, -0.4])
    assert data.is_inside.tolist() == data.holds.tolist() == [True] * 3 + [False] * 3
    assert data.numbers == (1, 2, 3, 0, 0, 0)
    assert len(data.failed) == 0  # the failed one lies beyond
    numbers = [one for one, _, _ in posterior_at_trials(NARROW, observed({**RESULTS, **BEYOND}))]
    assert numbers == [1, 2, 3]


def test_without_a_result_inside_there_is_no_data() -> None:
    assert TrainingData.of(NARROW, observed(BEYOND)) is None


def proposed(trials: Sequence[Observation], name: str = "gp") -> float:
    (one,) = build_optimizer(name, {}).propose(NARROW, trials, [], 1, SEED)
    x = one.flags["x"]
    assert isinstance(x, float)
    assert 0.5 <= x <= 1.0
    return x


def test_gp_goes_where_results_beyond_say_that_it_is_better() -> None:
    falling = {0.2: 0.1, 0.3: 0.2, 0.4: 0.25, 0.45: 0.3}
    rising = {0.2: 3.0, 0.3: 2.0, 0.4: 1.0, 0.45: 0.8}
    assert proposed(observed({**RESULTS, **falling})) < 0.6
    assert proposed(observed({**RESULTS, **rising})) > 0.6


@pytest.mark.parametrize("name", ["forest", "optuna:tpe"])
def test_other_optimizers_leave_them_out(name: str) -> None:
    many: dict[float, float | None] = {0.51 + 0.03 * k: (0.1 * k - 0.7) ** 2 for k in range(16)}
    good, bad = ({0.3: cost, 0.4: cost} for cost in (-5.0, 5.0))
    assert proposed(observed({**many, **good}), name) == proposed(observed({**many, **bad}), name)
