import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.batch_json import batch_from_plain, batch_to_json
from tunesmith.errors import SpecificationError
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.secret_values import hide
from tunesmith.flags.settings import Setting
from tunesmith.objective import Direction, Objective
from tunesmith.request.change import change, n_to_run, resume
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest, TrialCost
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, trial_id

RANGE: dict[str, Setting] = {"x": read_setting("[-2.0:2.0]")}
LIST: dict[str, Setting] = {"x": read_setting("[-1,0,1]")}
VALUE: dict[str, Setting] = {"x": 1}
BATCH = "b" * 32
SEARCH = BatchSpec(
    id=BATCH,
    project="/project",
    script="train.py",
    operation="train.py",
    script_flags=ScriptFlags(
        source=FlagSource.GLOBALS, definitions=(FlagDefinition(name="x", default=0.1),)
    ),
    settings=RANGE,
    optimizer=OptimizerSpec(name="gp"),
    n_trials=10,
    n_first_trials=10,
    created=1.0,
)
ACCURACY = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)
RANDOM = replace(SEARCH, optimizer=OptimizerSpec(name="random"))


def test_a_batch_goes_on_with_a_secret_only_if_it_is_given_again() -> None:
    flags = ScriptFlags(
        source=FlagSource.GLOBALS,
        definitions=(FlagDefinition(name="x", default=0.1), FlagDefinition(name="api_key")),
    )
    given = {"x": RANGE["x"], "api_key": hide("api_key", "sk-1")}
    spec = replace(SEARCH, script_flags=flags, settings=given, given=("x", "api_key"))
    kept = batch_from_plain(json.loads(batch_to_json(spec)))
    assert "sk-1" not in batch_to_json(spec)
    with pytest.raises(SpecificationError, match=r"not kept: give it again, as api_key=VALUE"):
        go_on(kept, planned(1))

    next_one = go_on(kept, planned(1), **typed("api_key=sk-2"))

    assert next_one.secrets == {"api_key": "sk-2"}
    assert next_one.changed == ()


@pytest.mark.parametrize(
    ("n_planned", "more", "expected"), [(3, 3, 0), (2, 3, 1), (2, 1, 1), (1, 1, 1), (1, 5, 2)]
)
def test_a_grid_gets_no_more_trials_than_it_has_points(
    n_planned: int, more: int, expected: int
) -> None:
    grid = replace(SEARCH, optimizer=OptimizerSpec(name="grid"), settings=LIST, n_trials=n_planned)
    ran = [
        PlannedTrial(number=number, flags={"x": number - 2}, origin="grid")
        for number in range(1, n_planned + 1)
    ]
    done = records(*range(1, n_planned + 1))

    asked = SweepRequest(max_trials=more)
    after = change(grid, asked, planned=ran, records=done, now=5.0)

    assert n_to_run(after, ran, done) == expected


def planned(*numbers: int) -> list[PlannedTrial]:
    return [PlannedTrial(number=n, flags={"x": n / 10}, origin="gp") for n in numbers]


def records(*numbers: int, failed: Sequence[int] = ()) -> list[TrialRecord]:
    return [
        TrialRecord(
            id=trial_id(BATCH, number),
            batch=BATCH,
            number=number,
            attempt=1,
            operation="train.py",
            script="train.py",
            status=TrialStatus.ERROR if number in failed else TrialStatus.COMPLETED,
            exit_code=1 if number in failed else 0,
            started=2.0,
            stopped=3.0,
            seconds=1.0,
        )
        for number in numbers
    ]


def go_on(
    spec: BatchSpec,
    plan: Sequence[PlannedTrial] = (),
    done: Sequence[TrialRecord] = (),
    **said: Any,
) -> BatchSpec:
    return change(spec, SweepRequest(**said), planned=plan, records=done, now=100.0)


def typed(*words: str) -> dict[str, Any]:
    return read_arguments(words)


def test_a_complete_search_gets_as_many_trials_again() -> None:
    plan, done = planned(*range(1, 11)), records(*range(1, 11))
    again = go_on(SEARCH, plan, done, optimizer_flags={"random-starts": 0})
    assert again.n_trials == 20
    assert n_to_run(again, plan, done) == 10
    assert again.optimizer == OptimizerSpec(name="gp", settings={"random-starts": 0})
    assert (again.id, again.created, again.generation) == (SEARCH.id, SEARCH.created, 1)


def test_the_next_restart_adds_as_many_as_the_first_start_had() -> None:
    once = go_on(SEARCH, planned(*range(1, 11)), records(*range(1, 11)))
    twice = go_on(once, planned(*range(1, 21)), records(*range(1, 21)))
    assert twice.n_trials == 30


def test_an_interrupted_search_is_finished_and_no_more() -> None:
    plan, done = planned(1, 2, 3), records(1, 2)
    again = go_on(SEARCH, plan, done)
    assert again.n_trials == 10
    assert n_to_run(again, plan, done) == 8


@pytest.mark.parametrize(
    ("spec", "plan"),
    [
        pytest.param(SEARCH, planned(1, 2, 3), id="proposed one by one"),
        pytest.param(RANDOM, planned(*range(1, 11)), id="proposed at once"),
    ],
)
def test_a_number_of_trials_is_added_to_what_was_asked_for(
    spec: BatchSpec, plan: list[PlannedTrial]
) -> None:
    done = records(1, 2)
    again = go_on(spec, plan, done, max_trials=4)
    assert again.n_trials == 10 + 4
    assert n_to_run(again, plan, done) == 8 + 4


def test_a_restart_cannot_ask_for_fewer_trials_than_one() -> None:
    with pytest.raises(SpecificationError, match="--max-trials is 0: expected 1 or more"):
        go_on(SEARCH, max_trials=0)


def test_a_batch_that_nobody_named_an_objective_for_may_get_one_later() -> None:
    named = go_on(SEARCH, maximize=ACCURACY.column)
    again = go_on(named, maximize=ACCURACY.column)
    assert (named.objective, named.objective_named_in) == (ACCURACY, 1)
    assert (again.objective, again.objective_named_in) == (ACCURACY, 1)


def test_a_flag_that_a_restart_sets_as_it_was_is_not_a_changed_one() -> None:
    wider = go_on(SEARCH, **typed("x=[-3.0:3.0]"))
    same = go_on(SEARCH, **typed("x=[-2.0:2.0]"))
    assert (wider.changed, same.changed) == (("x",), ())


def test_a_complete_random_search_has_nothing_left_to_run() -> None:
    plan, done = planned(*range(1, 11)), records(*range(1, 11))
    assert n_to_run(go_on(RANDOM, plan, done), plan, done) == 0


def test_a_random_search_runs_its_failed_trials_again() -> None:
    plan, done = planned(*range(1, 11)), records(*range(1, 11), failed=[3, 7])
    again = go_on(RANDOM, plan, done)
    assert again.rerun == (3, 7)
    assert n_to_run(again, plan, done) == 2


def test_a_model_keeps_its_failed_trials_as_what_it_knows() -> None:
    plan, done = planned(*range(1, 11)), records(*range(1, 11), failed=[3])
    assert go_on(SEARCH, plan, done).rerun == ()


def test_failed_trials_alone_run_when_asked_for() -> None:
    plan, done = planned(1, 2, 3), records(1, 2, 3, failed=[2])
    again = go_on(SEARCH, plan, done, failed=True)
    assert again.rerun == (2,)
    assert n_to_run(again, plan, done) == 1


def test_pruned_trials_count_as_done_unless_they_are_asked_for() -> None:
    plan = planned(1, 2, 3, 4)
    done = [
        *records(1, 2, failed=[2]),
        *(
            replace(one, status=TrialStatus.PRUNED, exit_code=None, reason="it was slow")
            for one in records(3, 4)
        ),
    ]
    whole = replace(RANDOM, n_trials=4)
    assert go_on(whole, plan, done).rerun == (2,)
    assert go_on(whole, plan, done, pruned=True).rerun == (3, 4)
    both = go_on(whole, plan, done, failed=True, pruned=True)
    assert (both.rerun, n_to_run(both, plan, done)) == ((2, 3, 4), 3)


@pytest.mark.parametrize("spec", [SEARCH, RANDOM], ids=["one by one", "at once"])
def test_what_was_asked_for_is_not_lost_by_running_failed_trials_alone(spec: BatchSpec) -> None:
    plan, done = planned(1, 2, 3, 4), records(1, 2, 3, failed=[2])
    failed = go_on(spec, plan, done, failed=True)
    assert n_to_run(failed, plan, done) == 1  # the fourth is missing, and not failed
    whole = records(1, 2, 3)
    again = go_on(failed, plan, whole)
    assert again.n_trials == 10
    assert n_to_run(again, plan, whole) == 7


def test_a_flag_may_get_another_value() -> None:
    again = go_on(SEARCH, **typed("x=[-1.0:1.0]"))
    assert again.settings["x"] == read_setting("[-1.0:1.0]")


@pytest.mark.parametrize("name", ["gp", "optuna:cmaes"])
def test_auto_is_what_the_batch_began_with(name: str) -> None:
    spec = replace(SEARCH, optimizer=OptimizerSpec(name=name, reason="the best"))
    assert go_on(spec, planned(1), optimizer="auto").optimizer == spec.optimizer


def test_a_restart_may_weigh_seconds_from_now_on_and_count_trials_again() -> None:
    weighed = go_on(SEARCH, optimizer_flags={"xi": 0.1}, cost=TrialCost.SECONDS)
    assert weighed.optimizer == OptimizerSpec(name="gp", settings={"xi": 0.1, "cost": "seconds"})
    again = go_on(weighed, cost=TrialCost.NONE)
    assert again.optimizer == OptimizerSpec(name="gp", settings={"xi": 0.1, "cost": "none"})


def test_a_restart_cannot_weigh_seconds_where_the_optimizer_does_not() -> None:
    with pytest.raises(SpecificationError, match="take --optimizer gp"):
        go_on(RANDOM, cost=TrialCost.SECONDS)


def test_an_unknown_setting_of_the_optimizer_is_refused() -> None:
    with pytest.raises(SpecificationError, match="random-starts"):
        go_on(SEARCH, optimizer_flags={"random-start": 1})


def test_a_failed_trial_is_not_run_again_after_a_pause() -> None:
    spec = resume(SEARCH, records(1, 2, failed=[2]), now=5.0)

    assert (spec.rerun, spec.n_trials, spec.generation, spec.restarted) == ((), 10, 1, 5.0)


def test_what_was_to_run_again_before_a_pause_is_run_again_after_it_unless_it_has() -> None:
    again = [replace(record, started=4.5) for record in records(1)]
    retried = replace(RANDOM, rerun=(1, 2), restarted=4.0, generation=1)

    spec = resume(retried, [*again, *records(2, 3, failed=[2])], now=5.0)

    assert spec.rerun == (2,)


def test_a_flag_that_a_restart_sets_is_one_that_was_set() -> None:
    names = tuple(FlagDefinition(name=name, default=3) for name in ("x", "n"))
    script_flags = ScriptFlags(source=FlagSource.GLOBALS, definitions=names)
    settings = {**RANGE, "n": 3}
    spec = replace(SEARCH, script_flags=script_flags, settings=settings, given=("x",))
    assert go_on(spec, **typed("n=3")).given_names == {"x", "n"}
