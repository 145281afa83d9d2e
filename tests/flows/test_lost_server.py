"""Prefect servers that come and go: none at first, two commands at once, one that is killed."""

import json
import os
import select
import signal
import subprocess

import pytest

from tests.conftest import Project
from tunesmith.server.server_directory import ServerDirectory, read_state
from tunesmith.server.shared_server import stop_server

pytestmark = [pytest.mark.server, pytest.mark.kill]

WAITING = """\
import pathlib, select
x = 1
while x > 1 and not pathlib.Path("{path}/go").exists():
    select.select([], [], [], 0.05)
print("loss:", x)
"""


def _kill_server(directory: ServerDirectory) -> None:
    state = read_state(directory)
    assert state is not None
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(state.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    for pid in (state.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.usefixtures("prepared_database")
def test_a_batch_runs_to_its_end_and_goes_on_with_a_new_server(project: Project) -> None:
    directory = ServerDirectory.from_environment(project.environment)
    project.write("wait.py", WAITING.format(path=project.path))
    process = project.start("run", "wait.py", "x=[1,2,3]", "--yes")
    try:
        while not list(project.home.glob("parts/*/*.parquet")):
            assert process.poll() is None, process.communicate()
            select.select([], [], [], 0.05)
        _kill_server(directory)
        (project.path / "go").touch()
        out, err = process.communicate(timeout=120)
        batch = json.loads(project.succeed("runs", "--json"))[-1]

        again = project.run("run", "wait.py", "x=[4,5]", "--yes")
    finally:
        process.kill()
        stop_server(directory)

    assert process.returncode == 0, out + err
    assert "3 completed" in out
    assert err.count("the Prefect server was lost meanwhile") == 1
    assert "Traceback" not in err
    assert batch["progress"]["counts"] == {"completed": 3}
    assert (project.home / "trials" / batch["id"] / "report.html").exists()
    assert again.returncode == 0, again.stderr


@pytest.mark.usefixtures("prepared_database")
def test_two_commands_at_once_start_one_server_and_record_both_batches(project: Project) -> None:
    directory = ServerDirectory.from_environment(project.environment)
    commands = [project.start("run", "quick.py", f"x=[{x},{x + 1}]", "-yq") for x in (1, 5)]
    try:
        answers = [command.communicate(timeout=180) for command in commands]
        supervisors = subprocess.run(
            ["pgrep", "-f", f"tunesmith.server.supervisor {directory.path}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        runs = json.loads(project.succeed("runs", "--json"))
    finally:
        for command in commands:
            command.kill()
        stop_server(directory)

    assert [command.returncode for command in commands] == [0, 0], answers
    assert len(supervisors) == 1
    assert {out.strip() for out, _ in answers} == {run["id"] for run in runs if run["progress"]}
