"""The window of a batch: which trials run now, and what follows when one ends."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.utilities.annotations import unmapped

from tunesmith.flags.display import format_flags
from tunesmith.flows.outcome import BatchOutcome
from tunesmith.search.registry import build_optimizer
from tunesmith.tasks.propose import propose
from tunesmith.tasks.trial import trial
from tunesmith.tasks.workshop import OpenBatch
from tunesmith.trial import PlannedTrial, best_trial

CHUNK_PER_JOB = 8
"""Trials that are mapped at once for each job: enough to keep the pool busy, and few enough that
a plan of 100,000 does not flood the server, which drops messages past about 3,300 tasks."""


@dataclass(slots=True)
class _Window:
    """The trials in flight, and the queue that tells when one has ended."""

    batch: OpenBatch
    n_out: int = 0
    n_run: int = 0
    n_tasks: int = 0
    ended: "SimpleQueue[PrefectFuture[Any]]" = field(default_factory=SimpleQueue)

    def submit(self, chunk: list[PlannedTrial]) -> None:
        """Hand a chunk of trials to the pool as one map."""
        spec = self.batch.spec
        futures = trial.map(
            unmapped(spec.home),
            unmapped(spec.id),
            [planned.number for planned in chunk],
            [format_point(self.batch, planned) for planned in chunk],
        )
        self.n_out += len(chunk)
        self.n_tasks += len(chunk)
        for future in futures:
            future.add_done_callback(self._note_end)

    def wait_for_one(self) -> None:
        """Wait until a trial has ended, and count it."""
        future = self.ended.get()
        future.wait()  # without it the state is a stale PENDING from the server
        self.n_out -= 1
        record = future.state.result(raise_on_failure=False)
        if isinstance(record, BaseException):
            raise record  # not the script's failure, which is a record, but ours or the disk's
        if record is not None:  # None was stopped before it started
            self.n_run += 1

    def _note_end(self, future: PrefectFuture[Any]) -> None:
        self.ended.put(future)


def run_trials(batch: OpenBatch, *, is_pool_bounded: bool = True) -> BatchOutcome:
    """Run what is planned and not finished, then propose and run more, up to the batch's total.

    Args:
        batch: The batch.
        is_pool_bounded: Whether the task runner runs no more than ``--jobs`` at once; otherwise
            no more are handed to it.
    """
    began = time.monotonic()
    window = _Window(batch=batch)
    waiting = deque(batch.waiting())
    is_exhausted = False
    stop, jobs = batch.work.session.stop, batch.spec.execution.jobs
    is_sequential = _is_sequential(batch)
    is_one_by_one = is_sequential or not is_pool_bounded
    chunk = 1 if is_one_by_one else CHUNK_PER_JOB * jobs
    most_out = jobs - 1 if is_one_by_one else jobs  # a map goes on before the last one has ended
    while True:
        while not stop.is_draining and window.n_out <= most_out:
            if not waiting and not is_exhausted and _n_left(batch) > 0:
                proposal = _propose(batch, n=1 if is_sequential else _n_left(batch))
                window.n_tasks += 1
                is_exhausted = not proposal
                waiting.extend(proposal)
            if not waiting:
                break
            window.submit([waiting.popleft() for _ in range(min(chunk, len(waiting)))])
        if window.n_out == 0:
            break
        window.wait_for_one()
    return _outcome(batch, window, is_exhausted=is_exhausted, seconds=time.monotonic() - began)


def format_point(batch: OpenBatch, planned: PlannedTrial) -> str:
    """Return the flags in which trials differ, for the name of a task run."""
    text = format_flags(batch.spec.varied(planned.flags))
    return text if len(text) <= 80 else text[:79] + "…"


def _is_sequential(batch: OpenBatch) -> bool:
    optimizer = batch.spec.optimizer
    return (
        optimizer is not None and build_optimizer(optimizer.name, optimizer.settings).is_sequential
    )


def _n_left(batch: OpenBatch) -> int:
    """Return how many trials are still to be proposed."""
    return (batch.spec.n_trials or 0) - len(batch.planned)


def _propose(batch: OpenBatch, *, n: int) -> list[PlannedTrial]:
    spec = batch.spec
    number = max(batch.planned, default=0) + 1  # not the count: a purge leaves gaps
    state: State[Any] = propose(spec.home, spec.id, number, n, return_state=True)
    planned: list[PlannedTrial] = state.result()
    return planned


def _outcome(
    batch: OpenBatch, window: _Window, *, is_exhausted: bool, seconds: float
) -> BatchOutcome:
    stop, spec = batch.work.session.stop, batch.spec
    records = [batch.records[number] for number in sorted(batch.records)]
    end = ""
    if stop.is_draining and (batch.waiting() or _n_left(batch) > 0):
        end = "failures" if batch.has_failed_enough and not stop.is_killing else "stopped"
    elif is_exhausted:
        end = "exhausted"
    return BatchOutcome(
        batch=spec.id,
        end=end,
        reason=stop.reason,
        stopped=time.time(),
        seconds=seconds,
        n_run=window.n_run,
        n_tasks=window.n_tasks + 1,
        counts=Counter(record.status for record in records),
        best=best_trial(records, spec.objective),
    )
