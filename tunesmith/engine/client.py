"""A command's side: hand it over to the engine, pass on signals, end as it ended.

Whatever speaks against it, the command runs by itself: nobody is told.
"""

import array
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tunesmith.data_directory import server_directory
from tunesmith.engine.installation import identity
from tunesmith.engine.surroundings import surroundings

SOCKET = "engine.sock"
"""The engine's socket, in the folder of the server whose supervisor keeps it."""
CONNECT_S = 5.0
"""Seconds within which the engine must answer that it has begun, or the command begins itself."""
_PASSED_ON = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH),
)
_OF_THIS_PROCESS = ("/dev/fd/", "/dev/std", "/proc/", "@/proc/")
_OF_MEMORY = (resource.RLIMIT_AS, resource.RLIMIT_DATA)
_HANDLED = (*_PASSED_ON, signal.SIGTSTP)
_LONGEST = 256


def call_engine(arguments: Sequence[str]) -> int | None:
    """Have the engine run a command; return its exit code, or None where it has not begun.

    A command that a signal ended ends this process in the same way.
    """
    if not _fits(arguments):
        return None
    place = server_directory(os.environ) / SOCKET
    if not place.is_socket():
        return None
    here = surroundings(arguments, identity=identity(os.environ))
    call = _Call()
    # a signal that comes before there is anybody to pass it on to waits until there is
    signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    try:
        has_begun = call.begin(place, json.dumps(here).encode())
        if not has_begun:
            call.close()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, here["blocked"])
    if not has_begun:
        return None
    try:
        _hide_secrets(arguments)
        return call.wait()
    finally:
        call.close()


def connect(place: Path) -> socket.socket:
    """Return a connection to a socket, however long its path is.

    Raises:
        OSError: Nobody listens there, or another user does.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        connection.settimeout(CONNECT_S)
        connection.connect(f"/proc/self/fd/{folder}/{place.name}")
        if peer_user(connection) != os.geteuid():
            raise PermissionError("the engine is another user's")
    except OSError:
        connection.close()
        raise
    finally:
        os.close(folder)
    return connection


def peer_user(connection: socket.socket) -> int:
    """Return the user at the other end of a connection."""
    fields = array.array("i")  # pid, uid, gid
    fields.frombytes(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return fields[1]


def _fits(arguments: Sequence[str]) -> bool:
    """Return whether this command can run in another session without anybody noticing."""
    if any(one.startswith(_OF_THIS_PROCESS) or "@/dev/fd/" in one for one in arguments):
        return False
    if any(resource.getrlimit(one)[0] != resource.RLIM_INFINITY for one in _OF_MEMORY):
        return False  # the engine has more of it mapped than a command that begins anew
    if any(name.startswith("PREFECT_") for name in os.environ) or "RUN_DIR" in os.environ:
        return False
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return False
    try:
        for number in range(3):
            os.fstat(number)
        return not is_in_background()
    except OSError:
        return False


def is_in_background() -> bool:
    """Return whether the terminal is in use by another job of the shell."""
    return os.isatty(0) and os.tcgetpgrp(0) != os.getpgrp()


class _Call:
    """One command that the engine runs."""

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self._alive: int | None = None
        self._pid = 0
        self._is_asking = False
        """Whether the command waits for what is typed."""
        self._handlers: dict[int, object] = {}

    def begin(self, place: Path, text: bytes) -> bool:
        """Hand the command over; return whether it has begun."""
        theirs, self._alive = os.pipe2(os.O_CLOEXEC)
        request, folder = os.memfd_create("call"), os.open(".", os.O_PATH | os.O_CLOEXEC)
        try:
            self._connection = connect(place)
            with open(request, "wb", closefd=False) as file:
                file.write(text)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            self._handle()
            socket.send_fds(self._connection, [b"call"], [request, theirs, folder, 0, 1, 2])
            kind, _, pid = self._connection.recv(_LONGEST).partition(b" ")
        except OSError:
            return False
        finally:
            for descriptor in (theirs, request, folder):
                os.close(descriptor)
        if kind != b"begun":
            return False
        self._pid = int(pid)
        return True

    def wait(self) -> int:
        """Return the exit code, once the command has ended."""
        assert self._connection is not None
        self._connection.settimeout(None)
        while True:
            try:
                kind, _, status = self._connection.recv(_LONGEST).partition(b" ")
            except ConnectionError:
                return 1
            if kind == b"status":
                return self._as_it_ended(int(status))
            if kind not in (b"asks", b"asked"):
                return 1  # it was killed, and the engine is gone as well
            self._is_asking = kind == b"asks"
            if self._is_asking and is_in_background():
                self._on_stop(signal.SIGTTIN, None)

    def close(self) -> None:
        """Let go of the command, which is killed if it has not ended."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what it was before
        if self._connection is not None:
            self._connection.close()
        if self._alive is not None:
            os.close(self._alive)

    def _handle(self) -> None:
        for number in _PASSED_ON:
            if signal.getsignal(number) != signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._on_signal)
        if signal.getsignal(signal.SIGTSTP) != signal.SIG_IGN:
            self._handlers[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._on_stop)

    def _on_signal(self, number: int, _frame: object) -> None:
        self._pass_on(number)

    def _on_stop(self, _number: int, _frame: object) -> None:
        """Stop the command, then this process, and go on with both.

        In the background a question goes on waiting, as the terminal has it for every process.
        """
        self._pass_on(signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        while self._is_asking and is_in_background():
            os.kill(os.getpid(), signal.SIGSTOP)
        self._pass_on(signal.SIGCONT)

    def _pass_on(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, number)

    def _as_it_ended(self, status: int) -> int:
        """Return the exit code of a status; end by the signal by which the command has ended."""
        if not os.WIFSIGNALED(status):
            return os.waitstatus_to_exitcode(status)
        number = os.WTERMSIG(status)
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return 128 + number


def _hide_secrets(arguments: Sequence[str]) -> None:
    """Take the values of secrets off the list of processes, as the command itself would do."""
    if any("=" in one for one in arguments):
        from tunesmith.flags.hiding import hide_secrets  # the command has begun meanwhile

        hide_secrets(arguments)
