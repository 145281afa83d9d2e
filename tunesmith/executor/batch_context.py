"""The context of a running batch: all that its flow, its tasks and its trials share.

Whoever runs a batch makes the context. What Prefect calls finds it by ``current_batch``, since a
flow and a task take small JSON arguments only; Prefect copies the context variables of a flow to
the threads of its tasks.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial
from typing import BinaryIO, Protocol

from tunesmith.batch import BatchSpec
from tunesmith.executor.environment import BATCH_VARIABLE, share_cores
from tunesmith.executor.gpu_slots import GpuClaims, Slots
from tunesmith.executor.housekeeping import Housekeeping
from tunesmith.executor.idle_clock import IdleClock
from tunesmith.executor.interrupts import Interrupts
from tunesmith.executor.observer import Observer, SilentObserver
from tunesmith.executor.output_log import tail_lines
from tunesmith.executor.pause import PauseSwitch
from tunesmith.executor.preload_plan import plan_warm
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.trial_watch import TrialPruning
from tunesmith.executor.verdict import Verdict, judge
from tunesmith.executor.warm_starts import WarmStarts, warm_starts
from tunesmith.query.cells import one_line
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord


class TrialDispatcher(Protocol):
    """Has workers run the trials of a batch. Called from several threads."""

    def publish_attempt(self, planned: PlannedTrial) -> TrialRecord | None:
        """Have a worker run one attempt of a trial; return its record, which the store has.

        None comes back where the batch was stopped before any worker had begun.

        Raises:
            WorkerError: The workers cannot run it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchContext:
    """A batch that runs, or is about to. ``opened`` adds what guards its processes."""

    spec: BatchSpec
    store: Store
    trials: RecordedTrials = field(default_factory=RecordedTrials)
    """What is planned and recorded."""
    stop: StopToken = field(default_factory=StopToken)
    pause: PauseSwitch = field(default_factory=PauseSwitch)
    observer: Observer = field(default_factory=SilentObserver)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """The environment that trials inherit."""
    interrupts: Interrupts | None = None
    """Who receives the signals that ask to stop; None leaves them to the caller."""
    echo: BinaryIO | None = None
    """Where the script's output goes besides the log; for a single run the terminal."""
    dispatch: "Callable[[BatchContext], AbstractContextManager[TrialDispatcher]] | None" = None
    """How workers are reached; None where this process runs the trials."""
    dispatcher: TrialDispatcher | None = None
    """Who has workers run the trials, once the context is open."""
    housekeeping: Housekeeping = field(default_factory=Housekeeping)
    idle: IdleClock = field(default_factory=IdleClock)
    """What counts the time in which jobs have no trial."""
    reaper: Reaper | None = None
    """What ends the trials if this process is killed."""
    slots: Slots = field(default_factory=lambda: Slots(()))
    """The GPUs that trials share."""
    gpu_claims: GpuClaims | None = None
    """Who knows which GPUs other batches use; None where nobody asks."""
    missed_data: dict[str, str] = field(default_factory=dict)
    """Data that a trial has missed, and that the later ones get, as ``BatchSpec.data``."""
    missed_metrics: set[str] = field(default_factory=set)
    """What ``--metrics`` names and a trial did not write, which is noted once."""
    warm: WarmStarts | None = None
    """What chooses how trials are started; None where all are fresh."""
    pruning: TrialPruning | None = None
    """What stops trials early; None where all run to their end."""

    @property
    def latest_spec(self) -> BatchSpec:
        """The specification of the generation that runs by now."""
        return self.trials.latest or self.spec

    @property
    def data(self) -> dict[str, str]:
        """The data of the trials: the digest of what the store keeps, by path."""
        return {**self.spec.data, **self.missed_data}

    def load_trials(self) -> tuple[str, ...]:
        """Read what the store holds, and return what could not be read, each in a line."""
        warnings = self.trials.load(self.spec, self.store)
        if self.pruning is not None and self.trials.records:
            self.pruning.load(self.store, self.trials.records.values())
        self.end_at_limit()
        return warnings

    def add_plan(self, planned: list[PlannedTrial]) -> None:
        """Write a proposal to the store, durably, before any of it runs."""
        self.store.put_plan(self.spec.id, planned)
        self.trials.planned.update({one.number: one for one in planned})

    def add_record(self, record: TrialRecord) -> bool:
        """Note a trial that was published, and return whether it is the best so far."""
        with self.trials.lock:
            is_best = self.trials.add(self.spec, record)
            if self.pruning is not None:
                self.pruning.add(record)
            # before this trial's thread is free for the next one
            self._judge(record)
        self.housekeeping.add(self.store, record)
        return is_best

    def take_over(self, later: BatchSpec) -> "BatchContext":
        """Return the context in which the batch goes on as a later generation says.

        Trials that run go on as they began.

        Args:
            later: The specification, as the store has it.
        """
        spec = later.with_secrets(self.spec.secrets)
        self.trials.latest = spec
        self.observer.changed(spec, (spec.n_trials or 0) - (self.spec.n_trials or 0))
        context = replace(self, spec=spec)
        if spec.stopping != self.spec.stopping:
            with self.trials.lock:
                self.trials.count_limits(spec)
                context.end_at_limit()
        return context

    def end_at_limit(self) -> None:
        """Let no new trial start where the trials so far have reached a limit."""
        limits = self.trials.limits
        if limits is not None and limits.verdict is not None and not self.stop.is_draining:
            self.end_with(limits.verdict)

    def drop_from_plan(self, numbers: Collection[int]) -> None:
        """Take trials off the plan that have not started."""
        self.store.remove_from_plan(self.spec.id, numbers)
        for number in numbers:
            del self.trials.planned[number]

    def waiting(self) -> list[PlannedTrial]:
        """Return the planned trials that are to run, in the order of their numbers."""
        return self.trials.waiting(self.spec)

    def choose_finalists(self) -> list[PlannedTrial]:
        """Return the pruned trials that run to their end, now that all others have ended."""
        if self.pruning is not None:
            self.trials.finalists.update(self.pruning.finalists())
        return self.waiting()

    def end_with(self, verdict: Verdict, *, is_killing: bool = False) -> None:
        """Let no new trial start, and say why.

        Args:
            verdict: Why.
            is_killing: Whether running trials are ended; by default they finish.
        """
        self.trials.verdict = verdict
        (self.stop.kill if is_killing else self.stop.drain)(verdict.reason)
        if self.spec.execution.jobs != 1:  # those that run may take hours
            self.observer.note(f"no new trials: {verdict.text}")

    def _judge(self, record: TrialRecord) -> None:
        """Let no new trial start where what has ended shows that more are pointless."""
        if self.stop.is_draining:
            return
        trials = self.trials
        verdict = judge(self.spec, trials.ended, trials.records.values(), self._last_line)
        if verdict is None and trials.limits is not None:
            verdict = trials.limits.add(record)
        if verdict is not None:
            self.end_with(verdict)

    def _last_line(self, record: TrialRecord) -> str:
        """Return the last line that a trial printed."""
        lines = tail_lines(self.store.layout.output(record.batch, record.id), 1)
        return one_line(lines[-1]) if lines else ""


@contextmanager
def opened(context: BatchContext) -> Iterator[BatchContext]:
    """Hold the batch's lease, its reaper, its warm server and its workers while its trials run.

    Raises:
        LeaseHeldError: Another process runs this batch.
    """
    spec, execution = context.spec, context.spec.execution
    with ExitStack() as guards:
        guards.enter_context(context.store.lease(spec.id))
        reaper = guards.enter_context(Reaper(marker=f"{BATCH_VARIABLE}={spec.id}"))
        warm = guards.enter_context(
            warm_starts(
                spec,
                partial(plan_warm, spec, context.store),
                stop=context.stop,
                observer=context.observer,
                reaper=reaper,
            )
        )
        context = replace(
            context,
            environment=share_cores(context.environment, execution.jobs),
            slots=Slots(
                execution.gpus,
                per_gpu=execution.per_gpu,
                claims=context.gpu_claims,
                stop=context.stop,
            ),
            reaper=reaper,
            warm=warm,
            pruning=_pruning_of(context),
        )
        if context.dispatch is not None:
            dispatcher = guards.enter_context(context.dispatch(context))
            context = replace(context, dispatcher=dispatcher)
        yield context


def _pruning_of(context: BatchContext) -> TrialPruning | None:
    if context.spec.pruning is None:
        return None
    from tunesmith.executor.pruning import batch_pruning  # with the rules, which few batches need

    return batch_pruning(context.spec, context.observer.note)


_current: ContextVar[BatchContext | None] = ContextVar("batch", default=None)


@contextmanager
def entered(context: BatchContext) -> Iterator[BatchContext]:
    """Let the flow and the tasks that are called inside find a context."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def is_current(batch_id: str) -> bool:
    """Return whether the context of a batch is the current one."""
    context = _current.get()
    return context is not None and context.spec.id == batch_id


def current_batch() -> BatchContext:
    """Return the context of the batch that runs here.

    Raises:
        LookupError: None does, as in a process of its own that runs a task.
    """
    context = _current.get()
    if context is None:
        raise LookupError("no batch runs in this thread: its tasks run in threads of its flow")
    return context
