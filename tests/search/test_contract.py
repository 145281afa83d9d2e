"""The promises of search/optimizer.py, over every optimizer that we register."""

import functools
import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.flags.distributions import interval
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.priors import Beta, Normal
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.flags.values import FlagValue, flags_key
from tunesmith.search.optimizer import Candidate, Observation, Optimizer
from tunesmith.search.registry import GROUP, build_optimizer
from tunesmith.search.space import SearchSpace

MODELS = ["gp", "forest", "gbrt", "optuna:tpe", "optuna:cmaes", "optuna:nsgaii"]
SEARCHES = ["random", "sobol", *MODELS]
EVERY = [*SEARCHES, "grid"]
QUICK = ["random", "sobol", "gp", "optuna:tpe", "optuna:cmaes"]
"""Those that propose the thousandth trial within seconds."""
RANK_BASED = ["random", "sobol", "optuna:tpe", "optuna:cmaes", "optuna:nsgaii"]
"""Those that only compare costs, or do not look at them."""
SEED = 11


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings({name: read_setting(text) for name, text in texts.items()})


LINE = space_of(x="[-2.0:2.0]")
MIXED = space_of(x="[-2.0:2.0]", n="[1:8]", kind="[a,b,c]", lr="loguniform[1e-5:1e-1]", fixed="7")
FINITE = space_of(n="[1:3]", kind="[a,b]")
SPACES = {
    "one dimension": LINE,
    "mixed": MIXED,
    "fifty dimensions": space_of(**{f"x{k:02}": "[-1.0:1.0]" for k in range(50)}),
    "categories": space_of(a="[a,b,c]", b="[yes,no]", c="[1,2.5,x,none]"),
    "twenty decades": space_of(x="loguniform[1e-10:1e10]", y="loguniform[1e-10:1e10]"),
    "a tiny interval": space_of(x="[1.0:1.000000000001]"),
    "whole numbers of a log scale": SearchSpace.from_settings(
        {
            "n": Distribution(low=1, high=10**6, is_log=True, is_integer=True, text="n"),
            "m": read_setting("[-5:5]"),
        }
    ),
    "numbers beyond a float's": space_of(n="[0:100000000000000000000000]"),
    "steps, priors and probabilities": SearchSpace.from_settings(
        {
            "by": interval(0.0, 1.0, step=0.05),
            "log_by": interval(8, 256, is_log=True, is_integer=True, step=8),
            "normal": interval(-4.0, 4.0, prior=Normal(mean=0.0, sd=1.0)),
            "log_normal": interval(
                0.001, 1000.0, is_log=True, step=0.001, prior=Normal(mean=0.0, sd=2.0)
            ),
            "beta": interval(0.0, 1.0, prior=Beta(a=2.0, b=5.0)),
            "kind": Choices(values=("a", "b", "c"), text="", probabilities=(0.7, 0.2, 0.1)),
        }
    ),
    "the widest interval": space_of(x="[-1e308:1e308]"),
}


def built(name: str, *, random_starts: int = 0) -> Optimizer:
    """An optimizer whose model speaks after so many trials."""
    return build_optimizer(name, {"random-starts": random_starts} if name in MODELS else {})


def cost_of(flags: Mapping[str, FlagValue]) -> float:
    """A cost of any point: wavy in its numbers, a step for each text."""
    numbers = [value for value in flags.values() if isinstance(value, int | float)]
    texts = [value for value in flags.values() if isinstance(value, str)]
    waves = sum(math.sin(5 * math.atan(value)) for value in numbers)
    return waves + sum(len(text) + ord(text[0]) % 7 for text in texts)


def walk(
    optimizer: Optimizer, space: SearchSpace, n: int, *, seed: int = SEED
) -> tuple[list[Candidate], list[Observation]]:
    """Propose and observe one trial after the other; every fourth fails."""
    candidates: list[Candidate] = []
    trials: list[Observation] = []
    for number in range(1, n + 1):
        proposed = optimizer.propose(space, trials, [], 1, seed)
        if not proposed:
            break
        candidates += proposed
        cost = None if number % 4 == 0 else cost_of(proposed[0].flags)
        trials.append(Observation(number=number, flags=proposed[0].flags, cost=cost))
    return candidates, trials


def observed(
    space: SearchSpace, costs: Sequence[float | None], *, seed: int = SEED
) -> list[Observation]:
    """Trials at random points with the given costs."""
    points = build_optimizer("random", {}).propose(space, [], [], len(costs), seed)
    return [
        Observation(number=number, flags=one.flags, cost=cost)
        for number, (one, cost) in enumerate(zip(points, costs, strict=True), 1)
    ]


def with_costs(trials: Sequence[Observation], scale: float, shift: float) -> list[Observation]:
    return [
        Observation(
            number=one.number,
            flags=one.flags,
            cost=None if one.cost is None else scale * one.cost + shift,
        )
        for one in trials
    ]


def keys(candidates: Sequence[Candidate]) -> list[str]:
    return [flags_key(one.flags) for one in candidates]


def test_every_optimizer_of_ours_is_in_this_suite() -> None:
    # optuna:gp needs PyTorch, which the tests do without; its adapter is that of Optuna's others
    names = {entry.name for entry in entry_points(group=GROUP)}
    assert set(EVERY) <= names
    ours = {name for name in names if ":" not in name or name.startswith("optuna:")}
    assert ours - set(EVERY) == {"optuna:gp"}


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
@pytest.mark.parametrize("name", SEARCHES)
def test_candidates_lie_in_the_space_and_never_repeat(name: str, space: SearchSpace) -> None:
    candidates, _ = walk(built(name, random_starts=2), space, 3)
    assert all(space.contains(one.flags) for one in candidates)
    assert all(list(one.flags) == list(space.names) for one in candidates)
    assert len(set(keys(candidates))) == 3


@pytest.mark.parametrize("name", SEARCHES)
def test_candidates_have_pythons_own_types(name: str) -> None:
    candidates, _ = walk(built(name, random_starts=2), MIXED, 3)
    kinds = {tuple(type(value) for value in one.flags.values()) for one in candidates}
    assert kinds == {(int, str, float, int, float)}
    assert list(candidates[0].flags) == ["fixed", "kind", "lr", "n", "x"]


@pytest.mark.parametrize("name", EVERY)
def test_a_finite_space_is_exhausted_once_and_then_nothing_is_proposed(name: str) -> None:
    optimizer = built(name, random_starts=4)
    candidates, trials = walk(optimizer, FINITE, 12)
    assert len(candidates) == 6
    assert len(set(keys(candidates))) == 6
    assert optimizer.propose(FINITE, trials, [], 3, SEED) == []


@pytest.mark.parametrize("name", EVERY)
def test_of_more_candidates_than_points_there_are_only_as_many(name: str) -> None:
    trials = observed(FINITE, [1.0, 2.0, None, 0.5])
    candidates = built(name).propose(FINITE, trials, [], 9, SEED)
    assert len(set(keys(candidates))) == len(candidates) == 2


@functools.cache
def _whole(name: str, seed: int) -> tuple[list[Candidate], list[Observation]]:
    return walk(built(name, random_starts=1), MIXED, 5, seed=seed)


@pytest.mark.parametrize("name", SEARCHES)
@settings(deadline=None, max_examples=5)
@given(seed=st.sampled_from([-3, 2**40]), cut=st.integers(0, 4))
def test_an_optimizer_that_is_built_again_at_any_cut_goes_on_the_same(
    name: str, seed: int, cut: int
) -> None:
    candidates, trials = _whole(name, seed)
    again = built(name, random_starts=1).propose(MIXED, trials[:cut], [], 1, seed)
    assert again == [candidates[cut]]


@pytest.mark.parametrize("name", SEARCHES)
@settings(deadline=None, max_examples=2)
@given(costs=st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_two_at_once_are_those_that_are_asked_for_one_by_one(
    name: str, costs: list[float | None]
) -> None:
    trials = observed(MIXED, costs)
    first, second = built(name).propose(MIXED, trials, [], 2, SEED)
    assert built(name).propose(MIXED, trials, [], 1, SEED) == [first]
    assert built(name).propose(MIXED, trials, [first.flags], 1, SEED) == [second]


@pytest.mark.parametrize("name", SEARCHES)
def test_another_seed_proposes_something_else(name: str) -> None:
    optimizer, trials = built(name), observed(MIXED, [0.5, None, 0.25])
    one, other = (optimizer.propose(MIXED, trials, [], 1, seed) for seed in (1, 2))
    assert one[0].flags != other[0].flags


ELSEWHERE = """
import json, sys
from tunesmith.flags.grammar import read_setting
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace
space = SearchSpace.from_settings({"n": read_setting("[1:9]")})
trials = [Observation(number=k, flags={"n": k}, cost=float(k)) for k in range(1, 5)]
seed, *names = sys.argv[1:]
for name in names:
    got = build_optimizer(name, {}).propose(space, trials, [], 2, int(seed))
    print(json.dumps([name, [dict(one.flags) for one in got]]))
"""


@functools.cache
def _elsewhere() -> dict[str, list[dict[str, FlagValue]]]:
    """What a process of another hash seed proposes, by optimizer."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(SEED), *EVERY],
        env={"PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
        text=True,
    )
    return dict(json.loads(line) for line in done.stdout.splitlines())


@pytest.mark.parametrize("name", EVERY)
def test_another_process_proposes_the_same(name: str) -> None:
    trials = [Observation(number=k, flags={"n": k}, cost=float(k)) for k in range(1, 5)]
    here = build_optimizer(name, {}).propose(space_of(n="[1:9]"), trials, [], 2, SEED)
    assert _elsewhere()[name] == [one.flags for one in here]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("costs", [[], [1.0, 0.5]], ids=["no results", "results"])
def test_pending_points_are_not_proposed(name: str, costs: list[float]) -> None:
    points = [FINITE.point_at(index) for index in range(FINITE.size or 0)]
    trials = [
        Observation(number=number, flags=flags, cost=cost)
        for number, (flags, cost) in enumerate(zip(points, costs, strict=False), 1)
    ]
    pending = points[len(costs) : 4]
    proposed = built(name).propose(FINITE, trials, pending, 6, SEED)
    assert set(keys(proposed)) == {flags_key(flags) for flags in points[4:]}


@pytest.mark.parametrize("name", SEARCHES)
def test_the_first_trial_takes_the_given_initial_values(name: str) -> None:
    space = space_of(x="[-2.0:2.0:0.5]", y="[-1.0:1.0]", lr="loguniform[1e-5:1e-1:1e-3]")
    optimizer = built(name, random_starts=2)
    (first,) = optimizer.propose(space, [], [], 1, SEED)
    assert first.origin == "initial"
    assert (first.flags["x"], first.flags["lr"]) == (0.5, 1e-3)
    trials = [Observation(number=1, flags=first.flags, cost=0.0)]
    (second,) = optimizer.propose(space, trials, [], 1, SEED)
    assert second.flags["x"] != 0.5


@pytest.mark.parametrize("name", MODELS)
def test_random_starts_come_first_and_the_model_after_them(name: str) -> None:
    candidates, _ = walk(built(name, random_starts=2), MIXED, 4)
    assert [one.origin for one in candidates] == ["random-start", "random-start", name, name]
    assert candidates[0].prediction is None


@pytest.mark.parametrize("name", MODELS)
def test_no_random_starts_means_the_model_at_once(name: str) -> None:
    trials = observed(LINE, [1.0, 2.0, 3.0, 4.0])
    (candidate,) = built(name).propose(LINE, trials, [], 1, SEED)
    assert candidate.origin == name


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("costs", [[], [None, None, None]], ids=["no trial", "all failed"])
def test_without_a_single_result_a_model_draws_at_random(
    name: str, costs: list[float | None]
) -> None:
    (candidate,) = built(name).propose(LINE, observed(LINE, costs), [], 1, SEED)
    assert candidate.origin == "random-start"


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize(
    "costs",
    [
        pytest.param([1.0] * 6, id="constant"),
        pytest.param([1e300, -1e300, 0.0, 1e308], id="huge"),
        pytest.param([1e-300, 2e-300, 0.0], id="minute"),
        pytest.param([5.0, None, None, None], id="one result"),
        pytest.param([None, 1.0, None, 0.5, None, 0.25], id="every other fails"),
    ],
)
def test_costs_of_any_kind_are_taken(name: str, costs: list[float | None]) -> None:
    trials = observed(MIXED, costs)
    (candidate,) = built(name).propose(MIXED, trials, [], 1, SEED)
    assert MIXED.contains(candidate.flags)
    prediction = candidate.prediction
    if prediction is not None:
        assert all(map(math.isfinite, (prediction.mean, prediction.sd, prediction.acquisition)))
        assert prediction.sd >= 0


@pytest.mark.parametrize("name", RANK_BASED)
@pytest.mark.parametrize(
    ("scale", "shift"), [(1e200, 0.0), (1e-200, 0.0), (1.0, 1e9)], ids=["1e200", "1e-200", "+1e9"]
)
def test_an_optimizer_that_compares_costs_ignores_their_unit(
    name: str, scale: float, shift: float
) -> None:
    _, trials = walk(built("random"), MIXED, 12)
    as_they_are = built(name).propose(MIXED, trials, [], 1, SEED)
    other_unit = built(name).propose(MIXED, with_costs(trials, scale, shift), [], 1, SEED)
    assert other_unit == as_they_are


@pytest.mark.parametrize(
    ("scale", "shift"),
    [(1e4, 0.0), (1e-4, 0.0), (1e200, 0.0), (1e-200, 0.0), (1.0, 1e9)],
    ids=["1e4", "1e-4", "1e200", "1e-200", "+1e9"],
)
def test_the_unit_of_the_objective_moves_no_proposal_of_the_gaussian_process(
    scale: float, shift: float
) -> None:
    trials = [
        Observation(number=number, flags={"x": x}, cost=cost_of({"x": x}))
        for number, x in enumerate((-1.5, -0.5, 0.4, 1.6), 1)
    ]
    as_they_are, other_unit = (
        built("gp").propose(LINE, told, [], 1, SEED)[0].flags["x"]
        for told in (trials, with_costs(trials, scale, shift))
    )
    assert other_unit == pytest.approx(as_they_are, abs=1e-3)


@pytest.mark.parametrize("name", ["forest", "gbrt"])
@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_trees_predict_in_the_unit_of_the_costs(name: str, scale: float) -> None:
    costs = [scale * cost for cost in (1.0, 2.0, 3.0, 2.0)]
    (candidate,) = built(name).propose(LINE, observed(LINE, costs), [], 1, SEED)
    assert candidate.prediction is not None
    assert scale * 0.9 <= candidate.prediction.mean <= scale * 3.1


@pytest.mark.parametrize("name", SEARCHES)
def test_a_point_that_was_observed_several_times_is_one_point(name: str) -> None:
    points = [FINITE.point_at(index) for index in range(FINITE.size or 0)]
    trials = [
        Observation(number=number, flags=points[place], cost=cost)
        for number, (place, cost) in enumerate(
            [(0, 1.0), (0, 1.5), (0, None), (1, 0.5), (1, 0.75), (2, 0.0), (3, 2.0)], 1
        )
    ]
    proposed = built(name).propose(FINITE, trials, [], 6, SEED)
    assert set(keys(proposed)) == {flags_key(flags) for flags in points[4:]}


@pytest.mark.parametrize("name", SEARCHES)
def test_points_outside_of_the_space_are_left_out(name: str) -> None:
    outside: list[dict[str, FlagValue]] = [{"x": 9.0}, {"y": 1.0}, {"x": "high"}, {"x": 0.5}]
    trials = [
        Observation(number=number, flags=flags, cost=float(number))
        for number, flags in enumerate(outside, 1)
    ]
    assert len(built(name).propose(LINE, trials, [], 1, SEED)) == 1


@pytest.mark.parametrize("name", MODELS)
def test_results_of_other_batches_take_the_place_of_random_starts(name: str) -> None:
    others = [Observation(number=0, flags={"x": k / 10}, cost=float(k)) for k in range(3)]
    outside = Observation(number=0, flags={"x": 99.0}, cost=0.0)
    failed = Observation(number=0, flags={"x": 0.9}, cost=None)
    candidates = built(name, random_starts=5).propose(
        LINE, [*others, outside, failed], [], 3, SEED
    )
    assert [one.origin == "random-start" for one in candidates] == [True, True, False]


@pytest.mark.parametrize("name", MODELS)
def test_initial_values_are_tried_whatever_other_batches_have(name: str) -> None:
    space = space_of(x="[-2.0:2.0:0.75]")
    others = [Observation(number=0, flags={"x": k / 10}, cost=float(k)) for k in range(9)]
    first, second = built(name, random_starts=3).propose(space, others, [], 2, SEED)
    assert (first.flags["x"], first.origin) == (0.75, "initial")
    assert second.origin != "random-start"


@pytest.mark.parametrize("name", QUICK)
def test_a_record_of_a_thousand_trials_is_no_hindrance(name: str) -> None:
    trials = observed(MIXED, [None if k % 9 == 0 else math.sin(k) for k in range(1000)])
    (candidate,) = built(name).propose(MIXED, trials, [], 1, SEED)
    assert MIXED.contains(candidate.flags)
    assert flags_key(candidate.flags) not in {flags_key(one.flags) for one in trials}


@pytest.mark.parametrize("name", ["gp", "optuna:tpe"])
def test_a_model_keeps_away_from_where_trials_fail(name: str) -> None:
    # every trial with x > 0 fails; the costs of the others fall towards the border
    space = space_of(x="[-1.2:1.2]")
    xs = [(-1) ** k * (k + 1) / 20 for k in range(24)]
    trials = [
        Observation(number=number, flags={"x": x}, cost=None if x > 0 else -1 / (1 - x))
        for number, x in enumerate(xs, 1)
    ]
    proposed = [
        one.flags["x"]
        for seed in range(5)
        for one in built(name).propose(space, trials, [], 1, seed)
    ]
    n_failing = sum(1 for x in proposed if isinstance(x, float) and x > 0.1)
    assert n_failing <= 1  # of five, where chance gives 2.3 on the average
