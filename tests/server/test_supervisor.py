import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Project
from tests.server.conftest import children
from tunesmith.engine.is_wanted import SWITCH
from tunesmith.errors import ServerError
from tunesmith.processes import Process, birth
from tunesmith.server.server_directory import ServerDirectory, ServerState, read_state
from tunesmith.server.shared_server import (
    begin_start,
    find_server,
    stop_server,
    wait_until_healthy,
)
from tunesmith.server.supervisor import NICENESS, server_environment


def test_a_supervisor_that_fails_is_reported_with_its_last_words(
    directory: ServerDirectory,
) -> None:
    directory.path.mkdir(parents=True)
    directory.log.write_text("the disk is on fire\n")
    failed = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    failed.wait()
    with pytest.raises(ServerError, match="the disk is on fire"):
        wait_until_healthy(directory, failed)


def test_the_server_calls_nobody_and_knows_its_own_port(
    directory: ServerDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://elsewhere/api")
    environment = server_environment(directory, 4321, secret="s3")
    assert environment["PREFECT_SERVER_API_PORT"] == "4321"
    assert environment["PREFECT_SERVER_API_HOST"] == "127.0.0.1"
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"
    assert "PREFECT_API_URL" not in environment


@pytest.mark.server
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for a child")
def test_a_server_that_answers_leaves_the_processors_to_the_trials(
    prefect_server: ServerState,
) -> None:
    (pid,) = children(prefect_server.pid)
    deadline = time.monotonic() + 10
    while os.getpriority(os.PRIO_PROCESS, pid) != NICENESS and time.monotonic() < deadline:
        select.select([], [], [], 0.01)  # we may have heard of its answer first
    assert os.getpriority(os.PRIO_PROCESS, pid) == NICENESS


@pytest.mark.server
@pytest.mark.usefixtures("prepared_database")
def test_a_server_that_a_trial_has_started_outlives_it_without_its_variables(
    project: Project,
) -> None:
    directory = ServerDirectory.from_environment(project.environment)
    project.write(
        "outer.py",
        "import subprocess, sys\n"
        "x = 1\n"
        "command = [sys.executable, '-m', 'tunesmith', 'server', 'start']\n"
        "print('loss:', subprocess.run(command).returncode)\n",
    )
    try:
        project.succeed("run", "outer.py", "x=5", "-y")
        state = find_server(directory)
        assert state is not None, directory.log.read_text()
        environ = Path(f"/proc/{state.pid}/environ")
        variables = environ.read_text().split("\0") if environ.exists() else []
        names = {variable.partition("=")[0] for variable in variables}
        assert not names & {"RUN_ID", "RUN_DIR", "FLAG_X", "PYTHONUNBUFFERED"}
        assert not {name for name in names if name.startswith("TUNESMITH_")} - {SWITCH}
    finally:
        stop_server(directory)


@pytest.mark.server
@pytest.mark.kill
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for a child")
@pytest.mark.usefixtures("prepared_database")
def test_a_server_whose_supervisor_is_killed_ends_with_it(tmp_path: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})
    supervisor = begin_start(directory)
    assert supervisor is not None
    wait_until_healthy(directory, supervisor)
    children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text()
    (server,) = map(int, children.split())
    known = Process(pid=server, born=birth(server))

    supervisor.kill()
    supervisor.wait()

    deadline = time.monotonic() + 10
    while known.is_alive and time.monotonic() < deadline:
        select.select([], [], [], 0.01)
    assert not known.is_alive
    assert not stop_server(directory)
    assert read_state(directory) is None
