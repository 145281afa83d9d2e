"""The candidates of ``gp``: gaps of a line, and failed trials."""

import pytest

from tunesmith.flags.grammar import read_setting
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.proposal import MAX_FAILED
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings({name: read_setting(text) for name, text in texts.items()})


def trials_at(*places: float) -> list[Observation]:
    return [Observation(number=k, flags={"x": x}, cost=x) for k, x in enumerate(places, 1)]


def test_every_second_trial_of_a_single_float_goes_to_the_widest_gap() -> None:
    space = space_of(x="[0.0:8.0]")
    (inner,) = build_optimizer("gp", {}).propose(space, trials_at(1.0, 2.0, 7.0), [], 1, 5)
    assert inner.origin == "gap"
    assert inner.flags["x"] == pytest.approx(4.5)
    assert inner.prediction is not None
    (outer,) = build_optimizer("gp", {}).propose(space, trials_at(4.5, 6.0, 8.0), [], 1, 5)
    assert (outer.origin, outer.flags["x"]) == ("gap", 0.0)  # nothing is known beyond the least


def test_no_trial_goes_to_a_gap_between_failed_ones() -> None:
    trials = [*trials_at(0.0, 0.9, 1.8, 2.7), Observation(number=5, flags={"x": 3.5}, cost=None)]
    failed = [Observation(number=k, flags={"x": x}, cost=None) for k, x in ((6, 5.9), (7, 7.0))]
    gp, space = build_optimizer("gp", {}), space_of(x="[0.0:8.0]")
    (candidate,) = gp.propose(space, [*trials, *failed], [], 1, 5)
    assert (len(trials + failed) % 2, candidate.origin) == (1, "gp")  # its number is even


def test_a_line_without_wide_gaps_is_searched_by_the_model_alone() -> None:
    space, trials = space_of(x="[0.0:8.0]"), trials_at(*range(9))
    (candidate,) = build_optimizer("gp", {}).propose(space, trials, [], 1, 5)
    assert (len(trials) % 2, candidate.origin) == (1, "gp")  # its number is even


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
        pytest.param(space_of(x="[0.0:8.0]"), 4, id="an odd trial"),
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
