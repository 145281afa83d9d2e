import math

import pytest

from tests.search.pruning.curves import trace
from tunesmith.errors import SpecificationError
from tunesmith.search.pruning.after import After, finalists
from tunesmith.search.pruning.judging import Judge
from tunesmith.search.pruning.registry import build_pruner


def test_every_trial_stops_at_the_point_even_the_first() -> None:
    judge = Judge(build_pruner("after:5:10"))
    assert not judge.is_due(4, ())
    assert judge.is_due(5, ())
    assert judge.judge(trace(1, [1.0] * 4), ()) is None
    stop = judge.judge(trace(1, [1.0] * 5), ())
    assert stop is not None
    assert stop.objection.text == "waited until all had 5: the best 10 run to the end"
    assert stop.estimate == 1.0


def test_points_count_as_they_were_printed_even_after_long_trials() -> None:
    ended = [trace(k, [1.0] * 1000, is_finished=True) for k in (1, 2, 3)]
    assert Judge(After(5, 1)).judge(trace(4, [1.0] * 5), ended) is not None


def test_a_trial_of_which_a_point_was_missed_stops_at_the_next() -> None:
    assert Judge(After(5, 1)).judge(trace(4, [1.0] * 8), ()) is not None


def test_the_best_run_to_their_end() -> None:
    assert build_pruner("after:5:3").n_finalists == 3
    costs = {1: [9.0, 5.0], 2: [1.0, 7.0, 0.0], 3: [9.0, 6.0], 4: [9.0, 6.0], 5: [9.0, 8.0]}
    stopped = [trace(number, list(values)) for number, values in costs.items()]
    assert finalists(stopped, 2) == (1, 3)
    assert finalists(stopped, 9) == (1, 2, 3, 4, 5)


def test_trials_that_have_run_to_their_end_count_so_that_a_restart_runs_the_same_ones() -> None:
    stopped = [trace(number, [9.0, float(number)]) for number in (1, 2, 3, 4)]
    ended = [trace(1, [9.0, 1.0, 0.5], is_finished=True), *stopped[1:]]
    assert finalists(stopped, 2) == (1, 2)
    assert finalists(ended, 2) == (2,)


def test_a_trial_that_diverged_or_finished_is_no_finalist() -> None:
    stopped = [
        trace(1, [1.0, math.nan, math.nan]),
        trace(2, [0.0, 0.0], is_finished=True),
        trace(3, [3.0, 3.0]),
        trace(4, []),
        trace(5, [math.nan, 4.0, 2.0]),
    ]
    assert finalists(stopped, 2) == (3,)
    assert finalists(stopped, 5) == (3, 5)
    assert finalists([], 5) == ()


@pytest.mark.parametrize("text", ["after", "after:5", "after:5:1:2"])
def test_both_numbers_are_needed(text: str) -> None:
    with pytest.raises(SpecificationError, match="expected after:N:K"):
        build_pruner(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("after:0:1", "N of after:N:K is 0: expected 1 or more"),
        ("after:1:0", "K of after:N:K is 0"),
        ("after:1.5:2", "n of pruner 'after:1.5:2' is '1.5': expected a whole number"),
    ],
)
def test_a_wrong_number_is_refused(text: str, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        build_pruner(text)
