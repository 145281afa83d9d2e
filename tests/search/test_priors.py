"""Steps, priors and probabilities: which values there are, and how often each is drawn."""

import math
from collections import Counter
from statistics import NormalDist, mean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import FlagError
from tunesmith.flags.distributions import interval
from tunesmith.flags.priors import Beta, Normal
from tunesmith.flags.settings import (
    Choices,
    Distribution,
    admits,
    setting_from_plain,
    setting_to_plain,
)
from tunesmith.flags.steps import Steps
from tunesmith.search.dimension import Dimension, RealDimension, dimension_of
from tunesmith.search.listed_dimension import CategoricalDimension
from tunesmith.search.space import SearchSpace
from tunesmith.search.stepped_dimension import SteppedDimension

N = 2000
EVENLY = [(k + 0.5) / N for k in range(N)]

NORMAL = interval(-2.0, 6.0, prior=Normal(mean=2.0, sd=1.0))
SETTINGS = {
    "steps": interval(0.0, 1.0, step=0.1),
    "whole steps": interval(16, 256, is_integer=True, step=16),
    "steps on a log scale": interval(8, 256, is_log=True, is_integer=True, step=8),
    "normal": NORMAL,
    "log-normal": interval(0.1, 10.0, is_log=True, prior=Normal(mean=0.0, sd=0.5)),
    "normal in steps": interval(-3, 3, is_integer=True, step=1, prior=Normal(mean=0.0, sd=1.0)),
    "beta": interval(0.0, 1.0, prior=Beta(a=2.0, b=5.0)),
    "beta in steps": interval(0.0, 1.0, step=0.25, prior=Beta(a=0.5, b=0.5)),
}


def drawn(setting: Distribution | Choices) -> list[float]:
    dimension = dimension_of("x", setting)
    return [float(str(dimension.from_unit(u))) for u in EVENLY]


@pytest.mark.parametrize("name", SETTINGS)
@settings(deadline=None)  # the first call imports scipy
@given(u=st.floats(0.0, 1.0))
def test_a_coordinate_leads_to_a_value_that_leads_back(name: str, u: float) -> None:
    setting = SETTINGS[name]
    dimension: Dimension = dimension_of("x", setting)
    value = dimension.from_unit(u)

    assert dimension.contains(value)
    assert admits(setting, value)
    assert dimension.from_unit(dimension.to_unit(value)) == pytest.approx(value, rel=1e-9)
    if isinstance(dimension, RealDimension) and setting.prior == NORMAL.prior:
        assert dimension.to_unit(value) == pytest.approx(u, abs=1e-9)


def test_steps_are_as_people_write_them() -> None:
    dimension = dimension_of("x", interval(0.0, 1.0, step=0.1))

    assert isinstance(dimension, SteppedDimension)
    assert [dimension.value_at(k) for k in range(dimension.size)] == [
        0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0,
    ]  # fmt: skip
    assert not dimension.contains(0.25)
    assert dimension.contains(0.1 * 3)  # as floats add up: 0.30000000000000004
    assert not dimension.contains("0.1")


def test_each_of_equal_steps_is_as_likely() -> None:
    counts = Counter(drawn(interval(10, 50, is_integer=True, step=10)))

    assert counts == {10: 400, 20: 400, 30: 400, 40: 400, 50: 400}


def test_steps_on_a_log_scale_thin_out() -> None:
    counts = Counter(drawn(interval(8, 256, is_log=True, is_integer=True, step=8)))

    assert counts[8] / N == pytest.approx(math.log(12 / 4) / math.log(260 / 4), abs=0.002)
    assert counts[8] > counts[16] > counts[128] > counts[256]


def test_a_normal_prior_has_its_mean_and_deviation() -> None:
    numbers = drawn(NORMAL)

    assert mean(numbers) == pytest.approx(2.0, abs=1e-3)
    assert stdev(numbers) == pytest.approx(1.0, abs=2e-3)
    assert min(numbers) >= -2.0


def test_a_normal_prior_in_steps_has_the_shares_of_their_surroundings() -> None:
    counts = Counter(drawn(SETTINGS["normal in steps"]))
    usual = NormalDist()

    assert counts[0] / N == pytest.approx(usual.cdf(0.5) - usual.cdf(-0.5), abs=2e-3)
    assert counts[2] / N == pytest.approx(usual.cdf(2.5) - usual.cdf(1.5), abs=2e-3)


def test_a_beta_prior_has_its_mean() -> None:
    assert mean(drawn(SETTINGS["beta"])) == pytest.approx(2 / 7, abs=1e-3)


def test_choices_are_drawn_as_likely_as_they_are() -> None:
    choices = Choices(values=(1, 2, 3, 1.0), text="", probabilities=(0.1, 0.6, 0.2, 0.1))

    assert Counter(drawn(choices)) == {1: 400, 2: 1200, 3: 400}


def test_a_likely_choice_has_a_long_piece() -> None:
    found = dimension_of("x", Choices(values=("a", "b"), text="", probabilities=(0.8, 0.2)))

    assert isinstance(found, CategoricalDimension)
    assert [found.to_unit("a"), found.to_unit("b")] == pytest.approx([0.4, 0.9])
    assert [found.from_unit(0.79), found.from_unit(0.81), found.from_unit(1.0)] == ["a", "b", "b"]


@pytest.mark.parametrize("name", SETTINGS)
def test_the_json_form_is_the_same_setting(name: str) -> None:
    assert setting_from_plain(setting_to_plain(SETTINGS[name])) == SETTINGS[name]


def test_the_json_form_of_probabilities_is_the_same_setting() -> None:
    choices = Choices(values=("a", "b"), text="[a, b]", probabilities=(0.8, 0.2))

    assert setting_from_plain(setting_to_plain(choices)) == choices


def test_the_json_form_of_a_plain_interval_is_as_before() -> None:
    plain = setting_to_plain(interval(0.0, 1.0))

    assert plain.keys() == {"low", "high", "initial", "log", "integer", "text"}
    assert setting_to_plain(Choices(values=(1,), text="")).keys() == {"values", "text"}


def test_a_grid_space_counts_steps() -> None:
    space = SearchSpace.from_settings({"x": interval(0.0, 1.0, step=0.25), "y": 3})

    assert space.size == 5
    assert [space.point_at(k)["x"] for k in range(5)] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert space.index_of({"x": 0.75, "y": 3}) == 3


def test_a_first_value_is_moved_to_the_nearest_step() -> None:
    space = SearchSpace.from_settings({"x": interval(0.0, 1.0, step=0.25, initial=0.6)})

    assert space.initial == {"x": 0.5}


@pytest.mark.parametrize(
    ("low", "high", "step", "values"),
    [
        (0.05, 1.0, 0.5, [0.5, 1.0]),
        (1, 256, 128, [128, 256]),
        (0.3, 0.9, 0.3, [0.3, 0.6, 0.9]),
        (-1.0, 1.0, 1.0, [-1.0, 0.0, 1.0]),
        (0.1, 0.2, 5, []),
    ],
)
def test_multiples_within_an_interval(
    low: float, high: float, step: float, values: list[float]
) -> None:
    steps = Steps.multiples(low, high, step)

    assert [steps.value_at(k) for k in range(steps.size)] == values


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"step": 0}, "a step is 0"),
        ({"step": float("nan")}, "a step is nan"),
        ({"step": 1e-300}, "too small"),
        ({"step": 2.0}, "has one value"),
    ],
)
def test_a_step_that_does_not_fit_is_refused(arguments: dict[str, float], said: str) -> None:
    with pytest.raises(FlagError, match=said):
        interval(0.0, 1.0, **arguments)  # type: ignore[arg-type]  # one keyword at a time


def test_priors_that_do_not_fit_are_refused() -> None:
    with pytest.raises(FlagError, match="above 0"):
        Normal(mean=0.0, sd=0.0)
    with pytest.raises(FlagError, match="above 0"):
        Beta(a=0.0, b=1.0)
    with pytest.raises(FlagError, match="not within 0 to 1"):
        interval(0.0, 2.0, prior=Beta(a=1.0, b=1.0))


@pytest.mark.parametrize("shares", [(0.5,), (0.5, 0.6), (0.0, 1.0), (-0.5, 1.5)])
def test_probabilities_that_do_not_fit_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(FlagError, match="probabilities"):
        Choices(values=(1, 2), text="", probabilities=shares)
