"""Which runs come next where candidates are repeated."""

import random
from collections import Counter
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.executor.proposing import plan_trials
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.settings import Choices
from tunesmith.flags.values import Flags
from tunesmith.repeats import Repeats
from tunesmith.trial import PlannedTrial

BATCH = "b" * 32
THREE, AUTO = Repeats(most=3, over="seed"), Repeats(most=4, is_auto=True, over="seed")
NOISY = random.Random(3)


def spec_of(name: str, repeats: Repeats, **fields: Any) -> BatchSpec:
    return make_spec(BATCH, optimizer=OptimizerSpec(name=name), repeats=repeats, **fields)


def noisy(flags: Flags) -> float:
    return (float(str(flags["x"])) - 0.5) ** 2 + NOISY.gauss(0, 0.3)


def exact(flags: Flags) -> float:
    return (float(str(flags["x"])) - 0.5) ** 2


def add(trials: RecordedTrials, planned: PlannedTrial, loss: float) -> None:
    trials.planned[planned.number] = planned
    flags = planned.flags
    record = make_record(BATCH, planned.number, flags=flags, objective=loss, origin=planned.origin)
    trials.records[planned.number] = record


def one_by_one(spec: BatchSpec, n: int, loss: Any = noisy) -> RecordedTrials:
    trials = RecordedTrials()
    for number in range(1, n + 1):
        for planned in plan_trials(spec, trials, number=number, n=1):
            add(trials, planned, loss(planned.flags))
    return trials


@pytest.mark.parametrize("name", ["random", "gp", "forest", "optuna:tpe"])
def test_each_candidate_runs_three_times_with_three_seeds(name: str) -> None:
    trials = one_by_one(spec_of(name, THREE), 15)
    points = [(one.flags["x"], one.flags["seed"]) for one in trials.planned.values()]
    assert [seed for _, seed in points] == [1, 2, 3] * 5
    assert set(Counter(x for x, _ in points).values()) == {3}


def test_all_trials_of_a_random_search_are_planned_at_once() -> None:
    spec = spec_of("random", THREE)
    planned = plan_trials(spec, RecordedTrials(), number=1, n=10)
    assert [one.flags["seed"] for one in planned] == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]
    assert len({one.flags["x"] for one in planned}) == 4
    again = one_by_one(spec, 10)
    assert [one.flags for one in again.planned.values()] == [one.flags for one in planned]


def test_a_candidate_that_lacks_runs_gets_them_before_a_new_one() -> None:
    spec, trials = spec_of("random", THREE), RecordedTrials()
    for planned in plan_trials(spec, trials, number=1, n=4):
        add(trials, planned, 1.0)
    missing = plan_trials(spec, trials, number=5, n=2)
    assert [(one.flags["seed"], one.origin) for one in missing] == [(2, "repeat"), (3, "repeat")]
    assert {one.flags["x"] for one in missing} == {trials.planned[4].flags["x"]}


def test_a_seed_that_somebody_queued_is_not_run_twice() -> None:
    spec, trials = spec_of("random", THREE), RecordedTrials()
    add(trials, PlannedTrial(number=1, flags={"x": 0.1, "seed": 2}, origin="first"), 1.0)
    planned = plan_trials(spec, trials, number=2, n=2)
    assert [one.flags for one in planned] == [{"seed": 1, "x": 0.1}, {"seed": 3, "x": 0.1}]


def test_without_a_flag_to_count_runs_are_alike() -> None:
    planned = plan_trials(spec_of("random", Repeats(most=2)), RecordedTrials(), number=1, n=2)
    assert planned[0].flags == planned[1].flags == {"x": planned[0].flags["x"]}


@pytest.mark.parametrize("name", ["random", "gp"])
def test_auto_repeats_what_may_be_the_best_and_no_more_often_than_said(name: str) -> None:
    trials = one_by_one(spec_of(name, AUTO), 20)
    n_runs = Counter(one.flags["x"] for one in trials.planned.values())
    assert 1 < max(n_runs.values()) <= 4
    assert len(n_runs) >= 12
    repeated = [one for one in trials.planned.values() if one.flags["seed"] != 1]
    assert {one.origin for one in repeated} == {"repeat"}


def test_auto_spends_one_more_run_where_there_is_no_noise() -> None:
    trials = one_by_one(spec_of("random", AUTO), 20, exact)
    n_runs = Counter(one.flags["x"] for one in trials.planned.values())
    assert len(n_runs) == 19


def test_auto_on_a_grid_ends_once_it_is_decided() -> None:
    settings = {"x": Choices(values=(0.0, 1.0, 5.0), text="[0.0,1.0,5.0]")}
    spec = spec_of("grid", AUTO, settings=settings, n_trials=12)
    trials = one_by_one(spec, 12, lambda flags: exact({"x": float(str(flags["x"])) - 0.4}))
    assert Counter(one.flags["x"] for one in trials.planned.values()) == {0.0: 1, 1.0: 2, 5.0: 1}


@pytest.mark.parametrize("repeats", [THREE, AUTO])
def test_a_replay_plans_the_same(repeats: Repeats) -> None:
    spec, trials = spec_of("gp", repeats), RecordedTrials()
    whole = one_by_one(spec, 14)
    for number in range(1, 15):
        (planned,) = plan_trials(spec, trials, number=number, n=1)
        assert planned == whole.planned[number]
        objective = whole.records[number].objective
        assert objective is not None
        add(trials, planned, objective)


def test_the_model_is_told_each_run_and_other_optimizers_the_mean() -> None:
    from tunesmith.candidates import one_each
    from tunesmith.search.observations import observations

    spec = spec_of("gp", THREE)
    trials = one_by_one(spec, 3)
    records = list(trials.records.values())
    (seen,) = observations(one_each(spec, records), spec.objectives, batch=BATCH)
    assert seen.results == tuple(one.objective for one in records)
    assert seen.cost == pytest.approx(sum(seen.results) / 3)
    assert "seed" not in seen.flags
