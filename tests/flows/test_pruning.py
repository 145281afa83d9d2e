"""Batches whose trials are stopped early, with a real server: states, kills, restarts."""

from typing import Any

import pytest

from tests.flows.conftest import ask, flow_run
from tunesmith.executor.pruning import batch_pruning
from tunesmith.search.pruning.judging import Trace
from tunesmith.server.server_directory import ServerState
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord

pytestmark = pytest.mark.server

CURVE = """\
import signal
x = 1
for t in range(1, 13):
    print("loss:", x + 1 / t, flush=True)
    if x > 4 and t == 4:
        signal.pause()
"""
"""A trial of x > 4 waits at point 4 until it is stopped."""
VALUES = "x=[1.0,0.9,0.8,9.0,8.0,0.7,7.0,0.6,6.0,0.5]"
"""Each is either better than all before it, or waits."""
SLOW = """\
import select
x = 1
for t in range(1, 13):
    print("loss:", x + 1 / t, flush=True)
    select.select([], [], [], 0.05 if x > 4 else 0)
"""
"""A trial of x > 4 takes its time."""
WAITING_ONCE = """\
import os, signal
x = 1
begun = os.path.join({diary!r}, str(x))
is_first = not os.path.exists(begun)
open(begun, "w").close()  # before any point: it may be stopped at once after the third
for t in range(1, 13):
    print("loss:", x + 1 / t, flush=True)
    if t == 3 and is_first:
        signal.pause()
"""
"""A trial that waits at point 3 when it runs for the first time."""


def told(trial: TrialRecord) -> tuple[Any, ...]:
    """Return how a trial ended."""
    return trial.status, trial.reason, trial.objective, trial.scalars["loss"].count, trial.pruned


def ends_of(project: Any, batch: str) -> dict[int, tuple[Any, ...]]:
    """Return how the trials of a batch ended, by number."""
    records = Store.open(project.home).records(batch).records
    return {record.number: told(record) for record in records}


def only_batch(project: Any, *known: str) -> str:
    """Return the batch that is not known yet."""
    (batch,) = set(Store.open(project.home).batch_ids()) - set(known)
    return batch


def kill_after(project: Any, words: str, *command: str) -> None:
    """Start a command, and kill -9 it when it says something."""
    process = project.start(*command)
    for line in process.stderr:
        if words in line:
            break
    process.kill()
    process.communicate()


def test_a_pruned_trial_is_a_completed_task_run_of_its_own_name(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("curve.py", CURVE)
    done = served_project.run("run", "curve.py", VALUES, "--prune", "-y")
    assert done.returncode == 0, done.stderr
    assert "trials that will not win are stopped early (careful)" in done.stderr
    assert "6 completed, 4 pruned" in done.stdout
    flow = flow_run(prefect_server, only_batch(served_project))
    runs = ask(prefect_server, "/task_runs/filter", flow_runs={"id": {"any_": [flow["id"]]}})
    states = {run["name"].split()[1]: run["state"] for run in runs if "trial" in run["name"]}
    assert (states["0004"]["type"], states["0004"]["name"]) == ("COMPLETED", "Pruned")
    assert states["0004"]["message"] == (
        "at point 4 its loss 9.25 had less than a 10 % chance of beating 0.88333"
    )
    assert states["0001"]["name"] == "Completed"


@pytest.mark.kill
def test_a_batch_that_was_killed_prunes_as_one_that_was_not(served_project: Any) -> None:
    served_project.write("curve.py", CURVE)
    command = ("run", "curve.py", VALUES, "--prune", "-y")
    served_project.succeed(*command)
    whole = only_batch(served_project)
    kill_after(served_project, "[5/10]", *command)
    killed = only_batch(served_project, whole)
    assert len(ends_of(served_project, killed)) < 10
    served_project.succeed("run", "--restart", killed, "-y")
    assert ends_of(served_project, killed) == ends_of(served_project, whole)


@pytest.mark.kill
def test_the_best_run_to_their_end_once_though_the_batch_was_killed_meanwhile(
    served_project: Any,
) -> None:
    diary = served_project.path.parent / "diary"
    diary.mkdir()
    served_project.write("curve.py", WAITING_ONCE.format(diary=str(diary)))
    command = ("run", "curve.py", VALUES, "--prune=after:3:2", "-y")
    kill_after(served_project, "loss 0.58333", *command)
    batch = only_batch(served_project)
    served_project.succeed("run", "--restart", batch, "-y")
    ends = ends_of(served_project, batch)
    finished = {number: end[3] for number, end in ends.items() if end[0] == "completed"}
    assert finished == {8: 12, 10: 12}
    again = served_project.run("run", "--restart", batch, "--pruned", "-y")
    assert again.returncode == 0, again.stderr
    assert {end[0] for end in ends_of(served_project, batch).values()} == {"completed"}


def test_every_decision_follows_from_the_recorded_curves_to_the_bit(served_project: Any) -> None:
    served_project.write("curve.py", SLOW)
    served_project.succeed("run", "curve.py", VALUES, "--prune", "-y", "-j", "2")
    store, batch = Store.open(served_project.home), only_batch(served_project)
    records = {record.number: record for record in store.records(batch).records}
    pruned = [one for one in records.values() if one.pruned is not None]
    assert pruned
    for record in pruned:
        assert record.pruned is not None
        pruning = batch_pruning(store.batch(batch), print)
        assert pruning is not None
        pruning.load(store, [records[number] for number in record.pruned.among])
        (series,) = store.series(batch, record.number)
        costs = series.values[: record.pruned.point]
        trace = Trace(number=record.number, costs=costs, flags=record.flags)
        decision = pruning.decide(trace, costs[-1])
        assert decision is not None
        assert (decision.pruned, decision.reason) == (record.pruned, record.reason)
