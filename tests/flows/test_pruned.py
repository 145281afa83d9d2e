"""Batches with pruned trials, in Prefect's pages and on the command line."""

import re
from typing import Any

import pytest

from tests.flows.conftest import ask, flow_run, task_runs
from tunesmith.server.server_directory import ServerState

pytestmark = pytest.mark.server

WAITING_ONCE = """\
import os, signal
x = 1
for t in range(1, 7):
    print("loss:", x + 1 / t, flush=True)
    marker = os.path.join({path!r}, f"seen-{{x}}")
    if t == 4 and not os.path.exists(marker):
        open(marker, "w").close()
        signal.pause()
"""
"""A script that waits at point 4 to be ended, and runs to its end when it is run again."""
N_TRIALS, N_FINALISTS = 8, 2


@pytest.fixture
def pruned_batch(served_project: Any) -> Any:
    """The end of a command whose trials were all stopped at point 4, and the best two ran on."""
    served_project.write("curve.py", WAITING_ONCE.format(path=str(served_project.path)))
    values = ",".join(map(str, range(1, N_TRIALS + 1)))
    done = served_project.run(
        "run", "curve.py", f"x=[{values}]", f"--prune=after:4:{N_FINALISTS}", "-y"
    )
    assert done.returncode == 0, done.stderr
    return done


def _batch_of(done: Any) -> str:
    (found,) = re.findall(r"tunesmith report (\w+)", done.stdout)
    return str(found)


def test_prefect_shows_a_pruned_trial_as_completed_with_its_reason(
    pruned_batch: Any, prefect_server: ServerState
) -> None:
    flow = flow_run(prefect_server, _batch_of(pruned_batch))
    assert flow["state"]["message"] == "2 completed, 6 pruned; best loss 1.1667"
    assert flow["state_type"] == "COMPLETED"
    assert set(task_runs(prefect_server, flow).values()) == {"COMPLETED"}
    (run,) = ask(
        prefect_server,
        "/task_runs/filter",
        task_runs={"name": {"any_": ["trial 0008 x=8"]}},
        flow_runs={"id": {"any_": [flow["id"]]}},
    )
    assert (run["state"]["type"], run["state"]["name"]) == ("COMPLETED", "Pruned")
    assert run["state"]["message"].startswith("at point 4 its loss 8.25 waited")


def test_a_trial_that_is_pruned_and_then_runs_to_its_end_counts_once(pruned_batch: Any) -> None:
    counted = re.findall(r"^\[(\d+)/8\]", pruned_batch.stderr, re.MULTILINE)
    assert len(counted) == N_TRIALS + N_FINALISTS
    assert max(map(int, counted)) == int(counted[-1]) == N_TRIALS
    assert f"completed: {N_TRIALS} trials in " in pruned_batch.stdout
    assert "; 2 completed, 6 pruned\n" in pruned_batch.stdout
