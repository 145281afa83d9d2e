"""The end of a command for whoever typed it, while the fork that ran it finishes by itself."""

import fcntl
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FINISHING = "finishing"
"""The file that forks share which tell the server something yet; it lies in its folder."""
PATIENCE_S = 12.0
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """This process, as a fork of the engine."""

    connection: socket.socket
    """To the caller."""
    alive: int
    """The pipe by whose other end the caller holds this process."""
    finishing: Path


_here: list[Fork] = []
"""This process, where it is a fork whose caller waits for it."""


def is_fork(fork: Fork) -> None:
    """Note that this process is a fork of the engine."""
    _here[:] = [fork]


@contextmanager
def asking() -> Iterator[None]:
    """Tell the caller that the body reads what is typed: in the background nothing is."""
    fork = _here[0] if _here else None
    if fork is None:
        yield
        return
    with suppress(OSError):
        fork.connection.send(b"asks")
    try:
        yield
    finally:
        with suppress(OSError):
            fork.connection.send(b"asked")


def let_go(code: int) -> None:
    """Give the caller back its prompt, where it waits for this process: nothing more is printed.

    What follows reaches nobody, also not by its exit code. A server that is told to stop waits for
    it.

    Args:
        code: The exit code of the command.
    """
    if not _here:
        return
    fork = _here.pop()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    with suppress(OSError):  # kept open until the end of the process
        fcntl.flock(os.open(fork.finishing, os.O_RDWR | os.O_CREAT, 0o600), fcntl.LOCK_SH)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    fcntl.fcntl(fork.alive, fcntl.F_SETFL, fcntl.fcntl(fork.alive, fcntl.F_GETFL) & ~os.O_ASYNC)
    with suppress(OSError):
        fork.connection.send(b"status %d" % ((code & 0xFF) << 8))
    fork.connection.close()


def wait_for_finishing(folder: Path) -> None:
    """Wait until no fork has anything left to tell the server, for at most twelve seconds.

    Args:
        folder: The server's.
    """
    try:
        file = os.open(folder / FINISHING, os.O_RDWR)
    except OSError:
        return
    deadline = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(_LOOK_S)
    finally:
        os.close(file)
