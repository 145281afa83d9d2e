"""A worker process: it looks for tickets in its stores, claims them and runs their trials."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.errors import TunesmithError
from tunesmith.workers.announcement import announced
from tunesmith.workers.task_queue import DriverWatch, TaskQueue
from tunesmith.workers.tickets import Ticket
from tunesmith.workers.worker import GONE, WorkerSettings, run_ticket

MIN_PAUSE_S = 0.005
MAX_PAUSE_S = 1.0
"""Seconds between two looks: just after a trial, and when there has been none for long."""
IDLE_SHARE = 0.1
"""Between these two, the part of the time since the last trial that passes until the next look."""


def serve(*, n_slots: int, settings: WorkerSettings) -> None:
    """Run trials that batches queue in the worker's stores, until ``settings.leaving`` is set.

    Args:
        n_slots: How many trials at once.
        settings: Which stores, and what the trials inherit.
    """
    refused: set[Path] = set()
    with ExitStack() as stack:
        for home in settings.homes or ():
            stack.enter_context(announced(home, n_slots))
        pool = stack.enter_context(ThreadPoolExecutor(n_slots, "slot"))
        slots = [pool.submit(_serve_slot, settings, refused) for _ in range(n_slots)]
        for slot in as_completed(slots):
            settings.leaving.set()  # an error of ours in one slot ends the others
            slot.result()


def _serve_slot(settings: WorkerSettings, refused: set[Path]) -> None:
    """Run one trial after the other."""
    finder, idle_since = TicketFinder(settings.homes or ()), time.monotonic()
    while not settings.leaving.wait(pause_s(time.monotonic() - idle_since)):
        if any(_run(ticket, settings, refused) for ticket in finder.waiting()):
            idle_since = time.monotonic()


def pause_s(idle_s: float) -> float:
    """Return the seconds to the next look of a slot that has been idle for so long."""
    return min(MAX_PAUSE_S, max(MIN_PAUSE_S, IDLE_SHARE * idle_s))


def _run(ticket: Ticket, settings: WorkerSettings, refused: set[Path]) -> bool:
    """Run the trial of a ticket; return whether it was this slot that did."""
    if ticket.path in refused:
        return False
    try:
        return run_ticket(str(ticket.path), settings) != GONE
    except TunesmithError:  # the observer was told, once
        refused.add(ticket.path)
        return False


@dataclass(slots=True)
class TicketFinder:
    """Finds the tickets in some stores that no worker has claimed and whose driver lives.

    Folders are listed each time: on NFS the time of a folder's change may be half a minute old.
    """

    homes: tuple[Path, ...]
    _drivers: dict[Path, DriverWatch] = field(default_factory=dict)

    def waiting(self) -> Iterator[Ticket]:
        """Give the tickets, each batch's in the order of its trials."""
        folders = [folder for home in self.homes for folder in home.glob("handover/*/*")]
        self._drivers = {
            folder: self._drivers.get(folder) or DriverWatch(TaskQueue(folder))
            for folder in folders
        }
        for folder, driver in self._drivers.items():
            tickets = TaskQueue(folder).unclaimed()
            if tickets and driver.is_alive():
                yield from tickets
