import fcntl
import json
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.conftest import Project, variables
from tunesmith.errors import ServerError
from tunesmith.processes import Process, birth, has_process
from tunesmith.server.client_environment import client_environment
from tunesmith.server.configured import configured_api_url
from tunesmith.server.shared_server import (
    ServerDirectory,
    ServerState,
    begin_start,
    find_server,
    is_healthy,
    read_state,
    stop_server,
    wait_until_healthy,
)
from tunesmith.server.supervisor import NICENESS, server_environment

pytestmark = pytest.mark.xdist_group("server")


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


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
    environment = client_environment(api_url, directory, {"PREFECT_API_URL": api_url})
    assert environment.get("PREFECT_CLIENT_MAX_RETRIES") == retries


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"no_proxy": "example.org, localhost"}, "example.org,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "example.org"}, "example.org,127.0.0.1,localhost,::1"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_clients_ask_a_server_of_this_machine_past_every_proxy(
    directory: ServerDirectory, environ: dict[str, str], names: str
) -> None:
    found = client_environment("http://127.0.0.1:4200/api", directory, environ)
    assert found["no_proxy"] == found["NO_PROXY"] == names
    again = client_environment("http://127.0.0.1:4200/api", directory, found)
    assert again["no_proxy"] == names
    assert "no_proxy" not in client_environment("https://prefect.example/api", directory, environ)


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


def test_a_full_disk_of_the_server_is_named_before_anything_is_started(
    directory: ServerDirectory,
) -> None:
    directory.path.mkdir(parents=True)
    directory.log.symlink_to("/dev/full")
    with pytest.raises(ServerError, match="No space left on device; set XDG_DATA_HOME"):
        begin_start(directory)


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


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_no_server_starts(directory: ServerDirectory, secret: str | None) -> None:
    environment = server_environment(directory, closed_port(), secret=secret or "")
    if secret is None:
        del environment["PREFECT_SERVER_API_AUTH_STRING"]
    done = subprocess.run(
        [sys.executable, "-m", "tunesmith.server.guarded_server"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "PREFECT_SERVER_API_AUTH_STRING is not set" in done.stderr


@pytest.mark.server
def test_starting_twice_gives_one_server(prefect_server: ServerState, server_data: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    assert begin_start(directory) is None
    found = find_server(directory)
    rival = [sys.executable, "-m", "tunesmith.server.supervisor", str(directory.path)]
    assert subprocess.run(rival, check=False, timeout=60).returncode == 0
    assert find_server(directory) == found
    assert found is not None
    assert found.pid == prefect_server.pid


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
    (pid,) = _children(prefect_server.pid)
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
@pytest.mark.kill
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for a child")
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
    while known.lives and time.monotonic() < deadline:
        select.select([], [], [], 0.01)
    assert not known.lives
    assert not stop_server(directory)
    assert read_state(directory) is None


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
    assert not directory.secret.exists()


def _status(url: str, *, method: str = "GET", **headers: str) -> int:
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _hear(url: str, protocols: list[Subprotocol] | None) -> str | bytes:
    with connect(url, subprotocols=protocols) as websocket:
        websocket.send('{"type": "auth", "token": "guessed"}')
        return websocket.recv(timeout=30)


@pytest.mark.server
def test_whoever_has_no_secret_is_told_by_no_route_more_than_that_it_lives(
    prefect_server: ServerState,
) -> None:
    with urllib.request.urlopen(f"{prefect_server.ui_url}/openapi.json") as answer:
        routes = [
            (path, method) for path, ways in json.load(answer)["paths"].items() for method in ways
        ]
    told = {
        path
        for path, method in routes
        if _status(f"{prefect_server.api_url}{path}", method=method.upper()) != 401
    }
    assert len(routes) > 100
    assert told == {"/health", "/ready"}
    wrong = _status(f"{prefect_server.api_url}/version", Authorization="Basic eDp5")
    foreign = _status(f"{prefect_server.api_url}/health", Origin="http://evil.example")
    assert (wrong, foreign) == (401, 403)


@pytest.mark.server
@pytest.mark.parametrize(
    "path",
    [
        "/events/in",
        "/events/out",
        "/logs/out",
        "/task_runs/subscriptions/scheduled",
        "/work_pools/any/workers/connect",
    ],
)
@pytest.mark.parametrize("protocols", [[Subprotocol("prefect")], None], ids=["prefect", "plain"])
def test_a_websocket_without_the_secret_is_closed(
    prefect_server: ServerState, path: str, protocols: list[Subprotocol] | None
) -> None:
    url = f"{prefect_server.api_url}{path}".replace("http", "ws", 1)
    with pytest.raises((ConnectionClosed, InvalidStatus)):
        _hear(url, protocols)


@pytest.mark.server
def test_nobody_else_can_read_what_the_server_keeps(
    prefect_server: ServerState, server_data: Path
) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    assert is_healthy(prefect_server.api_url)
    secrets = [directory.secret, directory.state, directory.log, directory.database]
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in secrets}
    journals = directory.prefect_home.glob("prefect.db-*")
    modes |= {path.name: oct(path.stat().st_mode & 0o777) for path in journals}
    folders = {
        oct(path.stat().st_mode & 0o777) for path in (directory.path, directory.prefect_home)
    }
    assert set(modes.values()) == {"0o600"}, modes
    assert folders == {"0o700"}


@pytest.mark.server
@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user, for which it has to be root")
def test_another_user_of_the_machine_gets_no_secret_and_no_answer(
    prefect_server: ServerState, server_data: Path
) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    program = (
        "import os, pathlib, sys, urllib.request\n"
        "def tell(what):\n"
        "    try: print(what())\n"
        "    except Exception as error: print(error)\n"
        "def ask(path, **more): return urllib.request.urlopen(sys.argv[2] + path, **more).read()\n"
        "ask('/api/health')\n"  # loads what the other user may not be able to read
        "os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
        "tell(lambda: pathlib.Path(sys.argv[1]).read_text())\n"
        "tell(lambda: pathlib.Path(f'/proc/{sys.argv[3]}/environ').read_bytes())\n"
        "tell(lambda: ask('/api/flow_runs/filter', data=b'{}'))\n"
        "tell(lambda: ask('/tunesmith/nonce', data=b'/'))\n"
        "tell(lambda: ask('/tunesmith/login', data=b'x'))\n"
    )
    (pid,) = _children(prefect_server.pid)
    arguments = [str(directory.secret), prefect_server.ui_url, str(pid)]
    told = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert [line.partition(":")[0] for line in told] == [
        "[Errno 13] Permission denied",
        "[Errno 13] Permission denied",
        "HTTP Error 401",
        "HTTP Error 401",
        "HTTP Error 403",
    ]
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert not any(directory.secret.read_bytes() in line for line in lines)


EARLIER = """
import fcntl, http.server, json, os, sys
lock, state, n_running = sys.argv[1:4]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200), self.end_headers(), self.wfile.write(b"true")
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200), self.end_headers(), self.wfile.write(n_running.encode())
    def log_message(self, *words): pass
held = open(lock, "a")
fcntl.flock(held, fcntl.LOCK_EX)
with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
    port = server.server_port
    json.dump({"pid": os.getpid(), "port": port, "prefect_version": "3"}, open(state, "w"))
    print("up", flush=True)
    server.serve_forever()
"""
"""A server that asks nobody for a secret, and says how many flow runs are in progress on it."""


@contextmanager
def _earlier_server(directory: ServerDirectory, *, n_running: int) -> Iterator[int]:
    """Give the process of a server as earlier versions have started it."""
    directory.path.mkdir(parents=True)
    arguments = [str(directory.lock), str(directory.state), str(n_running)]
    words = [*arguments, "tunesmith.flows.supervisor", str(directory.path)]
    process = subprocess.Popen([sys.executable, "-c", EARLIER, *words], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_batch_on_a_server_of_an_earlier_version_is_left_alone(
    directory: ServerDirectory,
) -> None:
    with _earlier_server(directory, n_running=1) as pid:
        assert find_server(directory) is None
        with pytest.raises(ServerError, match=r"has no password.*tunesmith server stop"):
            begin_start(directory)
        assert has_process(pid)


def test_status_tells_of_a_server_of_an_earlier_version(project: Project) -> None:
    directory = ServerDirectory.from_environment(project.environment)
    with _earlier_server(directory, n_running=0) as pid:
        told = project.succeed("server", "status")
    assert f"(process {pid}, of an earlier version and without a password)" in told


@pytest.mark.server
def test_a_server_of_an_earlier_version_is_replaced(directory: ServerDirectory) -> None:
    with _earlier_server(directory, n_running=0) as pid:
        left = directory.prefect_home / "left.db"
        left.parent.mkdir()
        left.touch(mode=0o644)
        supervisor = begin_start(directory)
        try:
            state = wait_until_healthy(directory, supervisor)
        finally:
            stop_server(directory)
        assert supervisor is not None
        supervisor.wait(timeout=30)
    assert state.pid not in (0, pid)
    assert "had no password and was ended" in state.note
    assert left.stat().st_mode & 0o777 == 0o600


def test_a_stranger_on_the_port_is_no_server_of_ours(directory: ServerDirectory) -> None:
    with _earlier_server(directory, n_running=0):
        state = json.loads(directory.state.read_text()) | {"is_guarded": True}
        directory.state.write_text(json.dumps(state))
        directory.secret.write_text("secret")
        assert is_healthy(f"http://127.0.0.1:{state['port']}/api")
        assert find_server(directory) is None


@pytest.mark.server
@pytest.mark.parametrize("name", ["state", "secret"])
def test_a_file_that_others_can_write_is_not_believed(
    directory: ServerDirectory, prefect_server: ServerState, server_data: Path, name: str
) -> None:
    real = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    directory.path.mkdir(parents=True)
    for one in ("state", "secret"):
        path: Path = getattr(directory, one)
        path.write_bytes(getattr(real, one).read_bytes())
    assert find_server(directory) is not None
    getattr(directory, name).chmod(0o622)
    assert find_server(directory) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder away, for which it has to be root")
def test_a_folder_of_another_user_is_refused(directory: ServerDirectory) -> None:
    directory.path.mkdir(parents=True)
    os.chown(directory.path, 65534, 65534)
    with pytest.raises(ServerError, match="belongs to another user: set XDG_DATA_HOME"):
        begin_start(directory)


def test_a_folder_that_others_could_look_into_is_shut(directory: ServerDirectory) -> None:
    directory.path.mkdir(parents=True, mode=0o755)
    directory.prepare()
    assert directory.path.stat().st_mode & 0o777 == 0o700


class TestCommands:
    """``tunesmith server``."""

    pytestmark = pytest.mark.server

    def test_env_lets_a_program_of_the_users_own_use_the_server(
        self, served_project: Project, prefect_server: ServerState
    ) -> None:
        exports = served_project.succeed("server", "env")
        status = served_project.succeed("server", "status")

        code = "from prefect import get_client; print(get_client(sync_client=True).hello().json())"
        words = ["sh", "-c", f"{exports}\n{shlex.join([sys.executable, '-c', code])}"]
        told = subprocess.run(
            words, env=dict(served_project.environment), capture_output=True, text=True, check=True
        ).stdout
        assert exports.startswith(f"export PREFECT_API_URL={prefect_server.api_url}\n")
        assert "👋" in told
        assert variables(prefect_server)["PREFECT_API_AUTH_STRING"] not in status

    def test_a_secret_of_another_server_in_the_environment_is_not_told_to_ours(
        self, served_project: Project
    ) -> None:
        program = served_project.write(
            "program.py",
            "import tunesmith\n"
            "batch = tunesmith.run('quick.py', x=[1, 2])\n"
            "from prefect.settings import PREFECT_API_AUTH_STRING\n"
            "print(len(batch.trials), PREFECT_API_AUTH_STRING.value() == 'another')\n",
        )
        other = {"PREFECT_API_AUTH_STRING": "another"}

        served_project.succeed("run", "quick.py", "x=[1,2]", "-yq", **other)
        told = subprocess.run(
            [sys.executable, str(program)],
            cwd=served_project.path,
            env={**served_project.environment, **other},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

        assert told.splitlines()[-1] == "2 False"

    def test_open_tells_no_browser_the_secret_on_its_command_line(
        self, served_project: Project, prefect_server: ServerState
    ) -> None:
        script = served_project.write("browser", '#!/bin/sh\necho "$1" > "$0.out"\n')
        script.chmod(0o755)

        done = served_project.run("server", "open", "/runs", BROWSER=f"{script} %s")

        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{prefect_server.ui_url}/runs\n"
        told = script.with_name("browser.out").read_text().strip()
        page = Path(told.removeprefix("file://"))
        assert told == f"file://{page}"
        assert page.stat().st_mode & 0o777 == 0o600
        assert f"{prefect_server.ui_url}/tunesmith/login#" in page.read_text()
        assert variables(prefect_server)["PREFECT_API_AUTH_STRING"] not in page.read_text()

    @pytest.mark.parametrize("page", ["//evil.example", "runs", "http://evil.example/"])
    def test_open_leads_nowhere_else(self, project: Project, page: str) -> None:
        done = project.run("server", "open", page)
        assert (done.returncode, "no page of the server" in done.stderr) == (2, True)
