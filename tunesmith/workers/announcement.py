"""Which workers wait for trials of a store: each keeps a file there, with its heartbeat."""

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from tunesmith.atomic_file import write_atomically
from tunesmith.processes import this_machine
from tunesmith.workers.heartbeat import HEARTBEAT_S, Heartbeat

WAIT_S = 4 * HEARTBEAT_S
"""Seconds in which a worker of another machine has to show that it lives."""
_POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Heartbeat):
    """What a worker says of itself."""

    n_slots: int
    """How many trials it runs at once."""


@contextmanager
def announced(home: Path, n_slots: int) -> Iterator[None]:
    """Announce a worker of this process in a store, until the body ends.

    Args:
        home: The store's folder.
        n_slots: How many trials it runs at once.
    """
    path, done = _folder(home) / f"{secrets.token_hex(8)}.json", threading.Event()

    def announce() -> None:
        note = Announcement(machine=this_machine(), pid=os.getpid(), n_slots=n_slots)
        for number in count():
            with suppress(OSError):  # the next heartbeat may succeed
                path.parent.mkdir(mode=0o700, exist_ok=True)
                text = json.dumps({**asdict(note), "beat": number})
                write_atomically(path, text.encode(), mode=0o600)
            if done.wait(HEARTBEAT_S):
                return

    thread = threading.Thread(target=announce, name="announcement", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        with suppress(OSError):
            path.unlink(missing_ok=True)


def count_slots(home: Path) -> int:
    """Return how many trials the workers of a store run at once.

    Those of this machine are known to live or not; those of others have to be seen to change.
    """
    seen, deadline = _announcements(home), time.monotonic() + WAIT_S
    alive = {path for path, note in seen.items() if note.machine == this_machine()}
    while len(alive) < len(seen) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        now = _announcements(home)
        alive |= {path for path in seen if path in now and now[path].beat != seen[path].beat}
    return sum(seen[path].n_slots for path in alive)


def _announcements(home: Path) -> dict[Path, Announcement]:
    """Return what the workers say that are not known to have ended; forget those that are."""
    notes = {}
    for path in _folder(home).glob("*.json"):
        with suppress(OSError, ValueError, TypeError):  # it has just left
            note = Announcement(**json.loads(path.read_bytes()))
            if note.is_dead:
                path.unlink(missing_ok=True)
            else:
                notes[path] = note
    return notes


def _folder(home: Path) -> Path:
    return home / "workers"
