from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tests.executor.conftest import Recorder
from tunesmith.batch import BatchSpec
from tunesmith.errors import LeaseHeldError
from tunesmith.execution import Execution
from tunesmith.executor.batch_context import (
    BatchContext,
    current_batch,
    entered,
    is_current,
    opened,
)
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialStatus

BATCH, OTHER = "b" * 32, "c" * 32
FAILED: dict[str, Any] = {"status": TrialStatus.ERROR, "exit_code": 1, "reason": "no data"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / ".tunesmith")


def context(store: Store, spec: BatchSpec | None = None, **fields: Any) -> BatchContext:
    return BatchContext(spec=spec or make_spec(BATCH), store=store, **fields)


def plan(*numbers: int) -> list[PlannedTrial]:
    return [PlannedTrial(number=n, flags={"x": n / 10}, origin="gp") for n in numbers]


def test_tasks_find_the_context_that_was_entered_last(store: Store) -> None:
    outer, inner = context(store), context(store, make_spec(OTHER))
    with entered(outer):
        with entered(inner):
            assert current_batch() is inner
            assert (is_current(OTHER), is_current(BATCH)) == (True, False)
        assert current_batch() is outer


def test_a_task_of_no_batch_is_told(store: Store) -> None:
    with entered(context(store)):
        pass
    assert not is_current(BATCH)
    with pytest.raises(LookupError, match="no batch runs in this thread"):
        current_batch()


def test_a_batch_is_open_once(store: Store) -> None:
    with opened(context(store)) as running:
        assert running.reaper is not None
        assert store.is_alive(BATCH)
        with pytest.raises(LeaseHeldError), opened(context(store)):
            pass
    assert not store.is_alive(BATCH)


def test_what_is_planned_is_in_the_store_and_waits(store: Store) -> None:
    batch = context(store)
    batch.add_plan(plan(1, 2))
    batch.add_record(make_record(BATCH, 1))
    assert batch.waiting() == plan(2)
    assert store.plan(BATCH) == plan(1, 2)


def test_a_batch_knows_its_incumbent(store: Store) -> None:
    batch = context(store)
    is_best = [
        batch.add_record(make_record(BATCH, number, objective=objective))
        for number, objective in enumerate((0.5, 0.75, 0.25), start=1)
    ]
    assert is_best == [True, False, True]
    assert batch.trials.incumbent == make_record(BATCH, 3, objective=0.25)


@pytest.mark.parametrize(("jobs", "n_notes"), [(1, 0), (2, 1)])
def test_trials_that_fail_alike_let_no_new_trial_start(
    store: Store, observer: Recorder, jobs: int, n_notes: int
) -> None:
    spec = make_spec(BATCH, execution=Execution(jobs=jobs))
    batch = context(store, spec, observer=observer)
    is_draining = []
    for number in (1, 2, 3):
        batch.add_record(make_record(BATCH, number, **FAILED))
        is_draining.append(batch.stop.is_draining)
    assert is_draining == [False, False, True]
    assert batch.trials.verdict is not None
    assert batch.trials.verdict.end == "failures"
    assert len(observer.told) == n_notes  # a sequential batch says it at its end
