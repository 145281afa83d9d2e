"""Prefect's task workers: processes that run trials which a batch elsewhere has sent.

A trial's ticket is named by the key of its task run, so that nothing has to be pickled into a
storage of Prefect's that all machines would have to share. The number of the sending follows it,
since the server takes a task run of the same key for the same one.
"""

import asyncio
import hashlib
import json
import os
import shlex
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State, StateDetails, TaskRun
from prefect.client.subscriptions import Subscription
from prefect.context import TaskRunContext
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelled, Completed, Crashed, Failed, Scheduled
from prefect.task_worker import TaskWorker
from websockets.exceptions import WebSocketException

from tunesmith.errors import TunesmithError, WorkerError
from tunesmith.query.cells import one_line
from tunesmith.tasks.retrying_client import patient_client
from tunesmith.trial import short_id
from tunesmith.workers.task_queue import Ticket
from tunesmith.workers.ticket_place import spellings
from tunesmith.workers.worker import GONE, LOST, WorkerSettings, leave, run_ticket

KEY = "tunesmith.attempt-1"
"""What the keys begin with to which task workers subscribe, each for the trials of one store.
Prefect's own key changes with the place of an installation."""
LOOK_S = 2.0
"""Seconds between two questions to the server about a trial that nobody has taken."""
RECONNECT_S = 0.5
"""Seconds before a worker tries again to reach a server that is away."""

_FAULTS = (httpx.HTTPError, PrefectException)


@task(name="attempt", cache_policy=NO_CACHE, persist_result=False)
def attempt() -> State[None]:
    """Run the trial whose ticket the task run's key names."""
    context = TaskRunContext.get()
    if context is None:
        return Failed(message="an attempt is run by a task worker only")
    try:
        path, _, _number = context.task_run.dynamic_key.rpartition("#")
        outcome = run_ticket(path, _settings)
    except TunesmithError as error:
        return Failed(message=str(error))
    return Crashed(message=outcome) if outcome == LOST else Completed(message=outcome)


_settings = WorkerSettings()


def _attempt_of(home: Path) -> Task[[], State[None]]:
    """Return the task that runs the trials of one store, as its path is spelt.

    A key for each store lets the server hand a trial only to workers that were told of its store.
    """
    digest = hashlib.blake2s(os.fsencode(home), digest_size=8).hexdigest()
    copy = attempt.with_options()
    copy.task_key = f"{KEY}.{digest}"
    return copy


@dataclass(slots=True)
class TaskWorkerTransport:
    """Brings tickets to task workers, by way of the Prefect server."""

    client: SyncPrefectClient
    attempt: Task[[], State[None]]
    """The task that workers of the batch's store run."""
    home: Path

    @property
    def hint(self) -> str:
        """How workers are started."""
        return f"start some with tunesmith worker --home {shlex.quote(str(self.home))}"

    def capacity(self) -> int:
        """Return how many slots of task workers are free.

        Raises:
            WorkerError: The server does not answer.
        """
        query = {"task_worker_filter": {"task_keys": [self.attempt.task_key]}}
        try:
            return len(self.client.request("POST", "/task_workers/filter", json=query).json())
        except _FAULTS as error:
            raise _server_lost(error) from error

    def submit(self, ticket: Ticket) -> "TaskWorkerSubmission":
        """Have some task worker run a ticket.

        Raises:
            WorkerError: The server does not answer.
        """
        try:
            submission = TaskWorkerSubmission(self.client, self.attempt, ticket)
            submission.send_once()
        except _FAULTS as error:
            raise _server_lost(error) from error
        return submission


@dataclass(slots=True)
class TaskWorkerSubmission:
    """A trial that the Prefect server brings to a task worker.

    The worker tells of its end in the shared folder: the server is asked only now and then, to
    learn of a worker that could not even see the folder.
    """

    client: SyncPrefectClient
    attempt: Task[[], State[None]]
    ticket: Ticket
    runs: list[UUID] = field(default_factory=list)
    """The task runs that bring it, each of which may be forgotten: the server loses one that it
    was about to hand to a worker which died, and a worker may die before it takes the ticket."""
    _asked: float = field(default_factory=time.monotonic)

    def wait(self, timeout_s: float) -> bool:
        """Wait a little and return whether a task run has ended that had the ticket.

        Raises:
            WorkerError: The worker could not run it.
        """
        threading.Event().wait(timeout_s)
        if time.monotonic() - self._asked < LOOK_S:
            return False
        self._asked = time.monotonic()
        with suppress(*_FAULTS):  # a trial that runs does not need the server
            return any(_has_ended(self.client.read_task_run(run).state) for run in self.runs)
        return False

    def cancel(self) -> None:
        """Let no worker take it any more."""
        for run in self.runs:
            with suppress(*_FAULTS):
                if not (self.client.read_task_run(run).state or Scheduled()).is_final():
                    state: State[None] = Cancelled(message="it was not needed any more, or lost")
                    self.client.set_task_run_state(run, state, force=True)

    def send_again(self) -> None:
        """Bring it by one more task run."""
        with suppress(*_FAULTS):  # then the next time
            self.send_once()

    def send_once(self) -> None:
        """Have the server bring it to some worker."""
        ticket = self.ticket
        number, batch = ticket.path.stem.partition("-")[0], short_id(ticket.queue.batch)
        run = self.client.create_task_run(
            self.attempt,
            flow_run_id=None,
            dynamic_key=f"{ticket.path}#{len(self.runs) + 1}",
            name=f"{batch} attempt {int(number):04d}",
            state=Scheduled(state_details=StateDetails(deferred=True)),
        )
        self.runs.append(run.id)


def _has_ended(state: State[Any] | None) -> bool:
    """Return whether a task run had the ticket and has it no more.

    Raises:
        WorkerError: The worker could not run it.
    """
    if state is not None and state.is_failed():
        raise WorkerError(f"a task worker cannot run the trial: {state.message}")
    return state is not None and state.is_final() and state.message != GONE


@contextmanager
def connect(home: Path) -> Iterator[TaskWorkerTransport]:
    """Connect to the Prefect server, to which task workers of a store listen.

    It is asked again soon if its database is in use: what it has queued by then is delivered
    twice, of which one finds the ticket taken, and the longer that takes the more there is.
    """
    with patient_client() as client:
        yield TaskWorkerTransport(client, _attempt_of(home), home)


def serve(*, n_slots: int, settings: WorkerSettings, done: threading.Event) -> None:
    """Run trials that batches send, until ``done`` is set; then give back what runs.

    Args:
        n_slots: How many trials at once.
        settings: What the trials inherit.
        done: Ends it.
    """
    global _settings
    _settings = settings
    asyncio.run(_serve(n_slots, done))


async def _serve(n_slots: int, done: threading.Event) -> None:
    homes = [one for home in _settings.homes or () for one in spellings(home)]
    attempts = [_attempt_of(home) for home in homes]
    async with TaskWorker(*attempts, limit=n_slots) as worker:
        worker.tasks[:] = attempts  # its copies would have Prefect's key, and a cache
        slots = [asyncio.create_task(_serve_slot(worker, number)) for number in range(n_slots)]
        await asyncio.to_thread(done.wait)
        leave()
        for slot in slots:
            slot.cancel()
        await asyncio.gather(*slots, return_exceptions=True)


async def _serve_slot(worker: TaskWorker, number: int) -> None:
    """Run one trial after the other.

    The server hands the next trial to a busy slot as readily as to one that is free. A busy one
    then hangs up, and the server, which has got no answer, hands it to another.
    """
    line = _Line(f"{worker.client_id}-{number}", sorted(worker.task_keys))
    more: asyncio.Future[TaskRun] = asyncio.ensure_future(line.receive())
    try:
        while True:
            run = await more
            await line.accept()
            work = asyncio.ensure_future(worker.execute_task_run(run))
            more = asyncio.ensure_future(line.receive())
            await asyncio.wait((work, more), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await line.hang_up()
                await asyncio.shield(work)
                more = asyncio.ensure_future(line.receive())
    finally:
        more.cancel()
        await line.hang_up()


class _Line(Subscription[TaskRun]):
    """A line to the server on which task runs come in, each to be accepted before it is run.

    Prefect's own accepts a task run as it is read, so that one which is read too early is stuck.
    """

    def __init__(self, client_id: str, keys: Sequence[str]) -> None:
        super().__init__(
            model=TaskRun,
            path="/task_runs/subscriptions/scheduled",
            keys=keys,
            client_id=client_id,
            base_url=PREFECT_API_URL.value(),
        )

    async def receive(self) -> TaskRun:
        """Wait for a task run and return it, connecting first, again and again if need be."""
        while True:
            try:
                await self._ensure_connected()  # type: ignore[no-untyped-call]  # it has no types
                return TaskRun.model_validate_json(await self.websocket.recv())
            except (OSError, WebSocketException):
                await self.hang_up()
                await asyncio.sleep(RECONNECT_S)

    async def accept(self) -> None:
        """Tell the server that the last task run is taken."""
        with suppress(WebSocketException):  # then the server hands it to another worker as well
            await self.websocket.send(json.dumps({"type": "ack"}))

    async def hang_up(self) -> None:
        """Leave the last task run to others; the next call of ``receive`` connects again."""
        websocket: Any = self._websocket  # the base class has no type for it
        self._websocket = None
        if websocket is not None:
            await websocket.close()


def _server_lost(error: BaseException) -> WorkerError:
    return WorkerError(
        f"the Prefect server cannot bring trials to workers ({type(error).__name__}: "
        f"{one_line(str(error))}): see tunesmith server status"
    )
