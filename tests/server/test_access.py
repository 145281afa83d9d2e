import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.server.conftest import children, closed_port, earlier_server, is_healthy
from tunesmith.server.server_directory import ServerDirectory, ServerState
from tunesmith.server.shared_server import find_server
from tunesmith.server.supervisor import server_environment


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
def test_the_server_listens_on_loopback_and_its_pages_call_it(
    prefect_server: ServerState,
) -> None:
    assert is_healthy(prefect_server.api_url)
    with urllib.request.urlopen(f"{prefect_server.ui_url}/ui-settings") as answer:
        settings = json.load(answer)
    assert settings["api_url"] == prefect_server.api_url


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
    (pid,) = children(prefect_server.pid)
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


def test_a_stranger_on_the_port_is_no_server_of_ours(directory: ServerDirectory) -> None:
    with earlier_server(directory, n_running=0):
        state = json.loads(directory.state.read_text()) | {"is_guarded": True}
        directory.state.write_text(json.dumps(state))
        directory.secret.write_text("secret")
        assert is_healthy(f"http://127.0.0.1:{state['port']}/api")
        assert find_server(directory) is None
