"""The window of a batch: which trials run now, and what follows when one ends."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.futures import PrefectConcurrentFuture, PrefectFuture
from prefect.runtime import deployment
from prefect.utilities.annotations import unmapped

from tunesmith.executor.background_imports import importing
from tunesmith.executor.workplace import Session
from tunesmith.flags.display import format_point
from tunesmith.flows.outcome import BatchOutcome
from tunesmith.flows.pause import Gate
from tunesmith.flows.run_monitor import suspend
from tunesmith.ranking import best_of, n_outside, silent_trials
from tunesmith.search.registry import build_optimizer
from tunesmith.tasks.propose import propose
from tunesmith.tasks.report import preload_report
from tunesmith.tasks.trial import trial
from tunesmith.tasks.verdict import judge_end
from tunesmith.tasks.workshop import OpenBatch
from tunesmith.trial import PlannedTrial, TrialStatus

CHUNK_PER_JOB = 8
"""Trials that are mapped at once for each job: enough to keep the pool busy, and few enough that
a plan of 100,000 does not flood the server, which drops messages past about 3,300 tasks."""
PRELOAD_AFTER_S = 0.1
"""Seconds from the first trials, as they are handed over, to the imports for the batch's end."""
HELD_POLL_S = 0.2
"""How often the brakes are looked at while nothing runs: a signal wakes nobody."""


@dataclass(slots=True)
class _Window:
    """The trials in flight and those that wait, and the queue that tells when one has ended."""

    batch: OpenBatch
    gate: Gate
    is_sequential: bool
    """Whether a trial is proposed from the results of those before it, one by one."""
    is_one_by_one: bool
    """Whether no more trials are handed to the pool than run at once."""
    waiting: deque[PlannedTrial]
    out: dict[PrefectFuture[Any], PlannedTrial] = field(default_factory=dict)
    is_exhausted: bool = False
    n_run: int = 0
    n_tasks: int = 0
    ended: "SimpleQueue[PrefectFuture[Any] | None]" = field(default_factory=SimpleQueue)
    """The trials that have ended; None to look at the gate and at the brakes."""

    @property
    def session(self) -> Session:
        """Eyes and brakes."""
        return self.batch.work.session

    @property
    def may_start(self) -> bool:
        """Whether a trial may start now."""
        return not self.session.stop.is_draining and not self.gate.is_closed

    @property
    def is_held(self) -> bool:
        """Whether something is to run as soon as the gate is open again."""
        if not self.gate.is_closed or self.session.stop.is_draining:
            return False
        return bool(self.waiting) or (not self.is_exhausted and _n_left(self.batch) > 0)

    def fill(self) -> None:
        """Hand trials to the pool, up to its width; take them back where the gate is closed."""
        if self.gate.is_closed:
            self._take_back()
        jobs = self.batch.spec.execution.jobs
        most = jobs - 1 if self.is_one_by_one else jobs  # a map goes on before the last has ended
        try:
            while self.may_start and len(self.out) <= most and self._has_waiting():
                self._submit(1 if self.is_one_by_one else CHUNK_PER_JOB * jobs)
        except Pause:  # Prefect starts no task of a flow run that is suspended
            suspend(self.session)

    def wait(self) -> None:
        """Wait until a trial has ended, and count it, or until something is asked for."""
        try:
            future = self.ended.get(timeout=None if self.out else HELD_POLL_S)
        except Empty:
            return
        if future is None or self.out.pop(future, None) is None:  # None was taken back
            return
        try:
            future.wait()  # without it the state is a stale PENDING from the server
        except Pause:  # the store has the trial, if it ran
            suspend(self.session)
            return
        # one that is completed has run; its result would cost as much as all of the rest here
        has_run = future.state.is_completed() or future.state.result(raise_on_failure=False)
        if isinstance(has_run, BaseException):
            raise has_run  # not the script's failure, which is a record, but ours or the disk's
        if has_run:
            self.n_run += 1

    def wake(self) -> None:
        """Have ``wait`` return."""
        self.ended.put(None)

    def _has_waiting(self) -> bool:
        """Return whether a trial waits to be run, having one proposed if none does."""
        n_left = _n_left(self.batch)
        if not self.waiting and not self.is_exhausted and n_left > 0:
            proposal = _propose(self.batch, n=1 if self.is_sequential else n_left)
            self.n_tasks += 1
            self.is_exhausted = not proposal
            self.waiting.extend(proposal)
        return bool(self.waiting)

    def _submit(self, n: int) -> None:
        """Hand the next trials, up to some number, to the pool as one map."""
        chunk = [self.waiting.popleft() for _ in range(min(n, len(self.waiting)))]
        spec = self.batch.spec
        futures = trial.map(
            unmapped(spec.home),
            unmapped(spec.id),
            [planned.number for planned in chunk],
            [point_of(self.batch, planned) for planned in chunk],
        )
        self.n_tasks += len(chunk)
        self.out.update(zip(futures, chunk, strict=True))
        for future in futures:
            future.add_done_callback(self.ended.put)

    def _take_back(self) -> None:
        """Let the trials wait again that are with the pool and that no thread has begun."""
        begun = {
            future: planned
            for future, planned in self.out.items()
            if not (isinstance(future, PrefectConcurrentFuture) and future.wrapped_future.cancel())
        }
        taken = [planned for future, planned in self.out.items() if future not in begun]
        self.waiting.extendleft(reversed(taken))
        self.n_tasks -= len(taken)
        self.out = begun


def run_trials(batch: OpenBatch, gate: Gate, *, is_pool_bounded: bool = True) -> BatchOutcome:
    """Run what is planned and not finished, then propose and run more, up to the batch's total.

    Args:
        batch: The batch.
        gate: Closed while no trial may start.
        is_pool_bounded: Whether the task runner runs no more than ``--jobs`` at once; otherwise
            no more are handed to it.
    """
    began = time.monotonic()
    is_sequential = _is_sequential(batch)
    window = _Window(
        batch=batch,
        gate=gate,
        is_sequential=is_sequential,
        is_one_by_one=is_sequential or not is_pool_bounded or _may_be_suspended(),
        waiting=deque(batch.waiting()),
    )
    gate.on_change(window.wake)
    window.fill()
    with importing(preload_report, after_s=PRELOAD_AFTER_S):
        while window.out or window.is_held:
            window.wait()
            window.fill()
    return _outcome(batch, window, seconds=time.monotonic() - began)


def point_of(batch: OpenBatch, planned: PlannedTrial) -> str:
    """Return the flags in which trials differ, for the name of a task run."""
    text = format_point(batch.spec.varied(planned.flags))
    return text if len(text) <= 80 else text[:79] + "…"


def _may_be_suspended() -> bool:
    """Return whether Prefect may break off a map halfway: within a flow that a worker runs.

    The trials that were handed over by then would be known to nobody.
    """
    context = FlowRunContext.get()
    run = None if context is None else context.flow_run
    return run is not None and run.parent_task_run_id is not None and deployment.id is not None


def _is_sequential(batch: OpenBatch) -> bool:
    optimizer = batch.spec.optimizer
    return (
        optimizer is not None and build_optimizer(optimizer.name, optimizer.settings).is_sequential
    )


def _n_left(batch: OpenBatch) -> int:
    """Return how many trials are still to be proposed."""
    if batch.spec.is_rerun_only:
        return 0
    return (batch.spec.n_trials or 0) - len(batch.planned)


def _propose(batch: OpenBatch, *, n: int) -> list[PlannedTrial]:
    spec = batch.spec
    number = max(batch.planned, default=0) + 1  # not the count: a purge leaves gaps
    state: State[Any] = propose(spec.home, spec.id, number, n, return_state=True)
    planned: list[PlannedTrial] = state.result()
    return planned


def _outcome(batch: OpenBatch, window: _Window, *, seconds: float) -> BatchOutcome:
    spec = batch.spec
    records = [batch.records[number] for number in sorted(batch.records)]
    end, reason = _end(batch, window)
    return BatchOutcome(
        batch=spec.id,
        end=end,
        reason=reason,
        stopped=time.time(),
        seconds=seconds,
        n_run=window.n_run,
        n_failed=sum(record.status is not TrialStatus.COMPLETED for record in batch.ended),
        n_tasks=window.n_tasks + 1,
        counts=Counter(record.status for record in records),
        best=best_of(spec, records),
        n_outside=n_outside(spec, records),
        silent=next(iter(silent_trials(records)), None),
    )


def _end(batch: OpenBatch, window: _Window) -> tuple[str, str]:
    """Return how a batch ended, and why where it was before its time or for nothing."""
    stop = batch.work.session.stop
    verdict = batch.verdict or judge_end(batch.spec, batch.records.values())
    is_short = stop.is_killing or bool(batch.waiting()) or _n_left(batch) > 0
    if is_short and stop.is_draining and (batch.verdict is None or stop.is_killing):
        return "stopped", stop.reason
    if verdict is not None:
        return verdict.end, verdict.text
    return ("exhausted" if window.is_exhausted else ""), stop.reason
