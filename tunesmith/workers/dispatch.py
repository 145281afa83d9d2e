"""Trials that workers run: queued, waited for, and queued again where a worker is lost.

The driver of a batch and its workers share the store's folder, and nothing else is relied on: a
transport only has to bring a ticket's path to some worker, if workers do not look for tickets.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

from tunesmith.errors import StoreAccessError, WorkerError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.trial import PlannedTrial, TrialRecord, short_id, trial_id
from tunesmith.workers.heartbeat import HEARTBEAT_S, STALE_S, StalenessTimer
from tunesmith.workers.reported_points import ReceivedPoints
from tunesmith.workers.task_queue import TaskQueue, open_queue
from tunesmith.workers.tickets import Claim, Ticket
from tunesmith.workers.transport import Submission, Transport

MAX_PAUSE_S = 0.05
"""Seconds between two looks at a trial's claim at most."""
PAUSE_SHARE = 0.05
"""Below that, the part of the time since a trial was queued that passes until the next look."""
POLLS_PER_S = 200.0
"""How many looks a second all trials together cost at most."""
MAX_SENDINGS = 4
"""How often a trial is sent before its losses are not taken for bad luck any more."""
IDLE_NOTE_S = 10.0
"""Seconds without any worker after which the user is told."""


@dataclass(slots=True)
class WorkerDispatcher:
    """The trials of a batch that workers run."""

    work: BatchContext
    transport: Transport
    queue: TaskQueue
    stale_s: float = STALE_S
    idle_note_s: float = IDLE_NOTE_S
    n_running: int = 0
    """Trials that a worker has begun and that are not over."""
    is_idle_noted: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish_attempt(self, planned: PlannedTrial) -> TrialRecord | None:
        """Have a worker run one attempt of a trial; return its record, which the store has.

        None comes back where the batch was stopped before any worker had begun.

        Raises:
            WorkerError: The workers cannot run it, or it was lost again and again.
            StoreError: The store cannot be written or read.
        """
        stop = self.work.stop
        for sending in range(MAX_SENDINGS):
            ticket = self.queue.put_ticket(planned)
            points = self._receive(planned, ticket)
            sent = _Sent(self, planned, ticket, self.transport.submit(ticket), points)
            try:
                record = sent.wait()
            finally:
                ticket.discard()
            if record is not None or stop.is_draining:
                return record
            if sending + 1 < MAX_SENDINGS:
                self.work.observer.note(f"{sent.loss}: trial {planned.number} runs again")
        raise WorkerError(
            f"{sent.loss}, {MAX_SENDINGS} times in a row: see whether it ends its worker, then "
            f"go on with tunesmith run --restart {short_id(self.work.spec.id)}"
        )

    def _receive(self, planned: PlannedTrial, ticket: Ticket) -> ReceivedPoints | None:
        pruning = self.work.pruning
        if pruning is None:
            return None
        return ReceivedPoints(pruning, planned, ticket, self.work.stop.branch())

    def note_taken(self, planned: PlannedTrial) -> None:
        """Tell that a worker has begun a trial."""
        with self.lock:
            self.n_running += 1
            self.is_idle_noted = False
        observer = self.work.observer
        observer.trial_started(planned, trial_id(self.work.spec.id, planned.number))

    def note_over(self) -> None:
        """Note that a trial which a worker had begun is over, however it ended."""
        with self.lock:
            self.n_running -= 1

    def note_idle(self) -> None:
        """Tell, once, that no worker does anything."""
        with self.lock:
            is_to_tell = not self.n_running and not self.is_idle_noted
            self.is_idle_noted = self.is_idle_noted or is_to_tell
        if is_to_tell:
            self.work.observer.note(
                f"no worker has taken a trial for {self.idle_note_s:g} s: {self.transport.hint}"
            )

    def read_record(self, part: str, number: int) -> TrialRecord:
        """Return the record that a worker published.

        Raises:
            WorkerError: It is not in the store that this process sees.
        """
        with suppress(KeyError):
            return self.work.store.read_part(part)
        for record in self.work.store.records(self.work.spec.id).records:  # compacted meanwhile
            if record.number == number and part.rpartition("/")[2].startswith(record.id):
                return record
        raise WorkerError(
            f"trial {number} was run, but {part} is not in {self.work.store.home}: let the "
            "workers share that folder"
        )


@dataclass(slots=True)
class _Sent:
    """One sending of a trial."""

    dispatcher: WorkerDispatcher
    planned: PlannedTrial
    ticket: Ticket
    submission: Submission
    points: ReceivedPoints | None = None
    """What the trial reports, where it may be pruned."""
    loss: str = ""
    """What became of it, for messages, where it was lost."""
    _claim: Claim | None = None
    _staleness: StalenessTimer = field(default_factory=StalenessTimer)
    _began: float = field(default_factory=time.monotonic)

    def wait(self) -> TrialRecord | None:
        """Return the trial's record; None where it was lost, or stopped before its start."""
        try:
            return self._wait()
        finally:
            if self._claim is not None:
                self.dispatcher.note_over()

    def _wait(self) -> TrialRecord | None:
        number = self.planned.number
        while True:
            has_ended = self.submission.wait(self._pause_s())
            claim = self.ticket.read_claim()
            if self.points is not None:
                self.points.look()
            if claim is not None and claim.is_finished:
                if claim.error:
                    raise WorkerError(f"trial {number} on {claim.host}: {claim.error}")
                return self.dispatcher.read_record(claim.part, number)
            if self._is_over(claim, has_ended=has_ended):
                self.submission.cancel()
                return None
            self._note(claim)

    def _is_over(self, claim: Claim | None, *, has_ended: bool) -> bool:
        """Return whether nothing more is to be expected of this sending."""
        if claim is None and self._claim is None and not has_ended:
            return self.dispatcher.work.stop.is_draining and self.ticket.withdraw()
        is_silent = (
            claim is not None and self._staleness.seconds(claim.beat) > self.dispatcher.stale_s
        )
        is_lost = has_ended or claim is None or claim.is_dead or is_silent
        if is_lost:
            host = (claim or self._claim or _NOBODY).host
            self.loss = f"the worker on {host} was lost" if host else "a worker was lost"
        return is_lost

    def _note(self, claim: Claim | None) -> None:
        if claim is None:
            if time.monotonic() - self._began > self.dispatcher.idle_note_s:
                self.dispatcher.note_idle()
        elif self._claim is None and claim.pid:
            self._claim = claim
            self.dispatcher.note_taken(self.planned)

    def _pause_s(self) -> float:
        pause_s = min(MAX_PAUSE_S, PAUSE_SHARE * (time.monotonic() - self._began))
        return max(pause_s, self.dispatcher.work.spec.execution.jobs / POLLS_PER_S)


_NOBODY = Claim(machine="", host="", pid=0)


@contextmanager
def dispatching(
    work: BatchContext,
    transport: Transport,
    *,
    stale_s: float = STALE_S,
    idle_note_s: float = IDLE_NOTE_S,
) -> Iterator[WorkerDispatcher]:
    """Let the trials of a batch be run by workers, which hear of its end and of its stops.

    Args:
        work: The batch.
        transport: What brings trials to the workers.
        stale_s: After how many seconds without a heartbeat a worker counts as lost.
        idle_note_s: After how many seconds without any worker the user is told.

    Raises:
        StoreAccessError: The store cannot be written.
    """
    with open_queue(work.store.layout, work.spec.id) as queue:
        if transport.is_polled:
            queue.open()
        done = threading.Event()
        keeper = threading.Thread(target=_keep, args=(work, queue, done), daemon=True)
        keeper.start()
        try:
            yield WorkerDispatcher(work, transport, queue, stale_s, idle_note_s)
        finally:
            done.set()
            keeper.join()


def _keep(work: BatchContext, queue: TaskQueue, done: threading.Event) -> None:
    """Show the workers that the driver lives, and tell them when they are to stop."""
    stop, told = work.stop, (False, False)
    for number in count(1):
        if done.wait(HEARTBEAT_S):
            return
        queue.beat(number)
        wanted = (stop.is_draining, stop.is_killing)
        if wanted != told:
            with suppress(StoreAccessError):  # the next beat tries again
                queue.ask_to_stop(stop.reason, is_killing=stop.is_killing)
                told = wanted
