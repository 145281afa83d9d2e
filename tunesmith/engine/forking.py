"""The engine's side: forks for each command that is handed over, and tells how it ended."""

import os
import select
import signal
import socket
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.engine.caller import Caller, CannotTakeOnError
from tunesmith.engine.client import peer_user

N_DESCRIPTORS = 6
"""The request, the pipe of the caller's life, its folder, its stdin, stdout and stderr."""
CALL_S = 2.0
"""Seconds that a caller has to say what it wants."""
LONGEST = 64
_WAITING = 64
"""Callers that may wait while the engine forks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command that this process, a fork of the engine, is to run."""

    arguments: tuple[str, ...]
    connection: socket.socket
    """To its caller."""
    alive: int
    """The pipe by whose other end the caller holds this process."""


@dataclass(slots=True, kw_only=True)
class Engine:
    """Listens, forks, and tells callers how their commands ended; keeps nothing of them."""

    identity: Callable[[], str]
    """Returns what callers must have in common with this process, as it is now."""
    fits: Callable[[], bool]
    """Returns whether the fork, with all that it has taken on, can run the command."""
    _running: dict[int, socket.socket] = field(default_factory=dict)

    def serve(self, listener: socket.socket) -> Call | None:
        """Fork for each caller; return in each fork, and None in the engine, once it is outdated.

        Args:
            listener: A bound socket, which listens.
        """
        own = self.identity()
        wakes, wakened = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        poll.register(wakes, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if wakes in ready:
                with suppress(BlockingIOError):
                    os.read(wakes, 512)
                self._reap()
            if listener.fileno() not in ready:
                continue
            connection = _accepted(listener)
            if connection is None:
                continue
            if self.identity() != own:
                connection.close()  # the caller runs its command by itself
                return None
            call = self._answer(connection, own, closed=(wakes, wakened))
            if call is not None:
                return call

    def _reap(self) -> None:
        """Tell the callers of commands that have ended."""
        while self._running:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            connection = self._running.pop(pid, None)
            if connection is not None:
                with suppress(OSError):
                    connection.send(b"status %d" % status)
                connection.close()

    def _answer(
        self, connection: socket.socket, own: str, *, closed: tuple[int, ...]
    ) -> Call | None:
        """Fork for a caller that fits; return in the fork alone."""
        descriptors: list[int] = []
        try:
            connection.settimeout(CALL_S)
            _, descriptors, _, _ = socket.recv_fds(connection, LONGEST, N_DESCRIPTORS)
            if len(descriptors) != N_DESCRIPTORS:
                return None
            caller = _read(descriptors[0])
            pid = _fork() if caller.identity == own else 0
        except (OSError, ValueError, TypeError):
            connection.close()
            return None
        else:
            if caller.identity != own:
                connection.close()
                return None
            if pid:
                self._running[pid] = connection
                return None
            signal.set_wakeup_fd(-1)
            for descriptor in closed:
                os.close(descriptor)
            return self._become(caller, connection, descriptors[1:])
        finally:
            for descriptor in descriptors:
                with suppress(OSError):
                    os.close(descriptor)

    def _become(self, caller: Caller, connection: socket.socket, descriptors: list[int]) -> Call:
        """Take on what the caller has; this process is a fork, and ends where it cannot."""
        for other in self._running.values():
            other.close()
        self._running.clear()
        os.setsid()
        alive = os.dup(descriptors[0])
        try:
            caller.take_on(folder=descriptors[1], streams=descriptors[2:], alive=alive)
            if not self.fits():
                os._exit(0)
            connection.settimeout(None)
            connection.send(b"begun %d" % os.getpid())
        except (CannotTakeOnError, OSError):
            os._exit(0)  # the caller, told nothing, runs its command by itself
        return Call(arguments=tuple(caller.arguments), connection=connection, alive=alive)


def _fork() -> int:
    """Fork; libraries of numbers have threads that wait, of which Python warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def listen(place: Path) -> socket.socket:
    """Return a socket that listens at a path, in the place of one that has ended.

    Raises:
        OSError: It cannot.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        place.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            listener.bind(f"/proc/self/fd/{folder}/{place.name}")
        finally:
            os.umask(mask)
        listener.listen(_WAITING)
    finally:
        os.close(folder)
    return listener


def _accepted(listener: socket.socket) -> socket.socket | None:
    """Return the connection of the next caller; None where it is gone, or another user."""
    try:
        connection, _ = listener.accept()
    except OSError:
        return None
    if peer_user(connection) == os.geteuid():
        return connection
    connection.close()
    return None


def _read(request: int) -> Caller:
    os.lseek(request, 0, os.SEEK_SET)
    with open(request, "rb", closefd=False) as file:
        return Caller.from_json(file.read())
