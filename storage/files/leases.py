"""Leases: locks that the kernel releases when their holder dies, so that none is ever stale."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tunesmith.errors import LeaseHeldError
from tunesmith.processes import Process, find_process, this_process
from tunesmith.storage.objects.os_errors import explained

_PATIENCE_S = 10.0
"""Seconds to try for a lease that no process runs a batch with: one that checks it, or adds a
trial or a result to a batch, holds it for a moment."""

_LOOK_S = 0.25
"""Seconds after which it is looked whether the process that holds a lease runs the batch."""


@contextmanager
def lease(path: Path) -> Iterator[None]:
    """Hold a batch's lease; no other process does meanwhile.

    Args:
        path: The file of the lease.

    Raises:
        LeaseHeldError: Another process holds it.
        StoreAccessError: The file cannot be made or locked.
    """
    with held(path, patience_s=_PATIENCE_S) as file:
        _write_holder(file)
        yield


@contextmanager
def held(path: Path, *, patience_s: float = _PATIENCE_S) -> Iterator[int]:
    """Hold a batch's lease for a moment, and name nobody who runs it; the value is its descriptor.

    Args:
        path: The file of the lease.
        patience_s: Seconds to wait for others who hold it for a moment.

    Raises:
        LeaseHeldError: A process runs the batch, or the others took too long.
        StoreAccessError: The file cannot be made or locked.
    """
    deadline = time.monotonic() + patience_s
    while (file := _lock(path, patience_s=_LOOK_S)) is None:
        if find_holder(path) is not None or time.monotonic() >= deadline:
            raise LeaseHeldError(
                f"batch {path.name[:8]} is being run by {read_holder(path)}: "
                "wait until it has ended, or stop it"
            )
    try:
        yield file
    finally:
        _release(file, path)


@contextmanager
def try_lock(path: Path, *, patience_s: float = 0.0) -> Iterator[bool]:
    """Hold a lock if it gets free in time; the value says whether it is held.

    Args:
        path: The file of the lock.
        patience_s: Seconds to wait for it; by default it must be free at once.
    """
    file = _lock(path, patience_s=patience_s)
    if file is None:
        yield False
        return
    try:
        yield True
    finally:
        _release(file, path)


def is_held(path: Path) -> bool:
    """Return whether a process holds a lease; nothing is created."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(file)
    return False


def read_holder(path: Path) -> str:
    """Return who holds a lease, as part of a sentence."""
    found = _read(path)
    return "another process" if found is None else f"process {found.process.pid} on {found.host}"


def find_abandoned(path: Path) -> float | None:
    """Return since when, in seconds since 1970, a lease was held by a process that was killed.

    None where the last holder gave it back.
    """
    try:
        return None if is_held(path) else float(json.loads(path.read_bytes())["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_holder(path: Path) -> Process | None:
    """Return the process of this machine that holds a lease; None where none does.

    A holder that was killed leaves its file, and its process id may be another process's by now.
    """
    found = _read(path)
    if found is None or not is_held(path):
        return None
    if found.process.born:
        return found.process if found.process.is_alive else None
    if found.host != socket.gethostname():
        return None
    return find_process(found.process.pid, words=["tunesmith"])  # written by an earlier version


@dataclass(frozen=True, slots=True)
class _Holder:
    """The holder that a lease's file names."""

    process: Process
    host: str


def _read(path: Path) -> _Holder | None:
    """Return the holder that a lease's file names; None where it names nobody."""
    try:
        plain = json.loads(path.read_bytes())
        process = Process(pid=int(plain["pid"]), born=str(plain.get("born", "")))
        return _Holder(process, str(plain["host"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _lock(path: Path, *, patience_s: float) -> int | None:
    """Return the descriptor of a locked file, or None where another process has locked it."""
    deadline = time.monotonic() + patience_s
    while True:
        with explained("lock", path):
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                if time.monotonic() >= deadline:
                    return None
                time.sleep(0.01)
                continue
            except OSError:
                os.close(file)
                raise
        if _is_still(file, path):
            return file
        os.close(file)


def _is_still(file: int, path: Path) -> bool:
    """Return whether a file still has its name: the last holder removes it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _write_holder(file: int) -> None:
    holder = {**asdict(this_process()), "host": socket.gethostname(), "since": time.time()}
    with suppress(OSError):  # it serves messages only: a full disk does not matter
        os.truncate(file, 0)
        os.pwrite(file, json.dumps(holder).encode(), 0)


def _release(file: int, path: Path) -> None:
    with suppress(OSError):
        if _is_still(file, path):
            path.unlink()
    os.close(file)
