"""``tunesmith stop``, on real processes."""

import json
import select
import subprocess
from typing import Any

import pytest

from tests.conftest import Project

PAUSING = """\
import signal
x = 1
print("loss:", x, flush=True)
if x == 1:
    signal.pause()
"""


def _wait_for_output(project: Project, process: subprocess.Popen[str]) -> str:
    """Return the id of the first trial that has printed something."""
    while process.poll() is None:
        for path in project.home.glob("trials/*/*/.run/output"):
            if path.read_bytes():
                return path.parts[-3]
        select.select([], [], [], 0.02)
    pytest.fail(f"it ended before it had printed anything: {process.communicate()}")


def _statuses(project: Project) -> dict[str, str]:
    runs = json.loads(project.succeed("runs", "--json"))
    return {run["id"]: run["status"] for run in runs}


def test_a_single_run_is_stopped(project: Project) -> None:
    project.write("wait.py", PAUSING)
    process = project.start("run", "wait.py", "--yes")
    run = _wait_for_output(project, process)

    done = project.run("stop", "--yes")

    process.communicate(timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"{run[:8]}  wait.py  stopped\n"
    assert process.returncode == 143
    assert _statuses(project)[run] == "terminated"


@pytest.mark.parametrize("arguments", [["stop"], ["stop", "--yes"]], ids=" ".join)
def test_where_nothing_runs_it_says_so(project: Project, arguments: list[str]) -> None:
    project.succeed("run", "quick.py", "--yes")

    done = project.run(*arguments)

    assert done.returncode == 3
    assert "nothing is running that could be stopped" in done.stderr


def test_a_run_that_has_ended_is_not_stopped(project: Project) -> None:
    project.succeed("run", "quick.py", "--yes")

    done = project.run("stop", "1")

    assert done.returncode == 3
    assert "is not running: it is completed" in done.stderr


@pytest.mark.server
def test_one_trial_is_stopped_and_its_batch_goes_on(served_project: Any) -> None:
    served_project.write("wait.py", PAUSING)
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    trial = _wait_for_output(served_project, process)

    done = served_project.run("stop", trial[:8])

    process.communicate(timeout=120)
    assert done.returncode == 0, done.stderr
    statuses = _statuses(served_project)
    assert statuses.pop(trial) == "terminated"
    assert sorted(statuses.values()) == ["completed", "error"]


@pytest.mark.server
def test_a_batch_is_stopped_and_can_be_gone_on_with(served_project: Any) -> None:
    served_project.write("wait.py", PAUSING)
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    _wait_for_output(served_project, process)

    done = served_project.run("stop", "--yes")

    process.communicate(timeout=120)
    assert done.returncode == 0, done.stderr
    assert "wait.py+  stopped" in done.stderr
    served_project.write("wait.py", PAUSING)
    statuses = sorted(_statuses(served_project).values())
    assert statuses[0] != "completed"
    assert "running" not in statuses
