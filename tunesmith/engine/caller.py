"""What a command has of the process that it was typed in, and a fork of another has to take on."""

import fcntl
import io
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tunesmith.engine.surroundings import control_group, signals

GROUPS = Path("/sys/fs/cgroup")
_F_SETSIG = 10
"""Linux's; the module ``fcntl`` does not name it."""


class CannotTakeOnError(Exception):
    """A process cannot become like the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A command, and what surrounds it; its descriptors are handed over beside it."""

    identity: str
    """What has to be the same (``installation.identity``)."""
    arguments: Sequence[str]
    """Those of the command, without the program."""
    argv: Sequence[str]
    """All of them, as ``sys.argv``."""
    path: Sequence[str]
    """Where modules are looked for, as ``sys.path``."""
    environment: dict[str, str]
    umask: int
    limits: Sequence[tuple[int, int, int]]
    """Each resource with its soft and its hard limit."""
    ignored: Sequence[int]
    """The signals that it ignores, as behind ``nohup``."""
    blocked: Sequence[int]
    processors: Sequence[int]
    niceness: int
    control_group: str
    """As ``/proc/self/cgroup`` has it: each terminal of a desktop is in one of its own."""

    @classmethod
    def from_json(cls, text: bytes) -> "Caller":
        """Return the caller of the JSON of its ``surroundings``."""
        return cls(**json.loads(text))

    def take_on(self, *, folder: int, streams: Sequence[int], alive: int) -> None:
        """Make this process like the caller; it ends when the caller does.

        Args:
            folder: A descriptor of the caller's working directory.
            streams: Those of its stdin, stdout and stderr.
            alive: The end of a pipe whose other end the caller alone has.

        Raises:
            CannotTakeOnError: It cannot; nothing but this process has been changed.
        """
        try:
            os.environ.clear()
            os.environ.update(self.environment)
            os.fchdir(folder)
            os.umask(self.umask)
            for which, soft, hard in self.limits:
                if resource.getrlimit(which) != (soft, hard):
                    resource.setrlimit(which, (soft, hard))
            os.sched_setaffinity(0, self.processors)
            if os.getpriority(os.PRIO_PROCESS, 0) != self.niceness:
                os.setpriority(os.PRIO_PROCESS, 0, self.niceness)
            if control_group() != self.control_group:
                _enter(self.control_group)
        except (OSError, ValueError) as error:
            raise CannotTakeOnError(str(error)) from error
        end_with(alive)
        sys.argv[:], sys.path[:] = self.argv, self.path
        time.tzset()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        _take_streams()
        _forget()
        for one in signals():
            signal.signal(one, signal.SIG_IGN if one in self.ignored else _usual(one))
        signal.pthread_sigmask(signal.SIG_SETMASK, self.blocked)


def end_with(alive: int) -> None:
    """Have the kernel kill this process when the other end of a pipe is closed.

    Also where this process is stopped, and without a thread that would wait for it.
    """
    fcntl.fcntl(alive, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(alive, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(alive, fcntl.F_SETFL, fcntl.fcntl(alive, fcntl.F_GETFL) | os.O_ASYNC)
    os.set_blocking(alive, False)
    with suppress(BlockingIOError):
        os.read(alive, 1)
        os._exit(1)  # it was closed before


def _enter(control_group: str) -> None:
    """Move this process into a control group, as the user may within those of a session.

    Raises:
        OSError: It may not.
        ValueError: It is not one of the second version, which has one for all resources.
    """
    (line,) = control_group.splitlines()
    kind, _, path = line.partition("::/")
    if kind != "0":
        raise ValueError(f"{line} is of the first version")
    (GROUPS / path / "cgroup.procs").write_text(str(os.getpid()))


def _usual(number: int) -> "signal.Handlers | signal._HANDLER":
    """Return what Python does on a signal where nobody says otherwise."""
    if number == signal.SIGINT:
        return signal.default_int_handler
    return signal.SIG_IGN if number in (signal.SIGPIPE, signal.SIGXFSZ) else signal.SIG_DFL


def _take_streams() -> None:
    """Open the standard streams anew, as Python does at its start."""
    old = (sys.stdin, sys.stdout, sys.stderr)
    sys.stdin = _opened(0, old[0], "r")
    sys.stdout = _opened(1, old[1], "w")
    sys.stderr = _opened(2, old[2], "w")


def _opened(number: int, like: TextIO, mode: str) -> TextIO:
    """Open a standard stream as Python would, given the one that it has opened for the engine."""
    is_direct = getattr(like, "write_through", False)  # as with PYTHONUNBUFFERED
    buffering = 0 if is_direct and mode == "w" else -1
    raw = open(number, f"{mode}b", buffering, closefd=False)  # noqa: SIM115 - for good
    return io.TextIOWrapper(
        raw,
        encoding=like.encoding,
        errors=like.errors,
        line_buffering=not is_direct and (raw.isatty() or number == 2),
        write_through=is_direct,
    )


def _forget() -> None:
    """Forget what modules have kept of the process that this one is a fork of."""
    tempfile.tempdir = None
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()  # Python's own generator is seeded anew at each fork
