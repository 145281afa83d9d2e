"""The candidates of ``gp``: gaps of a line, failed trials, and points that are tried again."""

import math
from collections.abc import Sequence

import pytest

from tunesmith.flags.grammar import read_setting
from tunesmith.flags.values import FlagValue
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.proposal import MAX_FAILED
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings({name: read_setting(text) for name, text in texts.items()})


def trials_at(*places: float) -> list[Observation]:
    return [Observation(number=k, flags={"x": x}, cost=x) for k, x in enumerate(places, 1)]


def test_every_third_trial_of_a_single_float_goes_to_the_widest_gap() -> None:
    space = space_of(x="[0.0:8.0]")
    (inner,) = build_optimizer("gp", {}).propose(space, trials_at(1.0, 2.0, 7.0), [], 1, 5)
    assert inner.origin == "gap"
    assert inner.flags["x"] == pytest.approx(4.5)
    assert inner.prediction is not None
    (outer,) = build_optimizer("gp", {}).propose(space, trials_at(4.5, 6.0, 8.0), [], 1, 5)
    assert (outer.origin, outer.flags["x"]) == ("gap", 0.0)  # nothing is known beyond the least


def test_no_trial_goes_to_a_gap_between_failed_ones() -> None:
    known = trials_at(0.0, 0.8, 1.6, 2.4)
    places = (3.2, 4.0, 6.0, 6.8, 7.6)
    failed = [Observation(number=k, flags={"x": x}, cost=None) for k, x in enumerate(places, 5)]
    gp, space = build_optimizer("gp", {}), space_of(x="[0.0:8.0]")
    (candidate,) = gp.propose(space, [*known, *failed], [], 1, 5)
    assert (len(known + failed) % 3, candidate.origin) == (0, "gp")
    better = [*failed[:1], Observation(number=6, flags={"x": 4.0}, cost=1.0), *failed[2:]]
    (candidate,) = gp.propose(space, [*known, *better], [], 1, 5)
    assert candidate.origin == "gap"
    assert candidate.flags["x"] == pytest.approx(5.0)


def test_a_line_without_wide_gaps_is_searched_by_the_model_alone() -> None:
    space, trials = space_of(x="[0.0:8.0]"), trials_at(*range(9))
    (candidate,) = build_optimizer("gp", {}).propose(space, trials, [], 1, 5)
    assert (len(trials) % 3, candidate.origin) == (0, "gp")


def test_thousands_of_failed_trials_do_not_make_the_process_larger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space, sizes, believe = space_of(x="[0.0:8.0]", y="[0.0:1.0]"), [], Posterior.believe

    def note(self: Posterior, points: Array) -> Posterior:
        sizes.append(len(points))
        return believe(self, points)

    monkeypatch.setattr(Posterior, "believe", note)
    points = build_optimizer("random", {}).propose(space, [], [], 2000, 1)
    trials = [
        Observation(number=k, flags=one.flags, cost=None if k > 4 else float(k))
        for k, one in enumerate(points, 1)
    ]
    (candidate,) = build_optimizer("gp", {}).propose(space, trials, [], 1, 5)
    assert candidate.origin == "gp"
    assert {*sizes} == {MAX_FAILED}


@pytest.mark.parametrize(
    ("space", "n"),
    [
        pytest.param(space_of(x="[0.0:8.0]"), 4, id="the trial after it"),
        pytest.param(space_of(x="[0.0:8.0]"), 5, id="the one before the next"),
        pytest.param(space_of(x="[0.0:8.0]", y="[0.0:1.0]"), 3, id="a plane"),
        pytest.param(space_of(x="[0:8]"), 3, id="whole numbers"),
    ],
)
def test_no_other_trial_goes_to_a_gap(space: SearchSpace, n: int) -> None:
    points = build_optimizer("random", {}).propose(space, [], [], n, 1)
    trials = [
        Observation(number=k, flags=one.flags, cost=float(k)) for k, one in enumerate(points, 1)
    ]
    (candidate,) = build_optimizer("gp", {}).propose(space, trials, [], 1, 5)
    assert candidate.origin == "gp"


CELLS = space_of(depth="[1:4]", kind="[a,b,c]")


def searched(errors: Sequence[float], n: int, **settings: FlagValue) -> list[Candidate]:
    """Search the cells one by one; the trials' noise comes from a list, over and over."""
    trials: list[Observation] = []
    candidates: list[Candidate] = []
    for number in range(1, n + 1):
        proposed = build_optimizer("gp", settings).propose(CELLS, trials, [], 1, 1)
        if not proposed:
            break
        flags = proposed[0].flags
        cost = abs(float(str(flags["depth"])) - 2) * 0.1 + errors[number % len(errors)]
        trials.append(Observation(number=number, flags=flags, cost=cost))
        candidates += proposed
    return candidates


NOISE = tuple(math.sin(17.0 * k) for k in range(101))


def test_of_a_finite_space_with_noisy_results_the_best_points_are_tried_again() -> None:
    candidates = searched(NOISE, 18)
    assert len(candidates) == 18
    repeats = [one for one in candidates if one.origin == "repeat"]
    seen: set[str] = set()
    for one in candidates:
        assert (CELLS.key(one.flags) in seen) == (one.origin == "repeat")
        seen.add(CELLS.key(one.flags))
    assert all(one.prediction is not None for one in repeats)
    assert searched(NOISE, 18) == candidates


def test_no_point_is_tried_again_that_runs_or_has_failed() -> None:
    points = [CELLS.point_at(k) for k in range(12)]
    costs = [NOISE[k] for k in range(11)]
    trials = [
        Observation(number=k, flags=flags, cost=cost)
        for k, (flags, cost) in enumerate(zip(points, [*costs, None], strict=True), 1)
    ]
    again = [Observation(number=13 + k, flags=points[k], cost=NOISE[50 + 7 * k]) for k in range(4)]
    pending = points[:10]
    proposed = build_optimizer("gp", {}).propose(CELLS, [*trials, *again], pending, 5, 1)
    assert [(one.flags, one.origin) for one in proposed] == [(points[10], "repeat")]


def test_a_point_that_gave_the_same_cost_twice_ends_a_search_without_noise() -> None:
    # the model takes the roughness of the cells for noise, until it is told better
    trials = [
        Observation(number=k, flags=CELLS.point_at(k - 1), cost=math.sin(k - 1))
        for k in range(1, 13)
    ]
    (repeat,) = build_optimizer("gp", {}).propose(CELLS, trials, [], 1, 1)
    cost = next(one.cost for one in trials if one.flags == repeat.flags)
    assert repeat.origin == "repeat"
    same = Observation(number=13, flags=repeat.flags, cost=cost)
    assert build_optimizer("gp", {}).propose(CELLS, [*trials, same], [], 1, 1) == []


def test_a_finite_space_without_noise_ends_when_every_point_has_been_tried() -> None:
    assert len(searched([0.0], 14)) == 12
    assert len(searched(NOISE, 14, noise=0.0)) == 12
