import math

import pytest

from tests.search.pruning.curves import begun, decay, finished, trace
from tunesmith.errors import SpecificationError
from tunesmith.search.pruner import Curve, Pruner
from tunesmith.search.pruning.halving import Halving
from tunesmith.search.pruning.judging import Judge
from tunesmith.search.pruning.median import Median
from tunesmith.search.pruning.registry import build_pruner


def ended(*costs: list[float]) -> list[Curve]:
    return [Curve(number=k, costs=one, is_finished=k < 4) for k, one in enumerate(costs, 1)]


def running(*costs: float) -> Curve:
    return Curve(number=9, costs=list(costs), is_finished=False)


def test_rungs_double() -> None:
    assert [n for n in range(1, 70) if Halving().looks_at(n)] == [4, 8, 16, 32, 64]
    assert [n for n in range(1, 70) if Halving(first=3, factor=4).looks_at(n)] == [3, 12, 48]


def test_half_of_those_that_came_as_far_go_on() -> None:
    others = ended([9, 9, 9, 1.0], [9, 9, 9, 2.0], [9, 9, 9, 4.0], [0, 0])
    assert Halving().judge(running(9, 9, 9, 2.0), others, horizon=9) is None
    found = Halving().judge(running(9, 9, 9, 3.0), others, horizon=9)
    assert found is not None
    assert found.text == "was not among the best 2 of 4 trials, the last of which had"
    assert found.than == 2.0


def test_the_first_at_a_rung_goes_on() -> None:
    assert Halving().judge(running(9, 9, 9, 3.0), ended([1.0]), horizon=9) is None


def test_a_trial_that_was_never_as_good_as_the_median_is_stopped() -> None:
    others = ended([4.0, 2.0], [6.0, 2.0], [8.0, 2.0, 0.0], [0.0])
    assert Median().judge(running(5.0, 4.0), others, horizon=9) is None
    found = Median().judge(running(4.5, 9.0), others, horizon=9)
    assert found is not None
    assert found.text == "was never better than the median of the averages of 3 trials,"
    assert found.than == 4.0
    assert not Median().looks_at(3)
    assert Median().looks_at(4)


@pytest.mark.parametrize("pruner", [Halving(), Median()], ids=["halving", "median"])
def test_a_cost_that_is_not_finite_decides_nothing(pruner: Pruner) -> None:
    others = ended([1.0] * 4, [1.0] * 4, [1.0, 1.0, 1.0, math.nan])
    assert pruner.judge(running(*[math.nan] * 4), others, horizon=9) is None


@pytest.mark.parametrize("rule", ["halving", "median"])
def test_the_worst_of_many_is_stopped_and_the_best_is_not(rule: str) -> None:
    judge = Judge(build_pruner(rule))
    others = finished(*[decay(k / 10) for k in range(1, 8)])
    assert judge.judge(begun(decay(2.0), 4), others) is not None
    assert judge.judge(begun(decay(0.0), 4), others) is None
    assert judge.judge(trace(9, [9.0] * 3), others) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("halving:0", "first is 0: expected 1 or more"),
        ("halving:4:1", "factor is 1: expected 2 or more"),
        ("median:0", "first is 0: expected 1 or more"),
    ],
)
def test_a_wrong_setting_is_refused(text: str, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        build_pruner(text)
