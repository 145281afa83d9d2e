"""The queue of a batch in the shared store: a folder where its driver and its workers meet.

The driver of the batch writes a ticket for each trial; the worker that first creates the claim
beside it runs the trial. Only plain files are used, and no locks, so any shared folder will do.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tunesmith.atomic_file import write_atomically
from tunesmith.processes import this_machine
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.records.plans import encode_plan
from tunesmith.trial import PlannedTrial
from tunesmith.workers.heartbeat import STALE_S, Heartbeat, StalenessTimer
from tunesmith.workers.tickets import Ticket

_POLL_S = 0.1
_OPEN = "open"
"""Name of the file that says that any worker of the store may take tickets."""


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """The folder in which one driver of a batch and its workers meet."""

    folder: Path

    @property
    def batch(self) -> str:
        """The batch's id."""
        return self.folder.parent.name

    @property
    def home(self) -> Path:
        """The folder of the store."""
        return self.folder.parents[2]

    @property
    def _driver(self) -> Path:
        return self.folder / "driver"

    @property
    def _stop(self) -> Path:
        return self.folder / "stop"

    def open(self) -> None:
        """Let every worker of the store take tickets, not only those that are told of one.

        Raises:
            StoreAccessError: The note cannot be written.
        """
        _write(self.folder / _OPEN, b"")

    def unclaimed(self) -> list[Ticket]:
        """Return the tickets that any worker may take, in the order of the trials' numbers."""
        try:
            names = {path.name for path in self.folder.iterdir()}
        except OSError:  # it is gone, or out of reach just now
            return []
        if _OPEN not in names:
            return []
        stems = sorted(name[:-5] for name in names if name.endswith(".json"))
        return [Ticket(self.folder / f"{s}.json") for s in stems if f"{s}.claim" not in names]

    def read_driver(self) -> Heartbeat | None:
        """Return what the driver wrote last; None if it is gone.

        Raises:
            OSError: The folder cannot be read just now.
            ValueError: The driver is just writing.
        """
        try:
            return Heartbeat(**json.loads(self._driver.read_bytes()))
        except FileNotFoundError:
            return None

    def beat(self, number: int) -> None:
        """Show that the driver lives."""
        note = Heartbeat(machine=this_machine(), pid=os.getpid(), beat=number)
        with suppress(OSError):  # the next one may succeed, and staleness has its own remedy
            self._driver.write_bytes(json.dumps(asdict(note)).encode())

    def ask_to_stop(self, reason: str, *, is_killing: bool) -> None:
        """Tell the workers to start no trial, and perhaps to end those that run.

        Raises:
            StoreAccessError: The note cannot be written.
        """
        note = {"reason": reason, "is_killing": is_killing}
        _write(self._stop, json.dumps(note).encode())

    def read_stop(self) -> tuple[str, bool] | None:
        """Return why the workers are to stop, and whether running trials are to end."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            note = json.loads(self._stop.read_bytes())
            return str(note["reason"]), bool(note["is_killing"])
        return None

    def put_ticket(self, planned: PlannedTrial) -> Ticket:
        """Write what a worker needs to know of a trial; each sending has a ticket of its own.

        Raises:
            StoreAccessError: It cannot be written.
        """
        path = self.folder / f"{planned.number:06d}-{secrets.token_hex(4)}.json"
        _write(path, encode_plan([planned]))
        return Ticket(path)


@dataclass(slots=True)
class DriverWatch:
    """Tells whether the driver of a queue lives, as far as this process can see."""

    queue: TaskQueue
    _staleness: StalenessTimer = field(default_factory=StalenessTimer)
    _beat: int = 0

    def is_alive(self) -> bool:
        """Look once; a driver of another machine is given up after ``STALE_S`` only."""
        try:
            driver = self.queue.read_driver()
            if driver is None or driver.is_dead:
                return False
            self._beat = driver.beat
        except (OSError, ValueError):  # out of reach, or being written: no news
            pass
        return self._staleness.seconds(self._beat) < STALE_S


@contextmanager
def open_queue(layout: Layout, batch: str) -> Iterator[TaskQueue]:
    """Give the driver of a batch a folder to meet the workers in, and remove it at the end.

    What a driver that was killed left behind is removed first, once its workers have ended what
    they ran for it.

    Raises:
        StoreAccessError: The folder cannot be made.
    """
    parent = layout.handovers(batch)
    _end_earlier(parent)
    queue = TaskQueue(parent / secrets.token_hex(8))
    with explained("write to", queue.folder):
        for folder in (parent.parent, parent, queue.folder):
            folder.mkdir(mode=0o700, exist_ok=True)  # workers believe no folder that others write
    queue.beat(0)
    try:
        yield queue
    finally:
        shutil.rmtree(parent, ignore_errors=True)
        with suppress(OSError):
            parent.parent.rmdir()  # unless another batch has workers too


def _end_earlier(parent: Path) -> None:
    """Let the workers of drivers that were killed end, so that no two run one trial."""
    for driver in parent.glob("*/driver"):
        driver.unlink(missing_ok=True)
    timers = {path: StalenessTimer() for path in parent.glob("*/*.claim")}
    while any(_is_at_work(path, timer) for path, timer in timers.items()):
        time.sleep(_POLL_S)
    shutil.rmtree(parent, ignore_errors=True)


def _is_at_work(path: Path, timer: StalenessTimer) -> bool:
    """Return whether the taker of a ticket still runs its trial."""
    claim = Ticket(path.with_suffix(".json")).read_claim()
    if claim is None or claim.is_finished or claim.is_dead:
        return False
    return timer.seconds(claim.beat) < STALE_S


def _write(path: Path, data: bytes) -> None:
    with explained("write to", path):
        write_atomically(path, data, mode=0o600)
