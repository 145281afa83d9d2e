"""The promises of every optimizer (search/optimizer.py), over all that are registered."""

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Setting
from tunesmith.flags.values import FlagValue, flags_key
from tunesmith.search.optimizer import Candidate, Observation, Optimizer
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

SEARCHES = ["random", "sobol", "gp", "forest", "gbrt"]
MODELS = ["gp", "forest", "gbrt"]
SEED = 11


def space_of(**texts: str) -> SearchSpace:
    settings: dict[str, Setting] = {name: read_setting(text) for name, text in texts.items()}
    return SearchSpace.from_settings(settings)


MIXED = space_of(x="[-2.0:2.0]", n="[1:8]", kind="[a,b,c]", lr="loguniform[1e-5:1e-1]", fixed="7")
FINITE = space_of(n="[1:3]", kind="[a,b]")


def cost_of(flags: Mapping[str, FlagValue]) -> float:
    x = flags.get("x", flags.get("n", 0))
    assert isinstance(x, int | float)
    return math.sin(5 * x) * (1 - math.tanh(x**2))


def walk(
    optimizer: Optimizer, space: SearchSpace, n: int, record: list[Observation] | None = None
) -> list[Candidate]:
    """Propose and observe one trial after the other; return the candidates."""
    trials = record if record is not None else []
    candidates = []
    for number in range(len(trials) + 1, len(trials) + n + 1):
        proposed = optimizer.propose(space, trials, [], 1, SEED)
        if not proposed:
            break
        candidates += proposed
        # every fourth trial fails
        cost = None if number % 4 == 0 else cost_of(proposed[0].flags)
        trials.append(Observation(number=number, flags=proposed[0].flags, cost=cost))
    return candidates


@pytest.mark.parametrize("name", SEARCHES)
def test_candidates_lie_in_the_space_in_pythons_own_types_and_never_repeat(name: str) -> None:
    candidates = walk(build_optimizer(name, {}), MIXED, 9)
    assert len({flags_key(one.flags) for one in candidates}) == 9
    for one in candidates:
        assert list(one.flags) == ["fixed", "kind", "lr", "n", "x"]
        assert MIXED.contains(one.flags)
        kinds = [type(value) for value in one.flags.values()]
        assert kinds == [int, str, float, int, float]


@pytest.mark.parametrize("name", [*SEARCHES, "grid"])
def test_a_finite_space_is_exhausted_once_and_then_nothing_is_proposed(name: str) -> None:
    optimizer = build_optimizer(name, {})
    record: list[Observation] = []
    candidates = walk(optimizer, FINITE, 12, record)
    assert len(candidates) == 6
    assert len({flags_key(one.flags) for one in candidates}) == 6
    assert optimizer.propose(FINITE, record, [], 3, SEED) == []


@pytest.mark.parametrize("name", SEARCHES)
def test_going_on_after_an_interruption_proposes_the_same(name: str) -> None:
    whole = walk(build_optimizer(name, {}), MIXED, 8)
    record: list[Observation] = []
    first = walk(build_optimizer(name, {}), MIXED, 5, record)
    rest = walk(build_optimizer(name, {}), MIXED, 3, record)
    assert [*first, *rest] == whole


@pytest.mark.parametrize("name", SEARCHES)
def test_another_seed_proposes_something_else(name: str) -> None:
    optimizer = build_optimizer(name, {})
    one, other = (optimizer.propose(MIXED, [], [], 2, seed) for seed in (1, 2))
    assert one != other


@pytest.mark.parametrize("name", [*SEARCHES, "grid"])
def test_another_process_proposes_the_same(name: str) -> None:
    code = (
        "import json\n"
        "from tunesmith.flags.grammar import read_setting\n"
        "from tunesmith.search.optimizer import Observation\n"
        "from tunesmith.search.registry import build_optimizer\n"
        "from tunesmith.search.space import SearchSpace\n"
        "space = SearchSpace.from_settings({'n': read_setting('[1:9]')})\n"
        "trials = [Observation(number=k, flags={'n': k}, cost=float(k)) for k in range(1, 5)]\n"
        f"got = build_optimizer({name!r}, {{}}).propose(space, trials, [], 2, {SEED})\n"
        "print(json.dumps([dict(one.flags) for one in got]))\n"
    )
    outs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outs) == 1
    assert len(json.loads(outs.pop())) == 2


@pytest.mark.parametrize("name", [*SEARCHES, "grid"])
def test_pending_points_are_not_proposed(name: str) -> None:
    pending = [{"kind": "a", "n": n} for n in (1, 2, 3)]
    proposed = build_optimizer(name, {"random-starts": 0} if name in MODELS else {}).propose(
        FINITE, [], pending, 6, SEED
    )
    assert {flags_key(one.flags) for one in proposed} == {
        flags_key({"kind": "b", "n": n}) for n in (1, 2, 3)
    }


@pytest.mark.parametrize("name", SEARCHES)
def test_the_first_trial_takes_the_given_initial_values(name: str) -> None:
    space = space_of(x="[-2.0:2.0:0.5]", y="[-1.0:1.0]", lr="loguniform[1e-5:1e-1:1e-3]")
    optimizer = build_optimizer(name, {})
    (first,) = optimizer.propose(space, [], [], 1, SEED)
    assert first.origin == "initial"
    assert (first.flags["x"], first.flags["lr"]) == (0.5, 1e-3)
    trials = [Observation(number=1, flags=first.flags, cost=0.0)]
    (second,) = optimizer.propose(space, trials, [], 1, SEED)
    assert second.flags["x"] != 0.5


@pytest.mark.parametrize("name", MODELS)
def test_random_starts_come_first_and_the_model_after_them(name: str) -> None:
    candidates = walk(build_optimizer(name, {"random-starts": 2}), MIXED, 4)
    assert [one.origin for one in candidates] == ["random-start", "random-start", name, name]
    assert candidates[0].prediction is None
    prediction = candidates[-1].prediction
    assert prediction is not None
    assert prediction.sd >= 0
    assert math.isfinite(prediction.mean)


@pytest.mark.parametrize("name", MODELS)
def test_no_random_starts_means_the_model_at_once(name: str) -> None:
    trials = [Observation(number=k, flags={"x": k / 4}, cost=float(k)) for k in range(1, 4)]
    optimizer = build_optimizer(name, {"random-starts": 0})
    (candidate,) = optimizer.propose(space_of(x="[-2.0:2.0]"), trials, [], 1, SEED)
    assert candidate.origin == name


@pytest.mark.parametrize("name", MODELS)
def test_without_a_single_result_a_model_draws_at_random(name: str) -> None:
    space = space_of(x="[-2.0:2.0]")
    optimizer = build_optimizer(name, {"random-starts": 0})
    failed = [Observation(number=k, flags={"x": k / 4}, cost=None) for k in range(1, 4)]
    for trials in ([], failed):
        (candidate,) = optimizer.propose(space, trials, [], 1, SEED)
        assert candidate.origin == "random-start"


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "costs", [[1.0, 1.0, 1.0], [1e300, -1e300, 0.0], [1e-300, 2e-300, 0.0], [5.0, None, None]]
)
def test_costs_of_any_size_are_taken(name: str, costs: list[float | None]) -> None:
    trials = [
        Observation(number=k, flags={"x": k / 4}, cost=cost) for k, cost in enumerate(costs, 1)
    ]
    (candidate,) = build_optimizer(name, {"random-starts": 0}).propose(
        space_of(x="[-2.0:2.0]"), trials, [], 1, SEED
    )
    assert -2.0 <= candidate.flags["x"] <= 2.0  # type: ignore[operator]  # a float


@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_the_unit_of_the_objective_changes_no_proposal(factor: float) -> None:
    space = space_of(x="[-2.0:2.0]")
    optimizer = build_optimizer("gp", {"random-starts": 0})

    def propose(scale: float) -> Any:
        trials = [
            Observation(number=k, flags={"x": x}, cost=scale * cost_of({"x": x}))
            for k, x in enumerate((-1.5, -0.5, 0.4, 1.6), 1)
        ]
        return optimizer.propose(space, trials, [], 1, SEED)[0].flags["x"]

    assert propose(factor) == pytest.approx(propose(1.0), abs=1e-3)


def test_results_of_other_batches_inform_and_do_not_count_as_trials() -> None:
    others = [Observation(number=0, flags={"x": k / 10}, cost=float(k)) for k in range(5)]
    optimizer = build_optimizer("gp", {"random-starts": 1})
    (first,) = optimizer.propose(space_of(x="[-2.0:2.0]"), others, [], 1, SEED)
    assert first.origin == "random-start"


def test_points_outside_of_the_space_are_left_out() -> None:
    outside = [
        Observation(number=1, flags={"x": 9.0}, cost=0.0),
        Observation(number=2, flags={"y": 1.0}, cost=0.0),
        Observation(number=3, flags={"x": 0.5}, cost=0.0),
    ]
    optimizer = build_optimizer("gp", {"random-starts": 0})
    assert len(optimizer.propose(space_of(x="[-2.0:2.0]"), outside, [], 1, SEED)) == 1


def test_the_gaussian_process_finds_the_dip_that_random_search_misses() -> None:
    space = space_of(x="[-2.0:2.0]")
    medians = {}
    for name in ("gp", "random"):
        best = []
        for seed in (1, 2, 3):
            optimizer, trials = build_optimizer(name, {}), list[Observation]()
            for number in range(1, 15):
                (one,) = optimizer.propose(space, trials, [], 1, seed)
                cost = cost_of(one.flags)
                trials.append(Observation(number=number, flags=one.flags, cost=cost))
            best.append(min(trial.cost for trial in trials if trial.cost is not None))
        medians[name] = sorted(best)[1]
    assert medians["gp"] <= medians["random"]
