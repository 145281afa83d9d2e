"""Deployments of sweeps, fired by a schedule or by hand, and run by a worker of this machine."""

import json
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import Project
from tunesmith.flows.server import ServerState

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

TIMEOUT_S = 120
PAUSING = """\
import pathlib, signal
x = 1
print("loss:", x, flush=True)
if not pathlib.Path("{path}/go").exists():
    signal.pause()
"""


class Interface:
    """Prefect's API, as its pages use it."""

    def __init__(self, server: ServerState) -> None:
        self._url = server.api_url

    def ask(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        """Ask the API for something."""
        request = urllib.request.Request(
            f"{self._url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def run_now(self, name: str, **parameters: Any) -> str:
        """Start a deployment by hand, with some parameters changed; return the flow run's id."""
        deployment = self.ask(f"/deployments/name/sweep/{name}", method="GET")
        changed = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        run = self.ask(f"/deployments/{deployment['id']}/create_flow_run", changed)
        return str(run["id"])

    def wait_for(self, run: str, *states: str) -> dict[str, Any]:
        """Return a flow run as soon as it is in one of the states."""
        found: dict[str, Any] = {}

        def is_there() -> bool:
            found.update(self.ask(f"/flow_runs/{run}", method="GET"))
            return found["state_type"] in states

        wait_until(is_there, lambda: f"the flow run is {found.get('state')}")
        return found

    def set_state(self, run: str, state: dict[str, Any]) -> None:
        """Set a flow run's state, as the pages do to cancel and to retry."""
        self.ask(f"/flow_runs/{run}/set_state", {"state": state, "force": True})


def wait_until(is_there: Callable[[], bool], describe: Callable[[], str]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if is_there():
            return
        select.select([], [], [], 0.2)
    pytest.fail(describe())


@pytest.fixture
def interface(prefect_server: ServerState) -> Interface:
    """The session's server."""
    return Interface(prefect_server)


@pytest.fixture
def served(served_project: Project) -> Iterator[Project]:
    """A project on whose machine a worker runs what is due."""
    process = served_project.start("serve", "--pool", "test")
    yield served_project
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def _runs(project: Project) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = json.loads(project.succeed("runs", "--json"))
    return runs


def _batches(project: Project) -> list[dict[str, Any]]:
    return [run for run in _runs(project) if run["progress"] is not None]


def test_a_schedule_fires_batches_into_the_store_and_pausing_ends_it(
    served: Project, interface: Interface
) -> None:
    name = served.succeed(
        "deploy",
        "quick.py",
        "x=[-2.0:2.0]",
        "-m",
        "2",
        "--interval",
        "2s",
        "--pool",
        "test",
        "--name",
        "often",
    ).strip()

    wait_until(
        lambda: sum(batch["status"] == "completed" for batch in _batches(served)) >= 2,
        lambda: f"the store has {_batches(served)}",
    )
    deployment = interface.ask("/deployments/name/sweep/often", method="GET")
    interface.ask(f"/deployments/{deployment['id']}", method="DELETE")

    assert name == "sweep/often"
    first, second = _batches(served)[:2]
    assert first["id"] != second["id"]
    assert first["tags"] == ["deployment:often"]
    assert first["progress"]["total"] == 2


def test_what_a_form_gets_wrong_is_told_as_on_the_command_line(
    served: Project, interface: Interface
) -> None:
    served.succeed("deploy", "quick.py", "x=[-1,0,1]", "--pool", "test", "--name", "form")

    run = interface.run_now("form", flags=["xx=[1,2]"])

    message = interface.wait_for(run, "FAILED", "CRASHED")["state"]["message"]
    assert (
        message == served.run("run", "quick.py", "xx=[1,2]").stderr.removeprefix("error: ").strip()
    )


def test_each_firing_may_go_on_with_the_last_one(served: Project, interface: Interface) -> None:
    served.succeed(
        "deploy",
        "quick.py",
        "x=[-2.0:2.0]",
        "-m",
        "2",
        "--continue",
        "--pool",
        "test",
        "--name",
        "nightly",
    )

    for _ in range(2):
        interface.wait_for(interface.run_now("nightly"), "COMPLETED", "FAILED", "CRASHED")

    (batch,) = _batches(served)
    assert batch["progress"]["counts"] == {"completed": 4}


def test_a_cancelled_run_leaves_no_process_and_a_retry_goes_on_with_its_batch(
    served: Project, interface: Interface
) -> None:
    served.write("wait.py", PAUSING.format(path=served.path))
    served.succeed("deploy", "wait.py", "x=[1,2]", "--pool", "test", "--name", "waiting")
    run = interface.run_now("waiting")
    wait_until(
        lambda: any(path.read_bytes() for path in served.home.glob("trials/*/*/.run/output")),
        lambda: "no trial started",
    )

    interface.set_state(run, {"type": "CANCELLING", "name": "Cancelling"})
    wait_until(  # the worker sets the state too, before the flow tells what came of it
        lambda: interface.wait_for(run, "CANCELLED")["state"]["message"] == "1 terminated",
        lambda: "the flow did not tell how it ended",
    )
    wait_until(
        lambda: all(one["status"] != "running" for one in _runs(served)),
        lambda: f"these run: {_runs(served)}",
    )
    (batch,) = _batches(served)
    (served.path / "go").touch()
    interface.set_state(
        run,
        {
            "type": "SCHEDULED",
            "name": "AwaitingRetry",
            "message": "Retry from the UI",
            "state_details": {"scheduled_time": "2026-01-01T00:00:00Z"},
        },
    )
    interface.wait_for(run, "COMPLETED", "FAILED", "CRASHED")

    (again,) = _batches(served)
    assert again["id"] == batch["id"]
    assert again["progress"]["counts"] == {"completed": 2}


def test_a_program_may_run_a_deployment(
    served: Project, interface: Interface, prefect_server: ServerState
) -> None:
    served.succeed("deploy", "quick.py", "x=[-1,0,1]", "--pool", "test", "--name", "called")
    program = served.write(
        "call.py",
        "from prefect.deployments import run_deployment\n"
        "run = run_deployment('sweep/called', parameters={'flags': ['x=[5,6]']}, timeout=90)\n"
        "print(run.state.type.value, run.state.message)\n",
    )
    environment = {**served.environment, "PREFECT_API_URL": prefect_server.api_url}

    out = subprocess.run(
        [sys.executable, str(program)], env=environment, check=True, capture_output=True, text=True
    ).stdout

    (batch,) = _batches(served)
    assert out == "COMPLETED 2 completed\n"
    assert batch["progress"]["total"] == 2
