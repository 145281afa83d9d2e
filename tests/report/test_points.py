import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.conftest import made_spec, made_trials
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.objective import Direction, Objective
from tunesmith.report.points import axis_of, best_so_far, points_of
from tunesmith.report.scales import log_ticks, range_of, ticks

finite = st.floats(min_value=-1e300, max_value=1e300)


@given(values=st.lists(finite, min_size=1), direction=st.sampled_from(Direction))
def test_the_best_so_far_never_gets_worse_and_ends_at_the_best(
    values: list[float], direction: Direction
) -> None:
    trials = [
        replace(run, objective=v) for run, v in zip(made_trials(len(values)), values, strict=True)
    ]
    objective = Objective(direction=direction)

    points = points_of(trials, replace(made_spec(), objective=objective))
    best = best_so_far(points, objective)

    extreme = min if direction is Direction.MINIMIZE else max
    assert [value for _, value in best] == [extreme(values[: i + 1]) for i in range(len(values))]
    assert [number for number, _ in best] == [run.number for run in trials]
    assert [point.value for point in points if point.is_best] == [extreme(values)]


def test_the_best_so_far_is_of_the_space_that_is_searched_now() -> None:
    spec = replace(
        made_spec(),
        settings={"x": Distribution(low=2.0, high=3.0, text="[2.0:3.0]")},
        changed=("x",),
    )
    xs, objectives = [0.5, 2.5, 0.1, 2.9], [0.0, 5.0, -1.0, 4.0]
    trials = [
        replace(run, flags={"x": x}, objective=objective)
        for run, x, objective in zip(made_trials(4), xs, objectives, strict=True)
    ]

    points = points_of(trials, spec)

    assert [point.is_searched for point in points] == [False, True, False, True]
    assert best_so_far(points, spec.objective) == [(2, 5.0), (4, 4.0)]
    assert [point.run.number for point in points if point.is_best] == [4]


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_trial_without_a_finite_objective_is_no_point(value: float | None) -> None:
    trials = [replace(run, objective=value) for run in made_trials(2)]

    assert points_of(trials, made_spec()) == []


@given(
    values=st.lists(
        st.one_of(
            finite, st.integers(-(10**9), 10**9), st.text(max_size=3), st.booleans(), st.none()
        ),
        min_size=1,
    )
)
def test_every_value_has_a_place_on_its_axis(
    values: list[float | int | str | bool | None],
) -> None:
    axis = axis_of("x", values)

    for value in values:
        place = axis.place(value)
        assert place is not None
        assert 0 <= axis.fraction(place) <= 1


def test_a_list_that_was_searched_has_a_tick_for_each_value() -> None:
    setting = Choices(values=(0.1, 0.2), text="[0.1,0.2]")

    assert axis_of("noise", [0.2, 0.1, 0.2], {"noise": setting}).listed == (0.1, 0.2)
    assert axis_of("noise", [0.2, 0.1, 0.2]).listed == ()


def test_the_ticks_of_a_long_list_are_round_numbers() -> None:
    values = [n / 7 for n in range(20)]
    setting = Choices(values=tuple(values), text="[…]")

    assert axis_of("x", values, {"x": setting}).listed == ()


def test_an_interval_that_was_searched_is_shown_whole_on_its_own_scale() -> None:
    setting = Distribution(low=1e-4, high=1.0, is_log=True, text="loguniform[1e-4:1]")

    axis = axis_of("lr", [0.01, 0.1], {"lr": setting})

    assert (axis.low, axis.high, axis.is_log) == (1e-4, 1.0, True)
    assert axis.fraction(0.01) == pytest.approx(0.5)


@given(low=finite, breadth=st.floats(min_value=1e-6, max_value=1e6))
def test_ticks_are_few_round_and_inside(low: float, breadth: float) -> None:
    found = ticks(low, low + breadth)

    assert 1 <= len(found) <= 8
    assert found == sorted(found)


@given(low=st.floats(1e-300, 1e290), factor=st.floats(1.0001, 1e9))
def test_log_ticks_are_few_and_inside(low: float, factor: float) -> None:
    found = log_ticks(low, low * factor)

    assert 2 <= len(found) <= 8
    assert all(low * 0.999 <= tick <= low * factor * 1.001 for tick in found)


@given(values=st.lists(finite, min_size=1), is_low_better=st.booleans())
def test_a_range_always_holds_the_better_side(values: list[float], is_low_better: bool) -> None:
    span = range_of(values, is_low_better=is_low_better)

    assert span.holds(min(values) if is_low_better else max(values))
    assert span.low < span.high
    assert all(0 <= span.fraction(value) <= 1 for value in values)
