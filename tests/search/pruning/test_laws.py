"""What every registered pruner promises."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search.pruning.curves import any_costs, batches, running, trace
from tunesmith.search.pruner import Pruner
from tunesmith.search.pruning.judging import Judge, Stop, Trace
from tunesmith.search.pruning.registry import build_pruner, pruner_names

RULES = [*sorted(set(pruner_names()) - {"after"}), "after:5:2"]
few = settings(deadline=None, max_examples=30)
every_rule = pytest.mark.parametrize("rule", RULES)
relative = pytest.mark.parametrize("rule", [r for r in RULES if build_pruner(r).needs_finished])


def asked(pruner: Pruner, one: Trace, ended: Sequence[Trace]) -> Stop | None:
    return Judge(pruner).judge(one, ended)


def changed(one: Trace, change: Callable[[float], float]) -> Trace:
    costs = [change(cost) for cost in one.costs]
    return trace(one.number, costs, is_finished=one.is_finished, flags=one.flags)


@every_rule
@few
@given(one=running(any_costs), ended=batches(any_costs))
def test_a_decision_is_the_same_again(rule: str, one: Trace, ended: list[Trace]) -> None:
    judge = Judge(build_pruner(rule))
    first = repr(judge.judge(one, ended))
    assert repr(judge.judge(one, ended)) == first
    assert repr(asked(build_pruner(rule), one, list(ended))) == first


@every_rule
@few
@given(one=running(any_costs), ended=batches(any_costs), seed=st.integers(0, 99))
def test_the_order_of_the_others_does_not_matter(
    rule: str, one: Trace, ended: list[Trace], seed: int
) -> None:
    shuffled = random.Random(seed).sample(ended, len(ended))
    pruner = build_pruner(rule)
    assert repr(asked(pruner, one, shuffled)) == repr(asked(pruner, one, ended))


@every_rule
@few
@given(
    one=running(),
    ended=batches(),
    shift=st.integers(-64, 64),
    scale=st.sampled_from([1 / 1024, 0.5, 2.0, 1024.0]),
)
def test_only_differences_of_costs_matter_and_their_unit_does_not(
    rule: str, one: Trace, ended: list[Trace], shift: int, scale: float
) -> None:
    def move(cost: float) -> float:
        return (cost + shift) * scale

    pruner = build_pruner(rule)
    before = asked(pruner, one, ended)
    after = asked(pruner, changed(one, move), [changed(other, move) for other in ended])
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert after.point == before.point
        assert after.objection.text == before.objection.text
        if before.objection.than is not None:
            assert after.objection.than == move(before.objection.than)


@relative
@few
@given(ended=batches(any_costs), costs=st.lists(st.just(64.0), min_size=30, max_size=40))
def test_none_is_stopped_at_its_horizon_or_later(
    rule: str, ended: list[Trace], costs: list[float]
) -> None:
    assert asked(build_pruner(rule), trace(50, costs), ended) is None


@relative
@few
@given(one=running(), ended=batches())
def test_none_is_stopped_before_three_have_finished(
    rule: str, one: Trace, ended: list[Trace]
) -> None:
    assert asked(build_pruner(rule), one, ended[:2]) is None


@every_rule
@few
@given(one=running(), ended=batches(), min_points=st.integers(1, 40))
def test_none_is_stopped_before_the_least_number_of_points(
    rule: str, one: Trace, ended: list[Trace], min_points: int
) -> None:
    stop = Judge(build_pruner(rule), min_points=min_points).judge(one, ended)
    assert stop is None or stop.point >= min_points


@every_rule
@few
@given(one=running(any_costs), ended=batches(any_costs))
def test_a_look_that_is_not_due_stops_nothing(rule: str, one: Trace, ended: list[Trace]) -> None:
    judge = Judge(build_pruner(rule))
    if not judge.is_due(len(one.costs), ended, one.costs[-1]):
        assert judge.judge(one, ended) is None


@every_rule
@pytest.mark.parametrize("costs", [[1.0, float("nan"), float("nan")], [float("inf")] * 2])
def test_two_costs_in_a_row_that_are_not_finite_stop_a_trial(
    rule: str, costs: list[float]
) -> None:
    judge = Judge(build_pruner(rule), min_points=10)
    assert judge.is_due(len(costs), (), costs[-1])
    stop = judge.judge(trace(1, costs), ())
    assert stop is not None
    assert (stop.point, stop.estimate, stop.among) == (len(costs), None, ())
    assert stop.objection.text == "was the second in a row that is no finite number"


@every_rule
def test_one_cost_that_is_not_finite_stops_nothing(rule: str) -> None:
    judge = Judge(build_pruner(rule))
    assert judge.judge(trace(1, [1.0, float("nan")]), ()) is None
    assert judge.judge(trace(1, [float("nan"), 1.0]), ()) is None
