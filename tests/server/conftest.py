"""A directory for a server that is not the session's, and servers of earlier versions."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tunesmith.loopback import open_url
from tunesmith.server.server_directory import ServerDirectory


@pytest.fixture
def directory(tmp_path: Path) -> ServerDirectory:
    return ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_healthy(api_url: str) -> bool:
    """Return whether a Prefect server answers at an address, to anybody."""
    try:
        with open_url(f"{api_url}/health", timeout_s=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


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
def earlier_server(directory: ServerDirectory, *, n_running: int) -> Iterator[int]:
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
