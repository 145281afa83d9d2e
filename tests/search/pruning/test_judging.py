import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from tests.search.pruning.curves import begun, decay, finished, trace
from tunesmith.search.pruner import Curve, Objection
from tunesmith.search.pruning.judging import Judge, estimated_end
from tunesmith.search.pruning.registry import build_pruner


@dataclass
class Recording:
    """Stops nothing, and keeps what it was asked."""

    needs_finished: bool = True
    n_finalists: int = 0
    asked: list[tuple[Curve, tuple[Curve, ...], int]] = field(default_factory=list)

    def looks_at(self, n_points: int) -> bool:
        return True

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        self.asked.append((curve, tuple(ended), horizon))
        return None


@dataclass(frozen=True)
class Stopping:
    """Stops every trial."""

    needs_finished: bool = True
    n_finalists: int = 0

    def looks_at(self, n_points: int) -> bool:
        return True

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        return Objection(text="was not wanted")


THREE = finished(decay(0.1), decay(0.2), decay(0.3))


def test_the_horizon_is_the_median_number_of_points_of_the_finished() -> None:
    lengths = {1: 10, 2: 40, 3: 41, 4: 90}
    ended = [trace(k, [1.0] * n, is_finished=True) for k, n in lengths.items()]
    pruner = Recording()
    Judge(pruner).judge(begun(decay(0.5), 5), [*ended, trace(5, [1.0] * 7)])
    assert pruner.asked[0][2] == 40


def test_few_points_are_judged_as_they_were_printed() -> None:
    pruner = Recording()
    one = begun(decay(0.5), 7)
    Judge(pruner).judge(one, THREE)
    curve, ended, horizon = pruner.asked[0]
    assert curve.costs == one.costs
    assert [other.number for other in ended] == [1, 2, 3]
    assert horizon == 40


def test_many_points_are_averaged_into_some_fifty_bins() -> None:
    ended = finished(*[lambda t: float(t)] * 3, n_points=1000)
    pruner = Recording()
    judge = Judge(pruner)
    due = [n for n in range(1, 101) if judge.is_due(n, ended)]
    assert due == [20, 40, 60, 80, 100]
    judge.judge(begun(lambda t: float(t), 60), ended)
    curve, others, horizon = pruner.asked[0]
    assert curve.costs == (10.5, 30.5, 50.5)
    assert len(others[0].costs) == horizon == 50


def test_bins_change_when_a_longer_trial_has_finished() -> None:
    judge = Judge(Recording())
    ended = list(THREE)
    assert judge.is_due(3, ended)
    ended += [trace(k, [1.0] * 1000, is_finished=True) for k in range(4, 9)]
    assert not judge.is_due(3, ended)


def test_a_flag_that_is_the_number_of_points_is_the_trials_own_horizon() -> None:
    ended = [
        trace(k, [1.0] * n, is_finished=True, flags={"epochs": n, "lr": 0.1})
        for k, n in enumerate((10, 20, 40), 1)
    ]
    pruner = Recording()
    judge = Judge(pruner)
    judge.judge(trace(9, [1.0] * 5, flags={"epochs": 6, "lr": 0.2}), ended)
    judge.judge(trace(9, [1.0] * 25, flags={"epochs": 30, "lr": 0.2}), ended)
    assert [horizon for *_, horizon in pruner.asked] == [6, 30]
    assert judge.judge(trace(9, [1.0] * 6, flags={"epochs": 6, "lr": 0.2}), ended) is None
    assert len(pruner.asked) == 2


def test_a_stop_says_where_by_what_and_among_whom() -> None:
    one = begun(decay(0.5), 6)
    ended = [*reversed(THREE), trace(7, [1.0])]
    stop = Judge(Stopping()).judge(one, ended)
    assert stop is not None
    assert stop.point == 6
    assert stop.cost == one.costs[-1]
    assert stop.objection == Objection(text="was not wanted")
    assert stop.among == (1, 2, 3, 7)


def test_an_estimate_is_the_last_cost_and_the_usual_gain() -> None:
    others = [[5.0, 4.0, 1.0], [5.0, 3.0, 2.0], [5.0, 4.5, 2.5], [5.0]]
    assert estimated_end([9.0, 8.0], others[:3]) == 8.0 - 2.0
    assert estimated_end([9.0, 3.5], others[:3]) == 2.0  # the median: no better than that
    assert estimated_end([9.0, 8.0], others) == 8.0 - 2.0  # the last one did not come so far
    assert estimated_end([9.0, 8.0], []) == 8.0


def test_a_cost_that_is_not_finite_is_no_estimate() -> None:
    assert estimated_end([9.0, math.nan], [[1.0, 2.0]]) is None


def test_ends_that_are_not_finite_are_no_part_of_an_estimate() -> None:
    assert estimated_end([9.0, 8.0], [[5.0, 4.0, math.nan], [5.0, 4.0, 1.0]]) == 5.0


def test_a_rule_that_needs_none_that_finished_sees_the_first_trial_as_printed() -> None:
    pruner = Recording(needs_finished=False)
    judge = Judge(pruner)
    assert judge.is_due(1, ())
    judge.judge(trace(1, [3.0]), ())
    assert pruner.asked == [(Curve(number=1, costs=[3.0], is_finished=False), (), 0)]


@pytest.mark.parametrize("n_points", [0, 1])
def test_a_trial_without_points_is_left_alone(n_points: int) -> None:
    assert Judge(Stopping()).judge(trace(1, [1.0] * n_points), ()) is None


@pytest.mark.parametrize("n_points", [40, 300, 5000])
def test_what_is_due_next_is_what_is_due(n_points: int) -> None:
    judge = Judge(build_pruner("careful"), min_points=7)
    ended = [trace(number, [1.0] * n_points, is_finished=True) for number in (1, 2, 3)]
    width = max(1, n_points // 50)
    due = [n for n in range(1, n_points // width * width) if judge.is_due(n, ended)]
    found, at = [], judge.next_due(0, {}, ended)
    while at != math.inf:
        found.append(at)
        at = judge.next_due(int(at), {}, ended)
    assert found == due
    assert judge.next_due(0, {}, ended[:2]) == math.inf, "before three have finished"
