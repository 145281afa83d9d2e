"""A trial of a batch whose driver is another process, perhaps on another machine.

Whatever brought the ticket here (a Dask worker, a Prefect task worker), ``run_ticket`` runs it: in
a child process, from the shared store, as the driver itself would have.
"""

import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from tunesmith.errors import StoreAccessError, TunesmithError
from tunesmith.executor.attempt import run_attempt
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.environment import WORKER_VARIABLE
from tunesmith.executor.gpu_slots import Slots
from tunesmith.executor.observer import Observer, SilentObserver
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stop_token import StopToken
from tunesmith.storage.store import Store
from tunesmith.workers.heartbeat import HEARTBEAT_S
from tunesmith.workers.reported_points import sending
from tunesmith.workers.task_queue import DriverWatch, TaskQueue
from tunesmith.workers.ticket_place import find_ticket
from tunesmith.workers.tickets import ClaimedTicket, Ticket

DONE, GONE, LOST = "finished", "taken by another worker, or withdrawn", "given back"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What a worker process has for its trials."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """The environment that trials inherit."""
    slots: Slots = field(default_factory=lambda: Slots(()))
    """The GPUs of this worker."""
    observer: Observer = field(default_factory=SilentObserver)
    """Is told of the trials that run here, and of those that are refused."""
    homes: tuple[Path, ...] | None = None
    """The stores whose trials are run; None for all that belong to this user."""
    leaving: threading.Event = field(default_factory=threading.Event)
    """Once it is set, the trials that run are given back, and no more are taken."""


def run_ticket(path: str, settings: WorkerSettings | None = None) -> str:
    """Run the trial of a ticket, unless another worker does, and return what became of it.

    Args:
        path: The ticket's file, in the shared store.
        settings: What this worker has; None for its own environment.

    Raises:
        StoreAccessError: The store's folder cannot be seen from here.
        WorkerError: The ticket is none of a store that this worker may believe.
    """
    settings = settings or WorkerSettings()
    try:
        return _run(find_ticket(path, settings.homes), settings)
    except TunesmithError as error:
        settings.observer.note(str(error))
        raise


def _run(ticket: Ticket, settings: WorkerSettings) -> str:
    with ticket.take() as taken:
        if taken is None:
            _open_store(ticket)  # a ticket that cannot be seen from here seems gone, too
            return GONE
        try:
            part = _publish(ticket, taken, settings)
        except TunesmithError as error:
            taken.finish(error=str(error))
            raise
        if not part:
            taken.give_back()
            return LOST
        taken.finish(part=part)
        return DONE


def _open_store(ticket: Ticket) -> Store:
    home = TaskQueue(ticket.path.parent).home
    try:
        return Store.open(home)
    except StoreAccessError as error:
        raise StoreAccessError(
            f"the store {home} cannot be seen on {os.uname().nodename}: mount the project's "
            f"folder there at the same path ({error})"
        ) from error


def _publish(ticket: Ticket, taken: ClaimedTicket, settings: WorkerSettings) -> str:
    """Run the trial and publish it; return the part's name, or nothing where it is not ours."""
    store, supervision = _open_store(ticket), _Supervision(ticket, taken, settings.leaving)
    with supervision.running():
        guard = _process_guard()
        environment = {**settings.environment, WORKER_VARIABLE: guard.token}
        spec = store.batch(ticket.batch)
        work = BatchContext(
            spec=spec,
            store=store,
            stop=supervision.stop,
            observer=settings.observer,
            environment=environment,
            reaper=guard.reaper,
            slots=settings.slots,
        )
        with sending(spec, ticket) as pruning:
            record, series = run_attempt(replace(work, pruning=pruning), ticket.read())
        supervision.look()
        if supervision.is_lost:
            return ""
        part = store.publish(record, series)
    settings.observer.trial_finished(record)
    return part


class _Supervision:
    """What a worker looks at while a trial runs: its claim, the driver's life, a call to stop."""

    def __init__(self, ticket: Ticket, taken: ClaimedTicket, leaving: threading.Event) -> None:
        self.stop = StopToken()
        """What ends the trial."""
        self.is_lost = False
        """Whether the trial is not ours any more, so that it must not be published."""
        self._queue, self._taken, self._leaving = TaskQueue(ticket.path.parent), taken, leaving
        self._driver = DriverWatch(self._queue)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send heartbeats, and stop the trial when it is to be, while the body runs it."""
        done = threading.Event()

        def supervise() -> None:
            while not done.wait(HEARTBEAT_S):
                self._taken.beat()
                self.look()

        thread = threading.Thread(target=supervise, name="supervision", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def look(self) -> None:
        """Look once, and stop the trial if need be."""
        if self._leaving.is_set():
            self._lose("the worker was stopped")
        elif not self._taken.is_ours:
            self._lose("another worker has taken over")
        elif not self._driver.is_alive():
            self._lose("the command that had sent it has ended")
        elif (request := self._queue.read_stop()) is not None:
            reason, is_killing = request
            self.stop.drain(reason)
            if is_killing:
                self.stop.kill(reason)

    def _lose(self, reason: str) -> None:
        self.is_lost = True
        self.stop.kill(reason)


@dataclass(frozen=True, slots=True)
class _ProcessGuard:
    """What ends this worker's trials if it is killed."""

    reaper: Reaper
    token: str


@cache
def _process_guard() -> _ProcessGuard:
    """Return this process's guard, which lives as long as the process does."""
    token = secrets.token_hex(8)
    reaper = Reaper(marker=f"{WORKER_VARIABLE}={token}")
    reaper.__enter__()
    return _ProcessGuard(reaper, token)
