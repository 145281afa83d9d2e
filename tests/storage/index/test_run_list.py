import dataclasses
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.conftest import FAILED, START, AddBatch, NewRecord, NewSpec, statuses
from tunesmith.storage.index.refresh import fold_edits
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import trial_id


@contextmanager
def held_elsewhere(store: Store, batch: str) -> Iterator[subprocess.Popen[str]]:
    """Hold a batch's lease in another process."""
    code = (
        "import sys; from pathlib import Path; from tunesmith.storage.store import Store\n"
        "with Store.open(Path(sys.argv[1])).lease(sys.argv[2]):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.home), batch],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def edit(store: Store, action: EditAction, run_id: str, value: str = "", *, time: float) -> None:
    store.add_edit(Edit(action=action, runs=(run_id,), value=value, time=time))


def test_an_empty_store_has_no_runs(store: Store) -> None:
    run_list = store.list_runs()

    assert (run_list.runs, run_list.warnings, run_list.total) == ([], [], 0)


def test_a_finished_batch_is_listed_after_its_trials(store: Store, add_batch: AddBatch) -> None:
    # the clock was set back while the first trial ran: it starts before its batch
    add_batch(finished={1: {"started": START - 60}, 2: {}, 3: {}, 4: {}}, end="")

    assert [run.number for run in store.list_runs().runs] == [4, 3, 2, 1, 0]


def test_a_live_batch_has_running_and_pending_trials(store: Store, add_batch: AddBatch) -> None:
    batch = add_batch(finished={1: {}})
    store.start_trial(batch, 2, attempt=1, started=START + 50)

    with held_elsewhere(store, batch):
        run_list = store.list_runs()

        assert statuses(store) == {
            0: "running",
            1: "completed",
            2: "running",
            3: "pending",
            4: "pending",
        }
    assert [run.number for run in run_list.runs] == [4, 3, 2, 1, 0]
    assert [run.flags["x"] for run in run_list.runs[:3]] == [4, 3, 2]
    assert run_list.runs[0].origin == "random"
    assert run_list.runs[2].started == START + 50


def test_a_killed_batch_was_interrupted(store: Store, add_batch: AddBatch) -> None:
    batch = add_batch(finished={1: {}})
    store.start_trial(batch, 2, attempt=1, started=START + 50)
    with held_elsewhere(store, batch) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert statuses(store) == {
        0: "terminated",
        1: "completed",
        2: "terminated",
        3: "pending",
        4: "pending",
    }
    (interrupted,) = [run for run in store.list_runs().runs if run.number == 2]
    assert interrupted.reason == "interrupted"


def test_what_a_dead_batch_did_not_get_to_is_listed_just_before_it(
    store: Store, add_batch: AddBatch
) -> None:
    add_batch("a" * 32, finished={1: {}}, end="stopped")
    later = {number: {"started": START + 50 + number} for number in (1, 2)}
    add_batch("c" * 32, finished=later, end="stopped", created=START + 50)

    runs = store.list_runs().runs

    assert "".join(f"{run.batch[0]}{run.number} " for run in runs) == (
        "c2 c1 c4 c3 c0 a1 a4 a3 a2 a0 "
    )


def test_a_trial_that_runs_again_is_running_until_its_batch_dies(
    store: Store, add_batch: AddBatch
) -> None:
    batch = add_batch(finished={1: {}, 2: FAILED, 3: {}, 4: {}})
    store.start_trial(batch, 2, attempt=2, started=START + 70)

    with held_elsewhere(store, batch):
        running = store.list_latest(2)
        assert statuses(store)[2] == "running"
        assert [(run.number, run.attempt) for run in running.runs] == [(2, 2), (4, 1)]
        assert running.total == 5

    assert statuses(store)[2] == "error"


def test_a_single_run_lives_ends_and_is_its_own_batch(
    store: Store, new_spec: NewSpec, new_record: NewRecord
) -> None:
    single = new_spec("5" * 32, optimizer=None, n_trials=None, settings={"x": 0.5}, label="one")
    store.put_batch(single)
    assert [(run.status, run.label) for run in store.list_runs().runs] == [("pending", "one")]

    store.start_trial(single.id, 0, attempt=1, started=START)
    with held_elsewhere(store, single.id):
        assert statuses(store) == {0: "running"}
    assert statuses(store) == {0: "terminated"}

    store.publish(new_record(single.id, 0, **FAILED), [])
    (run,) = store.list_runs().runs
    assert (run.status, run.id, run.batch) == ("error", single.id, single.id)
    assert not run.is_batch
    assert not run.is_trial


def test_edits_apply_in_their_order_to_recorded_and_to_derived_runs(
    store: Store, add_batch: AddBatch
) -> None:
    batch = add_batch(finished={1: {"tags": ("a", "b")}}, end="stopped", label="from the start")
    recorded, pending = trial_id(batch, 1), trial_id(batch, 2)
    edit(store, EditAction.LABEL, recorded, "old", time=1.0)
    edit(store, EditAction.LABEL, recorded, "new", time=2.0)
    edit(store, EditAction.TAG, recorded, "c", time=3.0)
    edit(store, EditAction.UNTAG, recorded, "a", time=4.0)
    edit(store, EditAction.LABEL, pending, "", time=5.0)
    edit(store, EditAction.DELETE, batch, time=6.0)

    runs = {run.number: run for run in store.list_runs().runs}

    assert (runs[1].label, runs[1].tags) == ("new", ("b", "c"))
    assert (runs[2].label, runs[3].label) == ("", "from the start")
    assert {number for number, run in runs.items() if run.is_deleted} == {0}


def test_deleted_runs_are_not_among_the_latest_until_they_are_restored(
    store: Store, add_batch: AddBatch
) -> None:
    batch = add_batch(finished={1: {}, 2: {}, 3: {}, 4: {}}, end="")
    for number in (4, 2):
        edit(store, EditAction.DELETE, trial_id(batch, number), time=float(number))

    latest = store.list_latest(2)
    assert ([run.number for run in latest.runs], latest.total) == ([3, 1], 3)

    edit(store, EditAction.RESTORE, trial_id(batch, 4), time=9.0)
    assert [run.number for run in store.list_latest(2).runs] == [4, 3]


@pytest.mark.parametrize("n", [0, 1, 3, 99])
def test_the_latest_are_the_first_of_all(store: Store, add_batch: AddBatch, n: int) -> None:
    add_batch("a" * 32, finished={1: {}, 2: {}}, end="stopped")
    live = add_batch("c" * 32, finished={1: {}})

    with held_elsewhere(store, live):
        everything, latest = store.list_runs(), store.list_latest(n)

    assert latest.runs == everything.runs[:n]
    assert latest.total == everything.total == 10


def test_compaction_changes_nothing_in_the_list(store: Store, add_batch: AddBatch) -> None:
    batch = add_batch(finished={1: {}, 2: FAILED, 3: {}, 4: {}}, end="")
    before = store.list_runs()

    store.compact(batch)

    assert store.list_runs() == before
    store.layout.index.unlink()
    assert store.list_runs() == before


def test_purged_runs_are_gone(store: Store, add_batch: AddBatch) -> None:
    batch = add_batch(finished={1: {}, 2: {}}, end="stopped")
    store.compact(batch)
    gone = [trial_id(batch, 1), trial_id(batch, 4)]
    for run_id in gone:
        edit(store, EditAction.DELETE, run_id, time=1.0)
    store.list_runs()

    store.purge(gone)
    assert statuses(store) == {0: "terminated", 2: "completed", 3: "pending"}

    store.purge([batch])
    assert statuses(store) == {}


def test_a_purged_batch_leaves_nothing_in_the_list(store: Store, add_batch: AddBatch) -> None:
    add_batch("a" * 32, finished={1: {}}, end="")
    add_batch("c" * 32, finished={1: {}}, end="")
    store.list_runs()

    store.purge(["a" * 32])

    assert {run.batch for run in store.list_runs().runs} == {"c" * 32}


_ACTIONS = st.sampled_from(EditAction)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(_ACTIONS, st.sampled_from("ab"), st.sampled_from("xyz")), max_size=8))
def test_folded_edits_say_of_a_run_what_its_own_edits_say(
    made: list[tuple[EditAction, str, str]],
) -> None:
    edits = [
        Edit(action=action, runs=(run_id,), value=value, time=0.0)
        for action, run_id, value in made
    ]

    together = fold_edits(edits)

    for run_id in "ab":
        own = [dataclasses.replace(one, runs=(run_id,)) for one in edits if run_id in one.runs]
        assert fold_edits(own) == ({run_id: together[run_id]} if own else {})
