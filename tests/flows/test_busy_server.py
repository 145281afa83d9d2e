"""A Prefect server that is busy: it refuses what it is asked, and answers when asked again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from tests.conftest import Project, variables
from tests.flows.conftest import POOL, Interface, batches, ended
from tunesmith.server.server_directory import ServerState
from tunesmith.tasks.retrying_client import retrying_client, retrying_requests

pytestmark = pytest.mark.server

REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n"
    b"Content-Type: application/json\r\nConnection: close\r\n\r\n{}"
)


class BusyServer:
    """Stands between a client and the server, and refuses the first requests of one kind."""

    def __init__(self, port: int, *, word: bytes, n: int) -> None:
        self.n_left = n
        self._word, self._port = word, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/api"

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
                for pump in (self._ask, self._answer):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def close(self) -> None:
        """Take no more connections; those that are there end with their clients."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), client, server:
            while chunk := client.recv(1 << 16):
                if self.n_left and self._word in chunk.partition(b"\r\n")[0]:
                    self.n_left -= 1
                    client.sendall(REFUSAL)
                    client.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(chunk)
            server.shutdown(socket.SHUT_RDWR)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while chunk := server.recv(1 << 16):
                client.sendall(chunk)
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def busy(port: int, *, word: bytes, n: int) -> Iterator[BusyServer]:
    """Let a server refuse the first ``n`` requests in whose first line a word is."""
    server = BusyServer(port, word=word, n=n)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def test_a_command_that_is_refused_a_few_times_runs_its_batch(
    served_project: Project, prefect_server: ServerState
) -> None:
    with busy(prefect_server.port, word=b"POST /api/flow_runs/ ", n=4) as server:
        through = variables(prefect_server) | {"PREFECT_API_URL": server.url}
        out = served_project.succeed("run", "quick.py", "x=[1,2]", "-y", **through)

    assert server.n_left == 0
    assert "2 completed" in out


def test_what_prefect_asks_by_itself_goes_through_the_retrying_client(
    prefect_server: ServerState,
) -> None:
    known = variables(prefect_server)
    here = {
        PREFECT_API_URL: known["PREFECT_API_URL"],
        PREFECT_API_AUTH_STRING: known["PREFECT_API_AUTH_STRING"],
    }
    with temporary_settings(here), retrying_requests(), retrying_client() as client:
        assert get_client(sync_client=True) is client


def test_a_run_whose_worker_is_refused_a_few_times_is_run(
    served_project: Project, interface: Interface, prefect_server: ServerState
) -> None:
    served_project.succeed("deploy", "quick.py", "x=[1,2]", "--pool", POOL, "--name", "busy")
    with busy(prefect_server.port, word=b"/labels ", n=2) as server:
        through = variables(prefect_server) | {"PREFECT_API_URL": server.url}
        with ended(served_project.start("serve", "--pool", POOL, **through)):
            run = interface.run_now("busy")
            message = interface.wait_for(run, "COMPLETED", "CRASHED")["state"]["message"]

    assert server.n_left == 0
    assert message.startswith("2 completed; best loss ")
    (batch,) = batches(served_project)
    assert batch["progress"]["counts"] == {"completed": 2}
