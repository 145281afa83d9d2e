import math

import pytest

from tests.search.pruning.curves import begun, decay, finished, trace
from tunesmith.search.pruner import Curve
from tunesmith.search.pruning.careful import Bold, Careful
from tunesmith.search.pruning.extrapolation import forecast
from tunesmith.search.pruning.judging import Judge

FALLING = finished(decay(0.10), decay(0.20), decay(0.15))


@pytest.mark.parametrize("pruner", [Careful(), Bold()], ids=["careful", "bold"])
def test_looks_are_further_and_further_apart(pruner: Careful) -> None:
    assert [n for n in range(1, 70) if pruner.looks_at(n)] == [4, 6, 10, 16, 26, 41, 67]


def test_a_trial_far_above_the_others_is_stopped_with_a_reason() -> None:
    one = begun(decay(0.9), 6)
    stop = Judge(Careful()).judge(one, FALLING)
    assert stop is not None
    assert stop.objection.text == "had less than a 10 % chance of beating"
    assert stop.objection.than == FALLING[0].costs[-1]


def test_a_trial_that_will_be_the_best_is_left_alone() -> None:
    for n in (4, 6, 10, 16, 26):
        assert Judge(Careful()).judge(begun(decay(0.05), n), FALLING) is None


def test_bold_stops_sooner_than_careful() -> None:
    def first(pruner: Careful) -> int:
        def shape(t: int) -> float:
            return decay(0.2)(t) + 0.005 * math.sin(7 * t)

        stops = (Judge(pruner).judge(begun(shape, n), FALLING) for n in range(1, 40))
        return next((stop.point for stop in stops if stop is not None), 40)

    assert first(Bold()) < first(Careful())


def test_a_curve_that_never_changes_ties_or_loses() -> None:
    flat = finished(*[lambda _: 0.5] * 3)
    judge = Judge(Careful())
    assert judge.judge(begun(lambda _: 0.5, 6), flat) is None
    assert judge.judge(begun(lambda _: 0.4, 6), flat) is None
    assert judge.judge(begun(lambda _: 0.6, 6), flat) is not None


def test_only_finished_trials_set_the_mark() -> None:
    ended = [Curve(number=1, costs=[0.9, 0.8], is_finished=True)]
    ended += [Curve(number=2, costs=[0.1], is_finished=False)]
    ended += [Curve(number=3, costs=[0.9, math.nan], is_finished=True)]
    running = Curve(number=4, costs=[2.0, 2.0, 2.0, 2.0], is_finished=False)
    found = Careful().judge(running, ended, horizon=9)
    assert found is not None
    assert found.than == 0.8
    assert Careful().judge(running, ended[1:], horizon=9) is None


@pytest.mark.parametrize(
    "shape", [decay(0.3, rate=4 / 40), lambda t: 0.3 + t**-0.5], ids=["exponential", "power"]
)
def test_the_end_of_a_curve_of_the_mixture_is_foretold(shape: object) -> None:
    assert callable(shape)
    found = forecast([shape(t) for t in range(1, 21)], 40)
    assert found is not None
    assert shape(20) + found.change == pytest.approx(shape(40), abs=3e-3)
    assert found.sd < 0.02


def test_costs_that_are_not_finite_are_passed_over() -> None:
    costs = [decay(0.3)(t) for t in range(1, 21)]
    found = forecast([*costs[:5], math.nan, *costs[6:]], 40)
    assert found is not None
    assert costs[-1] + found.change == pytest.approx(decay(0.3)(40), abs=0.01)
    assert forecast([math.nan, 1.0, 2.0], 40) is None
    assert forecast([1e308, -1e308, 1e308], 40) is None


def test_a_curve_that_rises_is_not_foretold_to_rise_on() -> None:
    found = forecast([t / 10 for t in range(1, 11)], 40)
    assert found is not None
    assert found.change <= 1e-9


def test_a_trial_is_not_judged_by_two_that_finished() -> None:
    assert Judge(Careful()).judge(begun(decay(0.9), 6), FALLING[:2]) is None
    assert Judge(Careful()).judge(trace(9, [9.0] * 6), FALLING) is not None
