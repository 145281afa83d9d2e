from typing import Any

import pytest

from tests.flows.conftest import flow_run, task_runs, wait_for_batch
from tunesmith.server.server_directory import ServerState

pytestmark = pytest.mark.server


def test_a_grid_is_a_flow_run_with_its_trials_proposal_and_report(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[-1,0,1]", "-yq").strip()
    flow = flow_run(prefect_server, batch)
    assert flow["name"] == f"{batch[:8]} quick.py+ x=[-1, 0, 1]"
    assert flow["state_type"] == "COMPLETED"
    assert {"operation:quick.py", "optimizer:grid"} <= set(flow["tags"])
    assert flow["parameters"] == {
        "home": str(served_project.home),
        "batch_id": batch,
        "generation": 0,
        "spec": None,
    }
    assert task_runs(prefect_server, flow) == {
        "propose #1": "COMPLETED",
        "trial 0001 x=-1": "COMPLETED",
        "trial 0002 x=0": "COMPLETED",
        "trial 0003 x=1": "COMPLETED",
        "report": "COMPLETED",
    }


def test_a_long_grid_is_named_as_it_was_typed(
    served_project: Any, prefect_server: ServerState
) -> None:
    text = "x=linspace[0:1:8]"
    batch = served_project.succeed("run", "quick.py", text, "-m", "2", "-yq").strip()
    assert flow_run(prefect_server, batch)["name"] == f"{batch[:8]} quick.py+ {text}"


def test_a_sequential_search_proposes_before_each_trial(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed(
        "run", "quick.py", "x=[-2.0:2.0]", "-o", "gp", "-m", "4", "-yq"
    ).strip()
    names = task_runs(prefect_server, flow_run(prefect_server, batch))
    assert sorted(name.split(" ")[0] for name in names) == [
        *["propose"] * 4,
        "report",
        *["trial"] * 4,
    ]
    assert set(names.values()) == {"COMPLETED"}


def test_a_failing_trial_is_a_failed_task_run_in_a_flow_that_completes(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0\nprint('loss: 1')\n")
    done = served_project.run("run", "picky.py", "x=[-1,1]", "-yq")
    assert done.returncode == 1
    flow = flow_run(prefect_server, done.stdout.strip())
    assert flow["state_type"] == "COMPLETED"
    runs = task_runs(prefect_server, flow)
    assert runs["trial 0001 x=-1"] == "FAILED"
    assert runs["trial 0002 x=1"] == "COMPLETED"


def test_a_batch_told_to_end_at_a_failure_is_a_failed_flow_run(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0\nprint('loss: 1')\n")
    done = served_project.run("run", "picky.py", "x=[-1,1,2]", "-yq", "--fail-on-trial-error")
    assert done.returncode == 1
    flow = flow_run(prefect_server, done.stdout.strip())
    assert flow["state_type"] == "FAILED"
    assert task_runs(prefect_server, flow)["trial 0001 x=-1"] == "FAILED"


def test_a_flow_run_of_a_killed_process_is_set_crashed_by_the_next_batch(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write(
        "wait.py", "x = 1\nprint('loss: 1', flush=True)\nimport signal\nsignal.pause()\n"
    )
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    batch = wait_for_batch(served_project)
    process.kill()
    process.communicate()
    assert flow_run(prefect_server, batch)["state_type"] == "RUNNING"
    served_project.succeed("run", "quick.py", "x=[1,2]", "-yq")
    assert flow_run(prefect_server, batch)["state_type"] == "CRASHED"
