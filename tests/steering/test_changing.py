import json
from typing import Any

import pytest

from tests.steering.conftest import made
from tunesmith.batch import BatchSpec
from tunesmith.errors import FlagError, SpecificationError
from tunesmith.request.options import read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.steering.changing import change_batch
from tunesmith.steering.observing import Result, observe
from tunesmith.steering.suggesting import suggest
from tunesmith.storage.store import Store
from tunesmith.trial import TrialStatus


def changed(store: Store, batch: str, *words: str, **options: object) -> BatchSpec:
    request = SweepRequest(**read_arguments(words), **read_options(options))
    return change_batch(store, batch, request).spec


def status(store: Store, batch: str) -> TrialStatus:
    return next(run.status for run in store.list_runs().runs if run.id == batch)


def asked(store: Store, batch: str) -> tuple[str, Any]:
    (one,) = suggest(store, batch, n=1)
    observe(store, batch, str(one.number), Result(scalars={"loss": 1.0}))
    return one.origin, one.flags["x"]


def test_a_queued_trial_is_the_next_one_and_one_more(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]", max_trials=5)
    asked(store, batch)
    spec = changed(store, batch, first=["x=0.25"])
    assert (spec.generation, spec.n_trials) == (1, 6)
    assert asked(store, batch) == ("first", 0.25)
    assert asked(store, batch)[0] == "random"


def test_the_same_trial_may_be_queued_twice(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    for _ in range(2):
        changed(store, batch, first=["x=0.25"])
    assert [asked(store, batch) for _ in range(2)] == [("first", 0.25)] * 2


def test_a_change_keeps_the_number_of_trials_unless_more_are_asked_for(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]", max_trials=1)
    asked(store, batch)
    assert changed(store, batch, "x=[0.0:4.0]").n_trials == 1
    assert changed(store, batch, max_trials=50).n_trials == 51
    assert store.batch(batch).settings["x"] == changed(store, batch, jobs=2).settings["x"]


def test_a_grid_has_the_points_that_it_lacks(store: Store) -> None:
    batch = made(store, "x=[1,2]", optimizer="grid")
    assert asked(store, batch) == ("grid", 1)
    spec = changed(store, batch, "x=[2,3,4]")
    assert spec.n_trials == 4
    assert [asked(store, batch)[1] for _ in range(3)] == [2, 3, 4]


def test_a_grid_keeps_what_was_queued_when_its_list_changes(store: Store) -> None:
    batch = made(store, "x=[1,2]", optimizer="grid")
    changed(store, batch, first=["x=9"])
    assert changed(store, batch, "x=[2,3]").n_trials == 3
    assert [asked(store, batch)[1] for _ in range(3)] == [9, 2, 3]


def test_a_batch_that_waits_to_go_on_is_pending_and_took_no_time(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    store.put_end(batch, generation=0, reason="", stopped=1.0, seconds=3.0)
    changed(store, batch, first=["x=0.25"])
    assert status(store, batch) is TrialStatus.PENDING
    (row,) = [run for run in store.list_runs().runs if run.id == batch]
    assert row.seconds == 3.0


def test_what_does_not_fit_leaves_the_batch_as_it_was(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    before = store.batch(batch)
    with pytest.raises(FlagError, match="is empty"):
        changed(store, batch, "x=[4.0:0.0]")
    with pytest.raises(SpecificationError, match="--failed says what a restart runs"):
        changed(store, batch, failed=True)
    with pytest.raises(SpecificationError, match="--optimizer cannot change at a restart"):
        changed(store, batch, optimizer="gp")
    assert store.batch(batch) == before


def test_a_running_batch_is_changed_by_its_next_generation(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    with store.lease(batch):
        running = change_batch(store, batch, SweepRequest(max_trials=4))
        later = store.later(running.before)
        assert (running.is_running, later) == (True, running.spec)
        assert store.later(running.spec) is None
        assert store.end(batch) is None


def test_the_commands_say_what_changes_and_when(project: Any) -> None:
    batch = project.succeed("suggest", "--new", "x=[0.0:1.0]", "-m", "5").strip()
    told = project.succeed("change", batch, "x=[0.0:4.0]", "-m", "2", "-j", "3")
    queued = json.loads(project.succeed("queue", batch, "x=9.5", "--json"))
    assert told.splitlines() == [
        f"{batch[:8]} is asked so from now on, with tunesmith suggest {batch[:8]}:",
        "  x: [0.0:4.0] (was [0.0:1.0])",
        "  trials: 5 + 2 = 7",
        "  --jobs 3 (was 1)",
    ]
    assert (queued["trials"], queued["running"]) == (8, False)
    assert project.succeed("suggest", batch).split()[2] == "x=9.5"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("change", "1"), "nothing is to change: name a flag or an option"),
        (("queue", "1"), "there is no trial: name its flags"),
        (("queue", "1", "x=[0.0:1.0]"), "is a range: a first trial has one value"),
        (("queue", "1", "nine"), "'nine' is not a flag: expected NAME=VALUE"),
    ],
    ids=["no change", "no trial", "a range", "no flag"],
)
def test_what_cannot_be_queued_or_changed_is_refused(
    project: Any, words: tuple[str, ...], message: str
) -> None:
    project.succeed("suggest", "--new", "x=[0.0:1.0]")
    done = project.run(*words)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_results_beyond_a_range_that_is_narrowed_inform_gp(store: Store) -> None:
    def after(beyond: float) -> object:
        batch = made(store, "x=[0.0:1.0]", optimizer="gp", first=["x=0.9", "x=0.7", "x=0.2"])
        for loss in (0.5, 0.4, beyond):
            (one,) = suggest(store, batch, n=1)
            observe(store, batch, str(one.number), Result(scalars={"loss": loss}))
        changed(store, batch, "x=[0.5:1.0]", optimizer_flags={"random-starts": 2})
        (one,) = suggest(store, batch, n=1)
        assert one.prediction is not None
        return one.prediction

    assert after(0.1) != after(3.0)
