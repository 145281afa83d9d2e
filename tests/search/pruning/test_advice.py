import math
import random
from collections.abc import Sequence

import pytest

from tests.search.pruning.curves import decay, trace
from tunesmith.search.pruning.advice import Advice, advise
from tunesmith.search.pruning.judging import Trace
from tunesmith.search.pruning.registry import build_pruner

CAREFUL = build_pruner("careful")


def falling(n_trials: int = 20, n_points: int = 30) -> list[Trace]:
    """Return curves whose order shows early."""
    shapes = [decay(k / n_trials) for k in range(n_trials)]
    return [
        trace(k, [shape(t) for t in range(1, n_points + 1)], is_finished=True)
        for k, shape in enumerate(shapes, 1)
    ]


def plateau(jump: int, n_points: int = 30) -> list[Trace]:
    """Return curves on one plateau, with noise, of which two fall far at a late point."""
    rng = random.Random(4)
    costs = [[0.5 + rng.gauss(0, 0.01) for _ in range(n_points)] for _ in range(20)]
    for k, end in ((7, 0.1), (13, 0.2)):
        costs[k][jump:] = [end] * (n_points - jump)
    return [trace(k, one, is_finished=True) for k, one in enumerate(costs, 1)]


def test_a_batch_whose_order_shows_early_is_advised_to_prune() -> None:
    found = advise(falling(), CAREFUL)
    assert found is not None
    assert found.is_for
    assert not found.is_against
    assert found.share < 0.6
    assert found.excess == 0.0
    assert (
        str(found)
        == f"would have run {100 * found.share:.0f} % of the steps and found the same best"
    )


def test_a_plateau_that_ends_in_a_jump_is_warned_of() -> None:
    found = advise(plateau(jump=24), CAREFUL)
    assert found is not None
    assert found.is_against
    assert not found.is_for
    assert found.excess > 0.05
    assert " and lost the best trial" in str(found)


def test_the_same_trials_in_any_order_get_the_same_advice() -> None:
    traces = plateau(jump=24)
    assert advise(traces[::-1], CAREFUL) == advise(traces, CAREFUL)


@pytest.mark.parametrize(
    "traces",
    [falling(n_trials=9), falling(n_points=9), [], [trace(k, [1.0] * 20) for k in range(20)]],
    ids=["nine trials", "nine points", "none", "none that finished"],
)
def test_of_little_there_is_no_advice(traces: Sequence[Trace]) -> None:
    assert advise(traces, CAREFUL) is None


def test_stopped_trials_are_left_out() -> None:
    traces = falling()
    assert advise([*traces, trace(50, [0.0] * 5)], CAREFUL) == advise(traces, CAREFUL)


def test_a_rule_that_saves_little_is_neither_for_nor_against() -> None:
    found = advise(falling(), CAREFUL, min_points=27)
    assert found is not None
    assert found.n_lost == 0
    assert found.share > 0.75
    assert not found.is_for
    assert not found.is_against


@pytest.mark.parametrize(
    ("n_lost", "words"),
    [
        (0, "would have run 56 % of the steps and found the same best"),
        (2, "would have run 56 % of the steps and lost the best trial in 2 of 6 orders"),
        (6, "would have run 56 % of the steps and lost the best trial"),
    ],
)
def test_the_words_say_how_often_the_best_was_lost(n_lost: int, words: str) -> None:
    assert str(Advice(share=0.561, n_lost=n_lost, n_orders=6, excess=math.inf)) == words
