"""A batch is cancelled in Prefect: its processes are gone within seconds, and it can go on."""

import time
from operator import itemgetter

import pytest

from tests.conftest import Project
from tests.flows.conftest import (
    POOL,
    Interface,
    alive,
    batches,
    trials,
    wait_for_trials,
    wait_until,
    write_gated,
)
from tunesmith.flows.firings import PREFECTS_MESSAGE

pytestmark = [pytest.mark.server, pytest.mark.kill]

END_S = 5.0
"""How long trials that heed SIGTERM may live on after their batch was cancelled."""


def _cancel(interface: Interface, run: str, pids: list[int]) -> float:
    """Cancel a flow run, and return the seconds until the trials' processes were gone."""
    began = time.monotonic()
    interface.cancel(run)
    wait_until(lambda: not alive(pids), lambda: f"these are alive: {alive(pids)}")
    return time.monotonic() - began


def _restart(project: Project, batch: str) -> None:
    """Go on with a batch whose trials find their gate open."""
    (project.path / "go").touch()
    wait_until(
        lambda: project.run("run", "--restart", batch, "-yq").returncode == 0,
        lambda: f"the batch does not go on: {batches(project)}",
    )


@pytest.mark.parametrize("warm", ["off", "on"])
def test_a_command_that_is_cancelled_ends_its_trials_at_once_and_can_go_on(
    served_project: Project, interface: Interface, warm: str
) -> None:
    write_gated(served_project)
    arguments = ["gated.py", "x=[1,2,3]", "-j", "2", "--warm", warm, "--yes"]
    process = served_project.start("run", *arguments)
    pids = wait_for_trials(served_project, 2)
    (batch,) = batches(served_project)
    run = interface.flow_run(batch["id"])

    seconds = _cancel(interface, run, pids)
    out, err = process.communicate(timeout=60)
    state = interface.wait_for(run, "CANCELLED", "FAILED", "CRASHED")["state"]
    stopped = trials(served_project)
    _restart(served_project, batch["id"])

    assert seconds < END_S
    assert "cancelled in Prefect" in out, err
    assert (state["type"], state["message"]) == ("CANCELLED", "2 terminated")
    assert [stopped[number]["status"] for number in (1, 2, 3)] == [
        *["terminated"] * 2,
        "pending",
    ]
    (again,) = batches(served_project)
    assert again["progress"]["counts"] == {"completed": 3}


@pytest.mark.parametrize("worker", ["served", "worked"], ids=["serve", "process worker"])
def test_a_run_of_a_deployment_that_is_cancelled_ends_its_trials_at_once_and_can_go_on(
    worker: str, interface: Interface, request: pytest.FixtureRequest
) -> None:
    project: Project = request.getfixturevalue(worker)
    write_gated(project)
    project.succeed("deploy", "gated.py", "x=[1,2,3]", "-j", "2", "--pool", POOL, "--name", worker)
    run = interface.run_now(worker)
    pids = wait_for_trials(project, 2)

    seconds = _cancel(interface, run, pids)
    state = interface.wait_for(run, "CANCELLED", "FAILED", "CRASHED")["state"]
    (batch,) = batches(project)
    stopped = trials(project)
    _restart(project, batch["id"])

    assert seconds < END_S
    assert state["type"] == "CANCELLED", state
    assert [stopped[number]["status"] for number in (1, 2, 3)] == [
        *["terminated"] * 2,
        "pending",
    ]
    (again,) = batches(project)
    assert again["progress"]["counts"] == {"completed": 3}
    logged = interface.ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}})
    assert [one["message"] for one in logged if "rror" in one["message"]] == []
    if worker == "served":  # which puts it back where Prefect's worker writes its own over it
        _wait_for_messages(interface, run, PREFECTS_MESSAGE, "2 terminated")


def _wait_for_messages(interface: Interface, run: str, *last: str) -> None:
    """Wait until the last states of a flow run have some messages."""

    def messages() -> list[str]:
        states = interface.ask(f"/flow_run_states/?flow_run_id={run}", method="GET")
        return [state["message"] for state in sorted(states, key=itemgetter("timestamp"))]

    wait_until(lambda: messages()[-len(last) :] == [*last], lambda: f"the states say {messages()}")
