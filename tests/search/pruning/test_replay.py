import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search.pruning.curves import batches, decay, finished, trace
from tunesmith.search.pruner import Curve, Objection
from tunesmith.search.pruning.after import After
from tunesmith.search.pruning.judging import Trace
from tunesmith.search.pruning.registry import build_pruner
from tunesmith.search.pruning.replay import replay


@dataclass(frozen=True)
class StopsAt:
    """Stops trials at a point, once so many others have ended."""

    points: dict[int, int]
    needs_finished: ClassVar[bool] = False
    n_finalists: ClassVar[int] = 0

    def looks_at(self, n_points: int) -> bool:
        return True

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        is_stopped = self.points.get(curve.number) == len(curve.costs)
        seen = ",".join(f"{one.number}:{len(one.costs)}" for one in ended)
        return Objection(text=seen) if is_stopped else None


FIVE = finished(*[decay(k / 10) for k in (3, 1, 5, 2, 4)], n_points=10)


def test_a_rule_that_stops_nothing_prints_all_and_finds_the_best() -> None:
    found = replay(FIVE, StopsAt({}))
    assert (found.n_points, found.n_full, found.share) == (50, 50, 1.0)
    assert found.best is found.full_best is FIVE[1]
    assert found.excess == 0.0


def test_stopped_trials_print_less_and_are_never_the_best() -> None:
    found = replay(FIVE, StopsAt({2: 4, 3: 1}))
    assert found.n_points == 50 - 6 - 9
    assert {number: stop.point for number, stop in found.stops.items()} == {2: 4, 3: 1}
    assert found.best is FIVE[3]
    assert found.excess == pytest.approx(0.1)


def test_each_is_judged_by_those_that_have_ended_by_then() -> None:
    found = replay(FIVE, StopsAt({2: 4, 3: 1, 5: 2}))
    texts = {number: stop.objection.text for number, stop in found.stops.items()}
    assert texts == {2: "1:10", 3: "1:10,2:4", 5: "1:10,2:4,3:1,4:10"}


def test_jobs_run_side_by_side_in_the_order_of_points_and_trials() -> None:
    found = replay(FIVE, StopsAt({1: 3, 2: 4, 3: 1, 5: 2}), n_jobs=2)
    texts = {number: stop.objection.text for number, stop in found.stops.items()}
    # 1 stops at 3, 3 starts beside 2 at its point 4: both stop then, 2 first
    assert texts == {1: "", 2: "1:3", 3: "1:3,2:4", 5: "1:3,2:4,3:1"}


def test_finalists_run_again_to_their_end() -> None:
    found = replay(FIVE, After(4, 2))
    assert found.n_points == 5 * 4 + 2 * 10
    assert found.best is FIVE[1]


def test_a_trial_that_is_shorter_than_the_point_has_finished() -> None:
    traces = [*FIVE, trace(6, [0.0, 0.0], is_finished=True)]
    found = replay(traces, After(4, 1))
    assert found.n_points == 5 * 4 + 2 + 10
    assert found.best is traces[5]


def test_without_a_finite_end_there_is_no_best() -> None:
    traces = [trace(1, [1.0, math.nan], is_finished=True)]
    found = replay(traces, StopsAt({}))
    assert found.best is None
    assert found.excess == 0.0
    assert replay([], StopsAt({})).share == 1.0


def test_where_all_are_stopped_the_excess_is_infinite() -> None:
    assert replay(FIVE, StopsAt(dict.fromkeys(range(1, 6), 1))).excess == math.inf


@settings(deadline=None, max_examples=30)
@given(traces=batches(), n_jobs=st.integers(1, 4), rule=st.sampled_from(["bold", "median"]))
def test_a_replay_says_the_same_again(traces: list[Trace], n_jobs: int, rule: str) -> None:
    pruner = build_pruner(rule)
    found = replay(traces, pruner, n_jobs=n_jobs)
    assert replay(traces, build_pruner(rule), n_jobs=n_jobs) == found
    assert found.n_points <= found.n_full
