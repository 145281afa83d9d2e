"""What tests of flow runs share: Prefect's API as its pages use it, and a worker."""

import json
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from tests.conftest import Project, request, variables
from tunesmith.server.server_directory import ServerState

TIMEOUT_S = 120
POOL = "test"
GATED = """\
import os, select, subprocess, sys
x = 1
child = subprocess.Popen(
    [sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True
)
print("pids:", os.getpid(), child.pid, flush=True)
while not any(os.path.exists(os.path.join({path!r}, name)) for name in ("go", f"go-{{x}}")):
    select.select([], [], [], 0.02)
print("loss:", x)
"""
"""A script that ends once the project has a file ``go``, or one for its value of x, and that
leaves a process in a session of its own."""

WAITING = "import signal\nx = 1\nprint('loss: 1', flush=True)\nsignal.pause()\n"
"""A script that prints its objective and waits for a signal."""


class Interface:
    """Prefect's API, as its pages use it."""

    def __init__(self, server: ServerState) -> None:
        self._server = server

    def ask(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        """Ask the API for something."""
        text = _answer(request(self._server, path, body, method=method))
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

    def flow_run(self, batch: str) -> str:
        """Return the id of the flow run that a command has started for a batch."""
        (run,) = self.ask("/flow_runs/filter", {"flow_runs": {"name": {"like_": batch[:8]}}})
        return str(run["id"])

    def cancel(self, run: str) -> None:
        """Cancel a flow run as the pages do."""
        self.set_state(run, {"type": "CANCELLING", "name": "Cancelling"})

    def pause(self, run: str, **details: Any) -> None:
        """Pause a flow run as a program does; the pages offer to suspend one only."""
        self.set_state(run, {"type": "PAUSED", "name": "Paused", "state_details": details})

    def suspend(self, run: str) -> None:
        """Suspend a flow run as the pages do."""
        details = {"pause_timeout": "2100-01-01T00:00:00Z", "pause_reschedule": True}
        self.set_state(run, {"type": "PAUSED", "name": "Suspended", "state_details": details})

    def resume(self, run: str) -> None:
        """Resume a flow run as the pages do."""
        answer = self.ask(f"/flow_runs/{run}/resume")
        assert answer["status"] == "ACCEPT", answer

    def set_state(self, run: str, state: dict[str, Any]) -> None:
        """Set a flow run's state, as the pages do to cancel and to retry."""
        self.ask(f"/flow_runs/{run}/set_state", {"state": state, "force": True})


def _answer(asked: urllib.request.Request) -> bytes:
    """Return what the server answers; one whose database is in use asks to be asked again."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 503 or time.monotonic() > deadline:
                    raise
        select.select([], [], [], 0.1)


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
def connected(prefect_server: ServerState) -> Iterator[None]:
    """Let Prefect use the session's server in this process."""
    known = variables(prefect_server)
    with temporary_settings(
        {
            PREFECT_API_URL: known["PREFECT_API_URL"],
            PREFECT_API_AUTH_STRING: known["PREFECT_API_AUTH_STRING"],
        }
    ):
        yield


@pytest.fixture
def served(served_project: Project) -> Iterator[Project]:
    """A project on whose machine ``tunesmith serve`` runs what is due."""
    with ended(served_project.start("serve", "--pool", POOL)):
        yield served_project


@pytest.fixture
def worked(served_project: Project, prefect_server: ServerState) -> Iterator[Project]:
    """A project on whose machine a process worker of Prefect's own runs what is due."""
    environment = {
        **served_project.environment,
        **variables(prefect_server),
        "PREFECT_HOME": str(served_project.path / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "worker", "start"]
    process = subprocess.Popen(
        [*command, "--pool", POOL, "--type", "process"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with ended(process):
        yield served_project


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """End a worker after the body, as Ctrl-C does."""
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def write_gated(project: Project) -> None:
    """Write ``gated.py``, whose trials wait for the test."""
    project.write("gated.py", GATED.format(path=str(project.path)))


def trial_pids(project: Project) -> list[int]:
    """Return the processes that the trials of ``gated.py`` have started, two each."""
    texts = [path.read_text() for path in project.home.glob("trials/*/*/.run/output")]
    lines = [line.split() for text in texts for line in text.splitlines()]
    return [int(word) for words in lines if len(words) == 3 for word in words[1:]]


def wait_for_trials(project: Project, n: int) -> list[int]:
    """Return the processes of the trials as soon as so many have started."""
    wait_until(
        lambda: len(trial_pids(project)) >= 2 * n, lambda: f"started: {trial_pids(project)}"
    )
    return trial_pids(project)


def alive(pids: list[int]) -> list[int]:
    """Return those of some processes that are there; one that nobody has waited for is not."""
    return [pid for pid in pids if _state(pid) not in ("", "Z")]


def _state(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return text.rpartition(")")[2].split()[0]


def runs(project: Project) -> list[dict[str, Any]]:
    """Return the rows that a listing shows: batches and single runs."""
    rows: list[dict[str, Any]] = json.loads(project.succeed("runs", "--json"))
    return rows


def trials(project: Project) -> dict[int, dict[str, Any]]:
    """Return the rows of a project's trials, by number."""
    rows = json.loads(project.succeed("runs", "--all", "--json"))
    return {row["number"]: row for row in rows if row["number"]}


def batches(project: Project) -> list[dict[str, Any]]:
    """Return the rows of the batches, the latest first."""
    return [run for run in runs(project) if run["progress"] is not None]


def ask(server: ServerState, path: str, **query: Any) -> list[dict[str, Any]]:
    """Return what Prefect's API answers to a query."""
    asked = request(server, path, query)
    with urllib.request.urlopen(asked) as answer:
        rows: list[dict[str, Any]] = json.load(answer)
    return rows


def flow_run(server: ServerState, batch: str) -> dict[str, Any]:
    """Return the flow run whose name begins with a batch's short id."""
    runs = ask(server, "/flow_runs/filter", flow_runs={"name": {"like_": batch[:8]}})
    assert len(runs) == 1
    return runs[0]


def task_runs(server: ServerState, flow: dict[str, Any]) -> dict[str, str]:
    """Return the state type of each task run, by its name."""
    runs = ask(server, "/task_runs/filter", flow_runs={"id": {"any_": [flow["id"]]}}, limit=200)
    return {run["name"]: run["state_type"] for run in runs}


def wait_for_batch(project: Any) -> str:
    """Return the id of the project's batch once one of its trials has printed something."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in project.home.glob("trials/*/*/.run/output"):
            if path.read_bytes():
                return str(path.parts[-4])
        select.select([], [], [], 0.02)
    raise AssertionError("no trial started within a minute")
