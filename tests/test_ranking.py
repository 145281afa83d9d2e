import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.report.conftest import made_spec, made_trials
from tunesmith.flags.grammar import read_setting
from tunesmith.objective import Direction, Objective
from tunesmith.query.columns import parse_column
from tunesmith.query.table import sort_runs
from tunesmith.ranking import Front, best_first, best_of, leaders_of, n_outside
from tunesmith.scalar import ScalarColumn, ScalarSeries, ScalarSummary
from tunesmith.trial import Run, TrialStatus

SPEC = made_spec()


def trial(number: int, value: float | None, **fields: Any) -> Run:
    run = replace(made_trials(number)[-1], objective=value, **fields)
    if value is None:
        return run
    series = ScalarSeries(tag="loss", steps=[0], values=[value], times=[0.0])
    return replace(run, scalars={"loss": ScalarSummary.from_series(series)})


@given(
    values=st.lists(st.none() | st.floats(), max_size=8),
    direction=st.sampled_from(Direction),
    pruned=st.sets(st.integers(1, 8)),
)
@example(values=[0.0, -math.inf], direction=Direction.MINIMIZE, pruned=set())
@example(values=[0.0, math.inf], direction=Direction.MAXIMIZE, pruned=set())
@example(values=[0.0, -1.0, math.nan], direction=Direction.MINIMIZE, pruned={2})
def test_a_table_and_the_best_trial_agree_on_the_order(
    values: list[float | None], direction: Direction, pruned: set[int]
) -> None:
    spec = replace(SPEC, objective=Objective(direction=direction))
    runs = [
        trial(number, value, **({"status": TrialStatus.PRUNED} if number in pruned else {}))
        for number, value in enumerate(values, start=1)
    ]
    ranked = best_first(spec, runs)
    is_descending = direction is Direction.MAXIMIZE

    for column in ("loss", ".objective", "scalar:loss"):
        found = sort_runs(runs, parse_column(column), is_descending=is_descending)
        assert [run.number for run in found[: len(ranked)]] == [run.number for run in ranked]
    assert best_of(spec, runs) == (ranked[0] if ranked else None)


def test_an_infinite_result_wins_nothing_and_stands_before_a_missing_one() -> None:
    runs = [trial(n, v) for n, v in enumerate([None, -math.inf, 0.5, math.inf, math.nan], 1)]
    found = sort_runs(runs, parse_column("scalar:loss"), is_descending=False)
    assert [run.number for run in found[:3]] == [3, 2, 4]
    best = best_of(SPEC, runs)
    assert best is not None
    assert best.number == 3


def test_a_failed_trial_is_out_of_the_running() -> None:
    assert best_of(SPEC, [trial(1, 0.5, status=TrialStatus.ERROR)]) is None


@pytest.mark.parametrize(
    ("setting", "value", "is_inside"),
    [
        pytest.param("[2.0:3.0]", 2.0, True, id="an end of the interval"),
        pytest.param("[2.0:3.0]", 1.9, False, id="below it"),
        pytest.param("[2.0:3.0]", 2, True, id="a whole number in it"),
        pytest.param("[2.0:3.0]", True, False, id="no number"),
        pytest.param("[2.0:3.0]", None, False, id="nothing"),
        pytest.param("[a,b]", "b", True, id="one of several"),
        pytest.param("[a,b]", "c", False, id="none of several"),
        pytest.param("[1,2]", 1.0, True, id="the same number"),
        pytest.param("0.5", 0.5, True, id="the value"),
        pytest.param("0.5", 0.25, False, id="another value"),
    ],
)
def test_a_trial_outside_of_what_a_restart_searches_is_not_ranked(
    setting: str, value: Any, is_inside: bool
) -> None:
    settings = {**SPEC.settings, "x": read_setting(setting)}
    spec = replace(SPEC, settings=settings, changed=("x",))
    one = trial(1, 0.5)
    one = replace(one, flags={**one.flags, "x": value})
    assert (best_of(spec, [one]) is not None) == is_inside
    assert n_outside(spec, [one]) == (not is_inside)


def test_a_flag_that_no_restart_has_changed_leaves_nothing_out() -> None:
    one = replace(trial(1, 0.5), flags={})
    assert best_of(SPEC, [one]) is one
    assert n_outside(SPEC, [one]) == 0


SIZE = Objective(column=ScalarColumn(tag="size"))
SEVERAL = replace(SPEC, more_objectives=(SIZE,))


def sized(number: int, loss: float | None, size: float, **fields: Any) -> Run:
    run = trial(number, loss, **fields)
    series = ScalarSeries(tag="size", steps=[0], values=[size], times=[0.0])
    return replace(run, scalars={**run.scalars, "size": ScalarSummary.from_series(series)})


def test_the_front_has_the_completed_trials_with_all_results_that_none_beats() -> None:
    trials = [
        sized(1, 0.0, 9.0),
        sized(2, 1.0, 2.0),
        sized(3, 3.0, 1.0),
        sized(4, 1.0, 2.0),
        sized(5, 2.0, 5.0),
        sized(6, -1.0, math.nan),
        sized(7, -1.0, 0.0, status=TrialStatus.PRUNED),
        trial(8, -1.0),
    ]
    front = Front.of(SEVERAL, trials)
    assert [one.number for one in front.trials] == [1, 2, 3]
    assert front.knee is trials[1]
    assert leaders_of(SEVERAL, trials) == trials[:3]
    assert leaders_of(SPEC, trials) == [trials[5]]


@given(n=st.integers(3, 40), most=st.integers(3, 10))
def test_some_of_a_long_front_are_its_ends_and_its_knee(n: int, most: int) -> None:
    trials = [sized(k + 1, float(k), 1.0 / (k + 1)) for k in range(n)]
    front = Front.of(SEVERAL, trials)
    shown = front.shown(most)
    assert len(front.trials) == n
    assert len(shown) == min(n, most)
    assert (shown[0], shown[-1]) == (trials[0], trials[-1])
    assert front.knee in shown
