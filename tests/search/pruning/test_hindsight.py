import math

import pytest

from tunesmith.search.pruner import Curve
from tunesmith.search.pruning.careful import Careful
from tunesmith.search.pruning.extrapolation import Forecast, forecast
from tunesmith.search.pruning.hindsight import corrected_chance


def finished(*costs: list[float]) -> list[Curve]:
    return [Curve(number=k, costs=one, is_finished=True) for k, one in enumerate(costs, 1)]


RISE = [1.0, 1.1, 1.2, 1.3]
RUNNING = Curve(number=9, costs=RISE, is_finished=False)
FALLEN = finished(*([*RISE, 1.0, end] for end in (0.1, 0.3, 0.5)))
"""Trials that rose first, as in a warm-up, and fell far below what was foretold."""
RISEN = finished(*([*RISE, 1.3, end] for end in (1.2, 1.3, 1.4)))


def chance(others: list[Curve], below: float) -> float | None:
    expected = forecast(RISE, 6)
    assert expected is not None
    return corrected_chance(RUNNING, expected, others, horizon=6, below=below)


def test_a_trial_is_given_the_errors_of_those_that_have_finished() -> None:
    # they ended around 0.3 with a standard deviation of 0.2, and so will this one, a fourth
    sd = 0.2 * math.sqrt(1 + 1 / 3)
    expected = 0.5 * math.erfc((0.3 - 0.1) / sd / math.sqrt(2))
    assert chance(FALLEN, 0.1) == pytest.approx(expected, rel=1e-4)
    assert chance(FALLEN, 0.3) == pytest.approx(0.5)
    risen = chance(RISEN, 0.1)
    assert risen is not None
    assert risen < 1e-6


def test_a_rise_from_which_others_have_fallen_is_no_reason_to_stop() -> None:
    assert Careful().judge(RUNNING, FALLEN, horizon=6) is None
    assert Careful(trust=0.0).judge(RUNNING, FALLEN, horizon=6) is not None


def test_too_few_have_finished_to_tell() -> None:
    assert chance(FALLEN[:1], 0.1) is None
    assert chance(finished([1.0, 0.5], [1.0, 0.4, 0.3]), 0.1) is None  # too few points at 4 of 6
    broken = finished(*[[*RISE, 1.0, math.nan]] * 3)
    assert chance(broken, 0.1) is None


def test_trials_of_another_length_are_foretold_from_where_they_were_as_far() -> None:
    longer = [[value for value in one.costs for _ in range(2)] for one in FALLEN]
    found = chance(finished(*longer), 0.3)
    assert found is not None
    assert 0.2 < found < 0.8


def test_others_that_never_changed_tie() -> None:
    flat = Curve(number=9, costs=[0.5] * 4, is_finished=False)
    still = Forecast(change=0.0, sd=0.0)
    others = finished(*[[0.5] * 6] * 3)
    assert corrected_chance(flat, still, others, horizon=6, below=0.5) == 0.5
    below = corrected_chance(flat, still, others, horizon=6, below=0.4)
    assert below == pytest.approx(0.0, abs=1e-9)
