from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tunesmith.batch import OptimizerSpec
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.program import Program, ProgramKind
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial

BATCH, OTHER = "b" * 32, "c" * 32
PLAN = [PlannedTrial(number=n, flags={"x": n / 10}, origin="gp") for n in (1, 2, 3)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a batch of three planned trials, two of which have finished, and another."""
    store = Store.create(tmp_path / ".tunesmith")
    for batch in (BATCH, OTHER):
        store.put_batch(make_spec(batch))
    store.put_plan(BATCH, PLAN)
    for batch, number, objective in ((BATCH, 1, 0.5), (BATCH, 2, 0.25), (OTHER, 1, 0.125)):
        record = make_record(batch, number, objective=objective, flags={"x": number / 10})
        store.publish(record, [])
    return store


def test_what_the_store_holds_of_a_batch_is_loaded(store: Store) -> None:
    trials = RecordedTrials()
    assert trials.load(make_spec(BATCH), store) == ()
    assert sorted(trials.records) == [1, 2]
    assert trials.incumbent == trials.records[2]
    assert trials.waiting(make_spec(BATCH)) == PLAN[2:]
    assert (trials.earlier, trials.completed_before, trials.ended) == ((), (), [])


def test_trials_of_other_batches_are_loaded_where_they_count(store: Store) -> None:
    settings = {"prev-trials": "operation"}
    spec = make_spec(BATCH, optimizer=OptimizerSpec(name="gp", settings=settings))
    trials = RecordedTrials()
    trials.load(spec, store)
    assert [record.batch for record in trials.earlier] == [OTHER]


def test_points_that_completed_before_are_loaded_where_only_needed_ones_run(store: Store) -> None:
    trials = RecordedTrials()
    trials.load(make_spec(BATCH, is_needed_only=True), store)
    assert trials.completed_before == ({"x": 0.1},)


@pytest.mark.parametrize(
    "other",
    [
        {"extra_arguments": ("--fast",)},
        {"program": Program(kind=ProgramKind.COMMAND, words=("python", "train.py", "{x}"))},
        {"script_flags": replace(make_spec(BATCH).script_flags, subcommand=("test",))},
    ],
    ids=["arguments", "command", "subcommand"],
)
def test_what_another_program_completed_is_still_needed(
    store: Store, other: dict[str, Any]
) -> None:
    trials = RecordedTrials()
    trials.load(make_spec(BATCH, is_needed_only=True, **other), store)
    assert trials.completed_before == ()


@pytest.mark.parametrize(
    ("is_rerun_only", "numbers"), [(False, [1, 3]), (True, [1])], ids=["all", "failed ones"]
)
def test_a_restart_repeats_the_trials_that_it_names(
    store: Store, is_rerun_only: bool, numbers: list[int]
) -> None:
    spec = make_spec(BATCH, generation=1, restarted=5.0, rerun=(1,), is_rerun_only=is_rerun_only)
    trials = RecordedTrials()
    trials.load(spec, store)
    assert [planned.number for planned in trials.waiting(spec)] == numbers
    trials.add(spec, make_record(BATCH, 1, started=6.0))
    assert 1 not in [planned.number for planned in trials.waiting(spec)]
