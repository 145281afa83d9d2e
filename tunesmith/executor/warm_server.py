"""The warm server: a process that has done a script's imports, and forks its trials."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tunesmith.executor.child import MARK_VARIABLE, PARENT_VARIABLE, PEAK_VARIABLE
from tunesmith.executor.child_exit import Exit, exit_of
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.child_starter import Child
from tunesmith.executor.process_groups import signal_group
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stop_token import StopToken

CHILD = Path(__file__).with_name("warm_child.py")
MARK_BYTES = 160
"""Bytes of the longest marker of a trial."""
POLL_S = 0.05
"""Seconds between two looks at the stop token."""
IMPORT_S = 120.0
"""Seconds after which a batch gives up a server that is still importing."""
REPLY_S = 30.0
"""Seconds within which a server must fork or reap."""


class ServerLostError(Exception):
    """The server has ended or does not answer, and nothing was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmPlan:
    """The modules that a server imports, and those that prevent it."""

    imports: tuple[tuple[str, tuple[str, ...]], ...]
    """Modules, each with the names to import from it."""
    own: tuple[str, ...]
    """Modules beside the script."""
    denied: tuple[str, ...]
    """Modules that do not survive a fork."""


class WarmServer:
    """Starts a server in a thread of its own, and has it fork.

    The kernel ends a server whose starting thread ends, so that this thread stays until ``close``.
    """

    def __init__(
        self,
        plan: WarmPlan,
        *,
        python: str,
        environment: Mapping[str, str],
        directory: Path,
        reaper: Reaper | None = None,
    ) -> None:
        """Begin to start a server; ``wait`` returns whether it serves.

        Args:
            plan: The modules to import.
            python: The interpreter.
            environment: The variables that all trials share.
            directory: The working directory, since PYTHONPATH may have folders relative to it.
            reaper: Ends it if this process is killed.
        """
        self.environment = environment
        self.obstacle = ""
        """Why it does not serve; empty if it does, or if that is not known yet."""
        self._control, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._known, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(
            target=self._keep, args=(plan, python, directory, reaper), name="warm-server"
        )
        self._thread.daemon = True
        self._thread.start()

    def wait(self, stop: StopToken) -> bool:
        """Wait until it is known whether it serves, or until a kill is asked for; return it."""
        deadline = time.monotonic() + IMPORT_S
        while not self._known.wait(POLL_S):
            if stop.is_killing:
                return False
            if time.monotonic() > deadline:
                self._settle(f"its imports take more than {IMPORT_S:g} s")
        return not self.obstacle

    def start(self, request: ChildRequest, writer: int) -> Child:
        """Fork a child for a request.

        Raises:
            ServerLostError: The server could not.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        text = os.memfd_create("request")
        try:
            _write_all(text, _request_text(request))
            socket.send_fds(self._control, [b"request"], [text, writer, theirs.fileno()])
            theirs.close()
            ours.settimeout(REPLY_S)
            answer = ours.recv(64)
            if not answer.startswith(b"+"):
                raise ConnectionResetError("the server did not fork a process")
            return WarmChild(int(answer[1:]), ours)
        except OSError as error:
            ours.close()  # then the server ends what it may have forked
            raise ServerLostError(str(error)) from error
        finally:
            theirs.close()
            os.close(text)

    def close(self) -> None:
        """End the server, and all that it has forked."""
        self._closing.set()
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._control.close()

    def _keep(self, plan: WarmPlan, python: str, directory: Path, reaper: Reaper | None) -> None:
        """Start the server, note its answer, and stay until it is closed."""
        try:
            process = self._spawn(python, directory)
        except OSError as error:
            self._settle(f"{python} cannot be run: {error.strerror}")
            return
        finally:
            self._theirs.close()
        if reaper is not None:
            reaper.register(process.pid)
        with process:
            obstacle = self._prepare(plan, process)
            if not self._known.is_set():
                self._settle(obstacle)
            self._closing.wait()
            # it has a session of its own, so that this reaches what its imports have started
            signal_group(process.pid, signal.SIGKILL)
        if reaper is not None:
            reaper.unregister(process.pid)

    def _settle(self, obstacle: str) -> None:
        self.obstacle = obstacle
        self._known.set()

    def _spawn(self, python: str, directory: Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [python, str(CHILD), str(self._theirs.fileno())],
            cwd=directory,
            env={
                **self.environment,
                PARENT_VARIABLE: str(os.getpid()),
                MARK_VARIABLE: "-" * (MARK_BYTES - len(MARK_VARIABLE) - 1),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # a pipe, as for a trial, since imports may look at it
            stderr=subprocess.STDOUT,
            pass_fds=[self._theirs.fileno()],
            start_new_session=True,
        )

    def _prepare(self, plan: WarmPlan, process: "subprocess.Popen[bytes]") -> str:
        """Send the plan to the server; return why it cannot serve, or an empty string."""
        text = os.memfd_create("plan")
        try:
            _write_all(text, json.dumps(asdict(plan)).encode())
            socket.send_fds(self._control, [b"plan"], [text])
            answer = self._control.recv(4096).decode(errors="replace")
        except OSError:
            answer = ""
        finally:
            os.close(text)
        if answer == "ready":
            return ""
        return answer or _last_line(process) or "its process ended during startup"


def _last_line(process: "subprocess.Popen[bytes]") -> str:
    """Return the last line that a process printed before it ended."""
    if process.stdout is None:
        return ""
    os.set_blocking(process.stdout.fileno(), False)
    lines = (process.stdout.read() or b"").decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _request_text(request: ChildRequest) -> bytes:
    """Return a request as JSON for the server, without the interpreter and ``child.py``."""
    environment = {**request.environment, PEAK_VARIABLE: str(request.peak_file)}
    fields = {
        "argv": request.argv[2:],
        "directory": str(request.directory),
        "environment": environment,
        "marker": request.marker,
    }
    return json.dumps(fields).encode()


def _write_all(descriptor: int, text: bytes) -> None:
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(text)


class WarmChild:
    """A child that a server has forked, and reaps on request."""

    def __init__(self, pid: int, reply: socket.socket) -> None:
        """Take a child that is not reaped yet, and the socket on which the server reports its end.

        Raises:
            OSError: The system cannot watch it.
        """
        self.pid = pid
        self._reply = reply
        self._descriptor = os.pidfd_open(pid)

    @property
    def descriptor(self) -> int | None:
        """A descriptor that is readable once the child has ended, or the server."""
        return self._descriptor

    def has_ended(self) -> bool:
        """Return False: the descriptor reports the end."""
        return False

    def reap(self) -> Exit:
        """Have the server reap the child, and return how it ended."""
        os.close(self._descriptor)
        with self._reply, suppress(OSError):
            self._reply.settimeout(REPLY_S)
            self._reply.send(b"reap")
            if answer := self._reply.recv(256):
                status, cpu_seconds, peak_kib = answer.split()
                return exit_of(
                    int(status),
                    cpu_seconds=float(cpu_seconds),
                    max_rss_bytes=int(peak_kib) * 1024,
                )
        return Exit(code=None, signal=9, cpu_seconds=0.0, max_rss_bytes=0, is_lost=True)
