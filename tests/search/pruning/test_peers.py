import math

import pytest

from tunesmith.search.pruner import Curve
from tunesmith.search.pruning.careful import Careful
from tunesmith.search.pruning.peers import ask_peers, probability_below


def finished(*costs: list[float]) -> list[Curve]:
    return [Curve(number=k, costs=one, is_finished=True) for k, one in enumerate(costs, 1)]


def at(*costs: float) -> Curve:
    return Curve(number=9, costs=list(costs), is_finished=False)


def test_peers_that_became_the_best_give_hope_and_others_give_none() -> None:
    others = finished([5.0, 1.0, 0.0], [5.1, 1.0, 0.1], [9.0, 1.0, 0.8], [9.1, 1.0, 0.9])
    near_the_best = ask_peers(at(5.05), others, horizon=3, below=0.0)
    near_the_worst = ask_peers(at(9.05), others, horizon=3, below=0.0)
    assert near_the_best is not None
    assert near_the_worst is not None
    assert near_the_best.chance > 0.1
    assert near_the_worst.chance < 0.001
    assert near_the_worst.chance < near_the_best.usual < near_the_best.chance
    assert near_the_worst.usual == near_the_best.usual
    assert near_the_best.weight == pytest.approx(2.0, abs=0.1)


def test_a_trial_that_is_where_none_was_has_no_peers() -> None:
    others = finished([1.0, 0.0], [1.1, 0.1], [1.2, 0.2])
    assert ask_peers(at(50.0), others, horizon=2, below=0.0) is None
    flat = finished([1.0, 0.0], [1.0, 0.1])
    assert ask_peers(at(2.0), flat, horizon=2, below=0.0) is None


def test_all_are_peers_where_all_are_at_one_cost() -> None:
    others = finished([1.0, 0.0], [1.0, 0.5], [1.0, 1.0])
    found = ask_peers(at(1.0), others, horizon=2, below=0.0)
    assert found is not None
    assert found.weight == 3.0
    # the ends have the mean 0.5 and the variance 1/6, and a fourth one is to come
    sd = math.sqrt(4 / 3 / 6)
    assert found.chance == pytest.approx(0.5 * math.erfc(0.5 / sd / math.sqrt(2)))


def test_trials_of_another_length_count_where_they_were_as_far_on_their_way() -> None:
    others = finished([1.0] * 10 + [0.0] * 10, [1.0] * 40 + [0.0] * 40)
    half_way = ask_peers(at(*[1.0] * 5), others, horizon=10, below=0.0)
    assert half_way is not None
    assert half_way.weight == 2.0
    assert ask_peers(at(*[1.0] * 6), others, horizon=10, below=0.0) is None


def test_one_finished_trial_or_ends_that_are_not_finite_are_no_peers() -> None:
    assert ask_peers(at(1.0), finished([1.0, 0.0]), horizon=2, below=0.0) is None
    broken = finished([1.0, math.nan], [math.inf, 0.0], [1.0, 0.0])
    assert ask_peers(at(1.0), broken, horizon=2, below=0.0) is None


def test_equal_ends_are_even_chances() -> None:
    found = ask_peers(at(1.0), finished([1.0, 0.3], [1.0, 0.3]), horizon=2, below=0.3)
    assert found is not None
    assert found.chance == 0.5


def test_a_plateau_from_which_others_have_fallen_is_no_reason_to_stop() -> None:
    flat = [0.5] * 6
    others = finished(flat + [0.1] * 4, flat + [0.5] * 4, flat + [0.1] * 4)
    assert Careful().judge(at(*flat[:4]), others, horizon=10) is None
    assert Careful(trust=0.0).judge(at(*flat[:4]), others, horizon=10) is not None


def test_the_probability_is_that_of_the_normal_distribution() -> None:
    assert probability_below(0.0, 1.2815515655446004, 1.0) == pytest.approx(0.1)
    assert probability_below(1.0, 1.0, 0.0) == 0.5
    assert (probability_below(1.0, 2.0, 0.0), probability_below(2.0, 1.0, 0.0)) == (0.0, 1.0)


def test_a_start_that_tells_nothing_is_no_reason_to_stop_among_many() -> None:
    # twenty that began alike and ended anywhere: none of them had much of a chance
    others = finished(*[[1.0, 1.0, 1.0, 1.0, k / 20] for k in range(20)])
    assert Careful().judge(at(1.0, 1.0, 1.0, 1.0), others, horizon=5) is None
    told = finished(*[[k / 20] * 5 for k in range(20)])
    assert Careful().judge(at(*[0.9] * 4), told, horizon=5) is not None
