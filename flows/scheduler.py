"""The scheduler of a batch: which trials run now, and what happens when one ends."""

import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from prefect.exceptions import Pause
from prefect.futures import PrefectConcurrentFuture, PrefectFuture
from prefect.runtime import deployment
from prefect.task_runners import ThreadPoolTaskRunner

from tunesmith.batch import BatchSpec
from tunesmith.executor.background_imports import importing
from tunesmith.executor.batch_context import BatchContext, entered
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.executor.sitting import ending_in_time, n_left, outcome_of
from tunesmith.executor.stopping import too_late
from tunesmith.flags.display import format_point
from tunesmith.flows.prefect_api import current_run, data_of
from tunesmith.flows.run_monitor import suspend
from tunesmith.flows.taking_over import find_later, is_outdated, note_changes
from tunesmith.search.first import left_to_try
from tunesmith.search.registry import is_sequential
from tunesmith.tasks.propose import propose
from tunesmith.tasks.report import preload_report
from tunesmith.tasks.trial import trial
from tunesmith.trial import PlannedTrial

CHUNK_PER_JOB = 8
"""Trials that are mapped at once for each job: enough to keep the pool busy, and so few that a
plan of 100,000 does not flood the server, which drops messages beyond some 3,300 tasks."""
PRELOAD_AFTER_S = 0.1
"""Seconds from the submission of the first trials to the imports for the batch's end."""
LOOK_S = 1.0
"""Seconds between two looks, at most, whether somebody has changed the batch."""
PAUSED_POLL_S = 0.2
"""Seconds between two reads of the stop token while nothing runs: a signal wakes no thread."""


@dataclass(slots=True)
class _Scheduler:
    """The submitted and the waiting trials of a batch, and the queue of those that have ended."""

    context: BatchContext
    is_sequential: bool
    """Whether a trial is proposed from the results of those before it, one by one."""
    is_pool_bounded: bool
    """Whether the flow's task runner runs no more at once than ``--jobs`` said at first."""
    is_one_by_one: bool
    """Whether no more trials are submitted than run at once."""
    waiting: deque[PlannedTrial]
    submitted: dict[PrefectFuture[Any], PlannedTrial] = field(default_factory=dict)
    is_exhausted: bool = False
    began: float = field(default_factory=time.monotonic)
    """When the batch began, in seconds of the monotonic clock."""
    ran: set[int] = field(default_factory=set)
    """The numbers of the trials that have run."""
    n_tasks: int = 0
    pool: ThreadPoolTaskRunner[Any] | None = None
    """What runs the trials where the flow's own pool has another size; None for that one."""
    guards: ExitStack = field(default_factory=ExitStack)
    """What is entered when a later generation takes over."""
    ended: "SimpleQueue[PrefectFuture[Any] | None]" = field(default_factory=SimpleQueue)
    """The trials that have ended; None to read the pause switch and the stop token."""

    @property
    def may_start(self) -> bool:
        """Whether a trial may start now."""
        return not self.context.stop.is_draining and not self.context.pause.is_paused

    @property
    def is_paused(self) -> bool:
        """Whether something is to run as soon as the batch is resumed."""
        if not self.context.pause.is_paused or self.context.stop.is_draining:
            return False
        return bool(self.waiting) or (not self.is_exhausted and n_left(self.context) > 0)

    @property
    def n_free(self) -> int:
        """How many jobs have no trial."""
        return max(0, self.context.spec.execution.jobs - len(self.submitted))

    def fill(self) -> None:
        """Submit trials, as many as the pool takes; withdraw them in a pause."""
        self._look_for_later()
        if self.context.pause.is_paused:
            self._withdraw()
        jobs = self.context.spec.execution.jobs
        most = jobs - 1 if self.is_one_by_one else jobs  # the next map comes before the last end
        try:
            while self._may_submit(most):
                self._submit(1 if self.is_one_by_one else CHUNK_PER_JOB * jobs)
        except Pause:  # Prefect starts no task of a suspended flow run
            suspend(self.context)

    def _may_submit(self, most: int) -> bool:
        """Return whether a trial waits that may start now.

        Args:
            most: How many trials may have been submitted before.
        """
        if not self.may_start or len(self.submitted) > most:
            return False
        return self._is_in_time() and self._has_waiting()

    def _is_in_time(self) -> bool:
        """Return whether a trial is expected to end in time; after the first that is not, none."""
        stopping = self.context.spec.stopping
        if stopping is None or stopping.max_time is None:
            return True
        has_more = self.waiting or (not self.is_exhausted and n_left(self.context) > 0)
        elapsed = time.monotonic() - self.began
        trials = list(self.context.trials.records.values())
        verdict = too_late(stopping.max_time, trials, elapsed=elapsed) if has_more else None
        if verdict is not None:
            self.context.end_with(verdict)
        return verdict is None

    def wait(self) -> None:
        """Wait until a trial has ended, and count it, or until ``wake`` is called."""
        asked, is_paused = time.monotonic(), self.is_paused
        try:
            future = self.ended.get(timeout=LOOK_S if self.submitted else PAUSED_POLL_S)
        except Empty:
            future = None
        if is_paused:
            self.context.idle.add_waiting(time.monotonic() - asked, jobs=self.n_free)
        planned = None if future is None else self.submitted.pop(future, None)
        if future is None or planned is None:  # it was withdrawn
            return
        try:
            future.wait()  # otherwise the state is a stale PENDING from the server
        except Pause:  # the store has the trial, if it ran
            suspend(self.context)
            return
        # a completed one has run; to fetch its result would cost as much as all the rest here
        has_run = future.state.is_completed() or data_of(future.state)
        if isinstance(has_run, BaseException):
            raise has_run  # not the script's failure, which is a record, but ours or the disk's
        if has_run:
            self.ran.add(planned.number)

    def wake(self) -> None:
        """Make ``wait`` return."""
        self.ended.put(None)

    def _has_waiting(self) -> bool:
        """Return whether a trial waits; propose one if none does."""
        n_open = n_left(self.context)
        if not self.waiting and not self.is_exhausted and n_open > 0:
            with self.context.idle.proposing(self.n_free):
                proposal = _propose(self.context, n=1 if self.is_sequential else n_open)
            self.n_tasks += 1
            self.is_exhausted = not proposal
            self.waiting.extend(proposal)
        if not self.waiting and not self.submitted and (self.is_exhausted or n_open <= 0):
            self.waiting.extend(self.context.choose_finalists())
        return bool(self.waiting)

    def _submit(self, n: int) -> None:
        """Submit the next trials, at most some number, as one map."""
        chunk = [self.waiting.popleft() for _ in range(min(n, len(self.waiting)))]
        numbers = [planned.number for planned in chunk]
        points = [point_of(self.context.spec, planned) for planned in chunk]
        futures: list[PrefectFuture[Any]]
        if self.pool is None:
            futures = [*trial.map(numbers, points)]
        else:
            futures = [*self.pool.map(trial, {"number": numbers, "point": points})]
        self.n_tasks += len(chunk)
        self.submitted.update(zip(futures, chunk, strict=True))
        for future in futures:
            future.add_done_callback(self.ended.put)

    def _look_for_later(self) -> None:
        """Go on as a later generation says, where somebody has written one meanwhile.

        Trials that run go on as they began. Proposals that have not started, and that the later
        generation would not make, are made again.
        """
        before = self.context.spec
        later = find_later(self.context.store, before)
        if later is None:
            return
        self._withdraw()
        note_changes(self.context, later, seconds=time.monotonic() - self.began)
        self.context = self.context.take_over(later)
        self.guards.enter_context(entered(self.context))
        self.is_exhausted = False
        outdated = {one.number for one in self.waiting if is_outdated(self.context, before, one)}
        self.context.drop_from_plan(outdated)
        self.waiting = deque(one for one in self.waiting if one.number not in outdated)
        if later.execution.jobs != before.execution.jobs:
            self._resize(later.execution.jobs)
        self.plan_asked()

    def _resize(self, jobs: int) -> None:
        """Run another number of trials at once from now on."""
        if self.is_pool_bounded:
            self.pool = self.guards.enter_context(ThreadPoolTaskRunner(max_workers=jobs))
        self.is_one_by_one = True

    def plan_asked(self) -> None:
        """Plan the trials that were asked for before those that wait."""
        planned = self.context.trials.planned
        n_asked = len(left_to_try(self.context.spec.first, list(planned.values())))
        n = min(n_asked, n_left(self.context))
        if n > 0 and self.waiting:
            self.n_tasks += 1
            self.waiting.extendleft(reversed(_propose(self.context, n=n)))

    def _withdraw(self) -> None:
        """Let the submitted trials wait again that no thread has begun."""
        begun = {
            future: planned
            for future, planned in self.submitted.items()
            if not (isinstance(future, PrefectConcurrentFuture) and future.wrapped_future.cancel())
        }
        withdrawn = [one for future, one in self.submitted.items() if future not in begun]
        self.waiting.extendleft(reversed(withdrawn))
        self.n_tasks -= len(withdrawn)
        self.submitted = begun


def run_trials(context: BatchContext, *, is_pool_bounded: bool) -> BatchOutcome:
    """Run the planned trials that have not finished, then propose and run more up to the total.

    Args:
        context: The batch, opened.
        is_pool_bounded: Whether the task runner runs no more than ``--jobs`` at once; otherwise
            no more are submitted.
    """
    repeats = context.spec.repeats
    is_one_at_a_time = is_sequential(context.spec.optimizer) or (
        repeats is not None and repeats.is_auto
    )
    stopping = context.spec.stopping
    max_time = None if stopping is None else stopping.max_time
    scheduler = _Scheduler(
        context=context,
        is_sequential=is_one_at_a_time,
        is_pool_bounded=is_pool_bounded,
        is_one_by_one=is_one_at_a_time
        or not is_pool_bounded
        or max_time is not None
        or _may_be_suspended(),
        waiting=deque(context.waiting()),
    )
    context.pause.on_change(scheduler.wake)
    preloading = importing(preload_report, after_s=PRELOAD_AFTER_S)
    with scheduler.guards:
        if scheduler.may_start:
            scheduler.plan_asked()  # what was queued while nothing ran, or just before a kill
        scheduler.fill()
        with preloading, ending_in_time(context, max_time):
            while scheduler.submitted or scheduler.is_paused:
                scheduler.wait()
                scheduler.fill()
    return outcome_of(
        scheduler.context,
        ran=scheduler.ran,
        n_tasks=scheduler.n_tasks,
        is_exhausted=scheduler.is_exhausted,
        seconds=time.monotonic() - scheduler.began,
    )


def point_of(spec: BatchSpec, planned: PlannedTrial) -> str:
    """Return the flags in which trials differ, for the name of a task run."""
    text = format_point(spec.varied(planned.flags))
    return text if len(text) <= 80 else text[:79] + "…"


def _may_be_suspended() -> bool:
    """Return whether Prefect may interrupt a map: within a flow that a worker runs.

    Nobody would wait for the trials that were submitted by then.
    """
    run = current_run()
    return run is not None and run.parent_task_run_id is not None and deployment.id is not None


def _propose(context: BatchContext, *, n: int) -> list[PlannedTrial]:
    planned = context.trials.planned
    number = max(planned, default=0) + 1  # not the count: a purge leaves gaps
    proposed = data_of(propose(number, n, return_state=True))
    if isinstance(proposed, BaseException):
        raise proposed
    return [planned[one] for one in proposed]
