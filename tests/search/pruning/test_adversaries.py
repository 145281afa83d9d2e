"""Curves that mislead: what the rules do with them, replayed."""

import math
import random
from collections.abc import Callable, Sequence
from itertools import accumulate

import pytest

from tests.search.pruning.curves import trace
from tunesmith.search.pruning.careful import Careful
from tunesmith.search.pruning.judging import Judge, Trace
from tunesmith.search.pruning.registry import build_pruner
from tunesmith.search.pruning.replay import Replay, replay

N_TRIALS = 40
N_POINTS = 40
Curves = Callable[[random.Random, int], float]


def batch(make: Callable[[random.Random], Callable[[int], float]], seed: int) -> list[Trace]:
    """Return trials that have finished, each with a curve drawn by ``make``."""
    rng = random.Random(seed)
    traces = []
    for number in range(1, N_TRIALS + 1):
        shape = make(rng)
        costs = [shape(t) for t in range(1, N_POINTS + 1)]
        traces.append(trace(number, costs, is_finished=True))
    return traces


def crossing(rng: random.Random) -> Callable[[int], float]:
    """Slow starters that win: the lower the end, the slower the way there."""
    end = rng.random()
    return lambda t: end + 2.0 * math.exp(-(0.06 + 0.3 * end) * t)


def warm_up(rng: random.Random) -> Callable[[int], float]:
    """A rise while the learning rate grows, then a fall."""
    end, top = rng.random(), rng.uniform(0.0, 0.5)
    return lambda t: end + 1.0 + top * t / 5 if t <= 5 else end + 1.5 * math.exp(-0.2 * (t - 5))


def step_decay(rng: random.Random) -> Callable[[int], float]:
    """A second fall where the learning rate drops at 80 % of the steps."""
    end, gain = rng.random(), rng.uniform(0.1, 0.2)
    return lambda t: end + math.exp(-0.3 * t) + (gain if t < 0.8 * N_POINTS else 0.0)


def noisy(rng: random.Random) -> Callable[[int], float]:
    """Noise as large as the differences of neighbours."""
    end = rng.random()
    own = random.Random(rng.random())
    return lambda t: end + math.exp(-0.2 * t) + own.gauss(0, 0.03)


def replays(make: Callable[[random.Random], Callable[[int], float]]) -> list[Replay]:
    return [replay(batch(make, seed), Careful()) for seed in range(10)]


@pytest.mark.parametrize("make", [crossing, warm_up, step_decay, noisy], ids=lambda f: f.__name__)
def test_careful_saves_a_quarter_and_keeps_the_best_of(
    make: Callable[[random.Random], Callable[[int], float]],
) -> None:
    found = replays(make)
    assert sum(one.share for one in found) / len(found) < 0.75
    assert sum(one.excess <= 1e-9 for one in found) >= 9
    assert max(one.excess for one in found) < 0.05


def test_values_that_never_change_stop_nobody_and_cost_nothing() -> None:
    found = replay(batch(lambda _: lambda __: 0.5, 0), Careful())
    assert found.stops == {}
    assert found.excess == 0.0


def test_a_trial_that_diverges_stops_at_its_second_nan() -> None:
    traces = batch(crossing, 0)
    costs = list(traces[20].costs)
    costs[7:] = [math.nan] * (N_POINTS - 7)
    traces[20] = trace(traces[20].number, costs, is_finished=True)
    stop = replay(traces, Careful(chance=1e-9)).stops[traces[20].number]
    assert stop.point == 9
    assert stop.estimate is None


def test_trials_of_different_lengths_are_judged_at_their_own_end() -> None:
    rng = random.Random(2)
    traces = []
    for number in range(1, N_TRIALS + 1):
        n, end = rng.randint(10, 40), rng.random()
        costs = [end + 2.0 * math.exp(-5 * t / n) for t in range(1, n + 1)]
        traces.append(trace(number, costs, is_finished=True, flags={"epochs": n, "lr": end}))
    found = replay(traces, Careful())
    assert found.excess == 0.0
    assert found.share < 0.7


def best_so_far(traces: Sequence[Trace]) -> list[Trace]:
    return [
        trace(one.number, list(accumulate(one.costs, min)), is_finished=True) for one in traces
    ]


def test_minima_are_judged_as_the_best_so_far() -> None:
    found = [replay(best_so_far(batch(noisy, seed)), Careful()) for seed in range(10)]
    assert sum(one.share for one in found) / len(found) < 0.75
    assert sum(one.excess <= 1e-9 for one in found) >= 8


def test_an_objective_that_is_maximized_is_judged_by_its_negative() -> None:
    # accuracies 1 - cost: the sign is turned before, so that the decisions are the same
    def turned(one: Trace) -> Trace:
        accuracies = [64 - round(cost * 64) for cost in one.costs]
        return trace(one.number, [-float(a) for a in accuracies], is_finished=True)

    def rounded(one: Trace) -> Trace:
        return trace(one.number, [float(round(c * 64)) for c in one.costs], is_finished=True)

    traces = batch(crossing, 3)
    low = replay([rounded(one) for one in traces], Careful())
    high = replay([turned(one) for one in traces], Careful())
    assert {k: s.point for k, s in low.stops.items()} == {
        k: s.point for k, s in high.stops.items()
    }
    assert low.stops


@pytest.mark.parametrize("rule", ["careful", "bold", "halving", "median"])
def test_a_hundred_thousand_points_are_judged_a_hundred_times_at_most(rule: str) -> None:
    n_points = 100_000
    ended = [
        trace(k, [k / 10 + 1 / t for t in range(1, n_points + 1)], is_finished=True)
        for k in range(3)
    ]
    judge = Judge(build_pruner(rule))
    due = [n for n in range(1, n_points + 1) if judge.is_due(n, ended)]
    assert 4 <= len(due) <= 100
    bad = [5.0 + 1 / t for t in range(1, due[0] + 1)]
    stops = [judge.judge(trace(9, [5.0 + 1 / t for t in range(1, n + 1)]), ended) for n in due[:3]]
    assert any(stop is not None for stop in stops)
    assert judge.judge(trace(9, bad[:-1]), ended) is None
