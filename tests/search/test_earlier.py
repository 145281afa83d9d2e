"""Results of other batches: kept where they hold, shifted by an offset, or left out."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.flags.grammar import read_setting
from tunesmith.search.earlier import holding
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.sequential import Search
from tunesmith.search.space import SearchSpace

SPACE = SearchSpace.from_settings({"x": read_setting("[0.0:1.0]"), "y": read_setting("[0.0:1.0]")})
CELLS = SearchSpace.from_settings({"n": read_setting("[1:9]"), "kind": read_setting("[a,b]")})
POINTS = np.random.default_rng(5).random((60, 2))


def bowl(x: float, y: float) -> float:
    """The objective: its best is at (0.2, 0.3)."""
    return (x - 0.2) ** 2 + (y - 0.3) ** 2 + 0.1 * math.sin(6 * x)


def turned(x: float, y: float) -> float:
    """Another one, whose best is elsewhere."""
    return bowl(1 - x, 1 - y)


def trials_of(
    function: Callable[[float, float], float], places: range, *, batch: str = ""
) -> list[Observation]:
    """Trials at random points: the own ones, or those of another batch."""
    return [
        Observation(
            number=0 if batch else number,
            flags={"x": x, "y": y},
            cost=function(x, y),
            batch=batch,
        )
        for number, (x, y) in enumerate(POINTS[list(places)].tolist(), 1)
    ]


def held(*trials: list[Observation]) -> Search:
    told = [one for some in trials for one in some]
    return holding(Search(space=SPACE, trials=told, pending=[]))


OWN = trials_of(bowl, range(40, 46))


def test_until_a_batch_has_results_all_others_hold() -> None:
    earlier = trials_of(turned, range(30), batch="a")
    failed = Observation(number=1, flags={"x": 0.5, "y": 0.5}, cost=None)
    assert held(earlier).trials == earlier
    assert held(earlier, [failed]).trials == [*earlier, failed]


def test_results_of_the_same_objective_are_kept_as_they_are() -> None:
    earlier = trials_of(bowl, range(30), batch="a")
    found = held(earlier, OWN)
    assert (found.trials, found.n_misled) == ([*earlier, *OWN], 0)


@pytest.mark.parametrize("offset", [-5.0, -0.3, 0.3, 1e6])
def test_results_that_are_off_by_a_number_are_shifted(offset: float) -> None:
    earlier = trials_of(lambda x, y: bowl(x, y) - offset, range(30), batch="a")
    found = held(earlier, OWN)
    assert found.n_misled == 0
    for before, after in zip(trials_of(bowl, range(30)), found.trials, strict=False):
        assert after.cost == pytest.approx(before.cost, abs=0.05)


def test_results_of_another_objective_are_left_out_and_the_starts_made_up_for() -> None:
    found = held(trials_of(turned, range(30), batch="a"), OWN)
    assert found.trials == OWN
    assert 1 <= found.n_misled <= len(OWN)
    n = found.n_misled
    starts = [number for number in range(1, 12) if found.is_start(number, 3)]
    assert starts == list(range(1, n + 4))


def test_each_batch_is_judged_for_itself() -> None:
    good = trials_of(bowl, range(20), batch="good")
    stale = trials_of(turned, range(20, 40), batch="stale")
    found = held(good, stale, OWN)
    assert (found.trials, found.n_misled) == ([*good, *OWN], 0)


def test_single_runs_are_judged_together() -> None:
    runs = [
        one
        for place in range(20)
        for one in trials_of(turned, range(place, place + 1), batch=f"run{place}")
    ]
    assert held(runs, OWN).trials == OWN
    assert held(runs[:4], OWN).trials == [*runs[:4], *OWN]


def test_a_point_of_results_that_do_not_hold_may_be_tried_again() -> None:
    def cost(number: int) -> float:
        return float(number % 5)

    points = [CELLS.point_at(k) for k in range(18)]
    earlier = [
        Observation(number=0, flags=one, cost=cost(k), batch="a") for k, one in enumerate(points)
    ]
    own = [
        Observation(number=k, flags=one, cost=100.0 * (-1) ** k * k)
        for k, one in enumerate(points[:9], 1)
    ]
    optimizer = build_optimizer("optuna:tpe", {})  # gp repeats points where results are noisy
    assert optimizer.propose(CELLS, earlier, [], 1, 3) == []
    assert len(optimizer.propose(CELLS, [*earlier, *own], [], 20, 3)) == 9


@pytest.mark.parametrize("name", ["gp", "forest", "optuna:tpe"])
def test_no_optimizer_follows_another_objective_for_long(name: str) -> None:
    own = trials_of(bowl, range(40, 44))
    told = [*trials_of(turned, range(30), batch="a"), *own]
    assert 1 <= held(told).n_misled <= len(own)
    optimizer = build_optimizer(name, {"random-starts": 0})
    assert optimizer.propose(SPACE, told, [], 1, 3) == optimizer.propose(SPACE, own, [], 1, 3)


def with_size(trials: list[Observation], *, offset: float = 0.0) -> list[Observation]:
    """Trials with a second cost, x + y, and one constraint: it is to be at most 1."""
    found = []
    for one in trials:
        x, y = one.flags["x"], one.flags["y"]
        assert isinstance(x, float)
        assert isinstance(y, float)
        size = x + y
        costs, margins = (one.cost or 0.0, size + offset), (size + offset - 1.0,)
        found.append(replace(one, costs=costs, margins=margins))
    return found


OWN_OF_TWO = with_size(OWN)


def test_each_of_several_costs_and_margins_is_shifted_by_itself() -> None:
    earlier = with_size(trials_of(lambda x, y: bowl(x, y) - 5.0, range(30), batch="a"), offset=3.0)
    found = held(earlier, OWN_OF_TWO)
    assert found.n_misled == 0
    right = with_size(trials_of(bowl, range(30), batch="a"))
    for wanted, one in zip(right, found.trials, strict=False):
        assert one.costs == pytest.approx(wanted.costs, abs=0.1)
        assert one.cost == one.costs[0]
        assert one.margins == pytest.approx(wanted.margins, abs=0.1)


def test_results_that_foretell_one_of_two_costs_are_left_out() -> None:
    earlier = with_size(trials_of(turned, range(30), batch="a"))
    assert held(earlier, OWN_OF_TWO).trials == OWN_OF_TWO
    assert held(earlier, OWN_OF_TWO).n_misled > 0


def test_a_constraint_that_another_batch_foretells_wrongly_is_unknown_there() -> None:
    earlier = trials_of(bowl, range(30), batch="a")
    other = [
        replace(one, margins=(math.sin(40 * POINTS[k, 0]) * 9.0,)) for k, one in enumerate(earlier)
    ]
    own = [replace(one, costs=()) for one in OWN_OF_TWO]
    found = held(other, own)
    assert [one.margins for one in found.trials[:30]] == [(None,)] * 30
    assert [one.cost for one in found.trials[:30]] == [one.cost for one in earlier]


def test_several_objectives_with_a_constraint_learn_from_another_batch() -> None:
    earlier = with_size(trials_of(bowl, range(30), batch="a"))
    told, alone = [*earlier, *OWN_OF_TWO], OWN_OF_TWO
    for name in ("gp", "optuna:tpe"):
        optimizer = build_optimizer(name, {})
        pair = [optimizer.propose(SPACE, trials, [], 1, 3) for trials in (told, alone)]
        assert pair[0] != pair[1]


COST = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0])


@settings(deadline=None, max_examples=40)
@given(earlier=st.lists(COST, min_size=1, max_size=8), own=st.lists(COST, min_size=1, max_size=6))
def test_results_of_any_kind_are_judged_the_same_each_time(
    earlier: list[float | None], own: list[float | None]
) -> None:
    trials = [
        Observation(
            number=number,
            flags={"x": POINTS[place, 0], "y": POINTS[place, 1]},
            cost=cost,
            batch="" if number else "a",
        )
        for place, (number, cost) in enumerate(
            [*((0, cost) for cost in earlier), *enumerate(own, 1)]
        )
    ]
    search = Search(space=SPACE, trials=trials, pending=[])
    found = holding(search)
    assert repr(holding(search)) == repr(found)
    assert [one for one in found.trials if one.number] == trials[len(earlier) :]
    costs = [one.cost for one in found.trials if one.cost is not None]
    assert all(map(math.isfinite, costs))
