from typing import Any

import pytest

from tests.storage.conftest import FAILED, START, AddBatch, NewSpec, statuses
from tunesmith.objective import Direction, Objective
from tunesmith.scalar import ScalarColumn
from tunesmith.storage.objects.json_objects import encode_json
from tunesmith.storage.records.batches import BatchEnd, read_ends
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus


def batch_row(store: Store) -> Run:
    (run,) = [run for run in store.list_runs().runs if run.is_batch]
    return run


@pytest.mark.parametrize(
    ("finished", "end", "expected"),
    [
        ({1: {}, 2: {}, 3: {}, 4: {}}, "", "completed"),
        ({1: {}, 2: FAILED, 3: {}, 4: {}}, "", "error"),
        ({1: {}, 2: {}}, "exhausted", "completed"),
        ({1: {}, 2: FAILED}, "exhausted", "error"),
        ({1: {}, 2: FAILED}, "failures", "error"),
        ({1: {}}, "stopped", "terminated"),
        ({1: {}, 2: {}, 3: {}, 4: {}}, None, "completed"),
        ({1: {}, 2: FAILED, 3: {}, 4: {}}, None, "error"),
        ({1: {}}, None, "terminated"),
    ],
)
def test_the_status_of_a_dead_batch_follows_from_its_end_and_its_trials(
    store: Store,
    add_batch: AddBatch,
    finished: dict[int, dict[str, Any]],
    end: str | None,
    expected: str,
) -> None:
    add_batch(finished=finished, end=end)

    assert statuses(store)[0] == expected


def test_a_batch_that_nobody_has_begun_is_pending(store: Store, new_spec: NewSpec) -> None:
    store.put_batch(new_spec("b" * 32))

    assert statuses(store) == {0: "pending"}


@pytest.mark.parametrize(("direction", "best"), [("minimize", 2), ("maximize", 3)])
def test_progress_counts_statuses_and_knows_the_best(
    store: Store, add_batch: AddBatch, direction: str, best: int
) -> None:
    objective = Objective(column=ScalarColumn(tag="loss"), direction=Direction(direction))
    finished = {
        1: {"objective": float("nan")},
        2: {"objective": 1.0},
        3: {"objective": 2.0},
        4: {"objective": 9.0 if direction == "maximize" else -9.0, **FAILED},
    }
    add_batch(finished=finished, end="", objective=objective)

    progress = batch_row(store).progress

    assert progress is not None
    assert (progress.total, progress.n_finished, progress.is_alive) == (4, 4, False)
    assert progress.counts == {TrialStatus.COMPLETED: 3, TrialStatus.ERROR: 1}
    assert (progress.best_number, progress.best_objective) == (best, float(best - 1))


def test_a_trial_that_is_no_longer_allowed_is_not_the_best(
    store: Store, add_batch: AddBatch
) -> None:
    finished = {
        1: {"objective": 1.0, "flags": {"x": 0.1}},
        2: {"objective": 2.0, "flags": {"x": 0.9}},
    }
    add_batch(finished=finished, end="", where=("x > 0.5",), settings={"x": 0.5})

    progress = batch_row(store).progress
    assert progress is not None
    assert progress.best_number == 2


def test_a_batch_says_which_limit_ended_it(store: Store, add_batch: AddBatch) -> None:
    batch = add_batch(finished={1: {}})
    words = "trial 1 meets the target loss < 1"
    store.put_end(batch, generation=0, reason="target", stopped=START + 99, words=words)

    row = batch_row(store)
    assert (str(row.status), row.reason) == ("completed", words)


def test_a_batch_keeps_its_first_start_and_ends_with_its_latest_end(
    store: Store, add_batch: AddBatch, new_spec: NewSpec
) -> None:
    batch = add_batch(finished={1: {}}, end="stopped", label="first")
    assert (batch_row(store).started, batch_row(store).stopped) == (START, START + 99)

    again = new_spec(
        batch, created=START, n_trials=6, generation=1, restarted=START + 500, label="first"
    )
    store.put_batch(again)
    store.put_end(batch, generation=1, reason="", stopped=START + 600)

    row = batch_row(store)
    assert (row.started, row.stopped) == (START, START + 600)
    assert row.progress is not None
    assert row.progress.total == 6
    assert row.label == "first"
    assert row.operation == "train.py+gp"


def test_a_batch_took_the_time_of_its_sittings_without_the_pause(
    store: Store, add_batch: AddBatch, new_spec: NewSpec
) -> None:
    batch = add_batch(finished={1: {}})
    store.put_end(batch, generation=0, reason="stopped", stopped=START + 99, seconds=90.0)
    store.put_batch(new_spec(batch, created=START, generation=1, restarted=START + 86_400))
    store.put_end(batch, generation=1, reason="", stopped=START + 86_430, seconds=30.0)

    assert batch_row(store).seconds == 120.0


def test_a_batch_whose_sitting_was_killed_took_the_time_of_its_trials(
    store: Store, add_batch: AddBatch, new_spec: NewSpec
) -> None:
    spans = {1: START, 2: START + 1, 3: START + 86_400}
    batch = add_batch(
        finished={
            number: {"started": started, "stopped": started + 4, "seconds": 4.0}
            for number, started in spans.items()
        }
    )
    store.put_batch(new_spec(batch, created=START, generation=1, restarted=START + 86_400))
    store.put_end(batch, generation=1, reason="", stopped=START + 86_410, seconds=6.0)

    assert batch_row(store).seconds == 9.0  # of 5 s and 4 s, beside a sitting of 6 s


@pytest.mark.parametrize("began", [0.0, START + 3600], ids=["in 1970", "an hour ahead"])
def test_a_clock_that_was_wrong_at_the_start_adds_no_time(
    store: Store, add_batch: AddBatch, began: float
) -> None:
    later = {"started": START + 9, "stopped": START + 12, "seconds": 3.0}
    batch = add_batch(
        created=began,
        finished={1: {"started": began, "stopped": START, "seconds": 2.0}, 2: later},
    )
    store.put_end(batch, generation=0, reason="", stopped=START + 13)

    assert batch_row(store).seconds == 5.0


def test_the_end_of_a_batch_that_an_earlier_version_wrote_is_read(store: Store) -> None:
    batch = "b" * 32
    store.objects.put_new(f"batches/{batch}.json", b"{}")
    fields = {"reason": "", "stopped": 1.0}
    store.objects.put_new(f"batches/{batch}.r0.end.json", encode_json(fields))

    assert read_ends(store.objects, batch) == [
        BatchEnd(generation=0, reason="", stopped=1.0, seconds=None)
    ]
