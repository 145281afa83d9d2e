import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import Project
from tunesmith.errors import ServerError
from tunesmith.flows.server import (
    ServerDirectory,
    ServerState,
    begin_start,
    client_environment,
    configured_api_url,
    find_server,
    is_healthy,
    read_state,
    stop_server,
    wait_until_healthy,
)
from tunesmith.flows.supervisor import NICENESS, server_environment
from tunesmith.processes import birth

pytestmark = pytest.mark.xdist_group("server")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def directory(tmp_path: Path) -> ServerDirectory:
    return ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})


def test_the_directory_is_in_the_users_data(tmp_path: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})
    assert directory.path == tmp_path / "tunesmith" / "prefect"


def test_an_api_url_in_the_environment_wins(tmp_path: Path) -> None:
    environ = {"PREFECT_API_URL": "http://127.0.0.1:1/api", "PREFECT_HOME": str(tmp_path)}
    assert configured_api_url(environ) == "http://127.0.0.1:1/api"


@pytest.mark.parametrize(
    ("profile", "url"),
    [
        pytest.param("", "http://one/api", id="the active profile"),
        pytest.param("two", "http://two/api", id="the profile of the environment"),
        pytest.param("empty", None, id="a profile without an address"),
        pytest.param("missing", None, id="a profile that is not there"),
    ],
)
def test_a_configured_profile_names_the_server(
    tmp_path: Path, profile: str, url: str | None
) -> None:
    (tmp_path / "profiles.toml").write_text(
        'active = "one"\n'
        '[profiles.one]\nPREFECT_API_URL = "http://one/api"\n'
        '[profiles.two]\nPREFECT_API_URL = "http://two/api"\n'
        "[profiles.empty]\n"
    )
    environ = {"PREFECT_HOME": str(tmp_path)} | ({"PREFECT_PROFILE": profile} if profile else {})
    assert configured_api_url(environ) == url


@pytest.mark.parametrize("text", [None, "active = ", "\x00"], ids=["none", "torn", "binary"])
def test_without_a_readable_profile_the_shared_server_is_used(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "profiles.toml").write_text(text)
    assert configured_api_url({"PREFECT_HOME": str(tmp_path)}) is None


@pytest.mark.parametrize(
    ("api_url", "retries"),
    [
        ("http://127.0.0.1:4200/api", "1"),
        ("http://localhost:4200/api", "1"),
        ("http://[::1]:4200/api", "1"),
        ("https://prefect.example.org/api", None),
    ],
)
def test_a_server_behind_a_network_is_asked_as_often_as_the_user_set(
    directory: ServerDirectory, api_url: str, retries: str | None
) -> None:
    environment = client_environment(api_url, directory)
    assert environment.get("PREFECT_CLIENT_MAX_RETRIES") == retries


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"pid": 1}', '{"pid": "1", "port": 1, "prefect_version": ""}'],
    ids=repr,
)
def test_a_damaged_state_file_means_no_server(directory: ServerDirectory, text: str) -> None:
    directory.path.mkdir(parents=True)
    directory.state.write_text(text)
    assert read_state(directory) is None
    assert not stop_server(directory)


@pytest.mark.parametrize("born", [{}, {"born": "an earlier boot/1"}], ids=["earlier", "now"])
@pytest.mark.parametrize("is_held", [False, True], ids=["no supervisor", "a supervisor"])
def test_a_number_that_became_a_strangers_is_not_signalled(
    directory: ServerDirectory, born: dict[str, str], is_held: bool
) -> None:
    directory.path.mkdir(parents=True)
    with (
        subprocess.Popen(["sleep", "60"]) as stranger,
        directory.lock.open("a") as lock,
    ):
        state = {"pid": stranger.pid, "port": closed_port(), "prefect_version": "3", **born}
        directory.state.write_text(json.dumps(state))
        if is_held:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(ServerError, match="stop it there"):
                stop_server(directory, timeout_s=0.2)
        else:
            assert not stop_server(directory)
        assert stranger.poll() is None
        stranger.kill()
    assert directory.state.exists() == is_held


@pytest.mark.parametrize("is_known", [True, False], ids=["now", "earlier version"])
def test_a_supervisor_that_holds_the_lock_is_ended(
    directory: ServerDirectory, is_known: bool
) -> None:
    directory.path.mkdir(parents=True)
    code = (
        "import fcntl, sys; lock = open(sys.argv[1], 'a'); fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(directory.lock), "tunesmith.flows.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.readline()
        born = {"born": birth(supervisor.pid)} if is_known else {}
        state = {"pid": supervisor.pid, "port": closed_port(), "prefect_version": "3", **born}
        directory.state.write_text(json.dumps(state))

        assert stop_server(directory)

        assert supervisor.wait() == -signal.SIGTERM
    assert not directory.state.exists()


def test_a_server_that_does_not_answer_is_not_found(directory: ServerDirectory) -> None:
    directory.path.mkdir(parents=True)
    state = {"pid": os.getpid(), "port": closed_port(), "prefect_version": "3"}
    directory.state.write_text(json.dumps(state))
    assert find_server(directory) is None


def test_a_data_directory_that_is_a_file_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "tunesmith").write_text("")
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})
    with pytest.raises(ServerError, match="set XDG_DATA_HOME") as caught:
        begin_start(directory)
    assert "\n" not in str(caught.value)


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
    environment = server_environment(directory, 4321)
    assert environment["PREFECT_SERVER_API_PORT"] == "4321"
    assert environment["PREFECT_SERVER_API_HOST"] == "127.0.0.1"
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"
    assert "PREFECT_API_URL" not in environment


@pytest.mark.server
def test_starting_twice_gives_one_server(prefect_server: ServerState, server_data: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    assert begin_start(directory) is None
    assert find_server(directory) == prefect_server
    rival = [sys.executable, "-m", "tunesmith.flows.supervisor", str(directory.path)]
    assert subprocess.run(rival, check=False, timeout=60).returncode == 0
    assert find_server(directory) == prefect_server


@pytest.mark.server
def test_the_server_listens_on_loopback_and_its_pages_call_it(
    prefect_server: ServerState,
) -> None:
    assert is_healthy(prefect_server.api_url)
    with urllib.request.urlopen(f"{prefect_server.ui_url}/ui-settings") as answer:
        settings = json.load(answer)
    assert settings["api_url"] == prefect_server.api_url


@pytest.mark.server
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for a child")
def test_a_server_that_answers_leaves_the_processors_to_the_trials(
    prefect_server: ServerState,
) -> None:
    children = Path(f"/proc/{prefect_server.pid}/task/{prefect_server.pid}/children").read_text()
    (pid,) = map(int, children.split())
    deadline = time.monotonic() + 10
    while os.getpriority(os.PRIO_PROCESS, pid) != NICENESS and time.monotonic() < deadline:
        select.select([], [], [], 0.01)  # we may have heard of its answer first
    assert os.getpriority(os.PRIO_PROCESS, pid) == NICENESS


@pytest.mark.server
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
        assert not {name for name in names if name.startswith("TUNESMITH_")}
    finally:
        stop_server(directory)


@pytest.mark.server
def test_a_stopped_server_is_gone_and_leaves_no_process(tmp_path: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})
    supervisor = begin_start(directory)
    assert supervisor is not None
    state = wait_until_healthy(directory, supervisor)
    assert stop_server(directory)
    supervisor.wait(timeout=30)
    assert not is_healthy(state.api_url)
    assert read_state(directory) is None
