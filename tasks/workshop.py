"""Where a task finds the batch that it works for.

Tasks take small JSON arguments only (a large one costs seconds), so they name their batch. In the
process that runs the flow it is open already; in any other one it is opened from the store.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.output_log import tail_lines
from tunesmith.executor.workplace import Session, Workplace, open_workplace
from tunesmith.flags.values import Flags
from tunesmith.query.cells import one_line
from tunesmith.ranking import best_of, is_better
from tunesmith.storage.index.run_list import list_runs
from tunesmith.storage.store import Store
from tunesmith.tasks.housekeeping import Housekeeping
from tunesmith.tasks.verdict import Verdict, judge
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, seen_by
from tunesmith.workers.dispatch import WorkerDispatcher, dispatching
from tunesmith.workers.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBatch:
    """A batch at work, and a copy in memory of what the store holds of it.

    The copy saves reading Parquet before every proposal; dropping it changes nothing.
    """

    work: Workplace
    housekeeping: Housekeeping
    dispatcher: WorkerDispatcher | None = None
    """Who runs the trials; None where this process does."""
    records: dict[int, TrialRecord]
    """The latest record of each finished trial, by number."""
    planned: dict[int, PlannedTrial]
    completed_before: tuple[Flags, ...]
    """Points that need not run, since the same script completed with them before."""
    earlier: tuple[TrialRecord, ...] = ()
    """Records of other batches that inform the optimizer (``prev-trials``)."""
    ended: list[TrialRecord] = field(default_factory=list)
    """The trials that ended since the batch was opened, in the order of their ends."""
    verdicts: list[Verdict] = field(default_factory=list)
    """Why the batch ends before its time: at most one."""
    incumbents: list[TrialRecord] = field(default_factory=list)
    """The trials that were the best so far, in the order of their ends; the last one is."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def spec(self) -> BatchSpec:
        """What the batch is to do."""
        return self.work.spec

    @property
    def store(self) -> Store:
        """Where it is kept."""
        return self.work.store

    @property
    def is_stopping(self) -> bool:
        """Whether no trial is to start any more."""
        return self.work.session.stop.is_draining

    @property
    def verdict(self) -> Verdict | None:
        """Why the batch ends before its time; None where it does not."""
        return self.verdicts[0] if self.verdicts else None

    def add_plan(self, planned: list[PlannedTrial]) -> None:
        """Write a proposal to the store, durably, before any of it runs."""
        self.store.put_plan(self.spec.id, planned)
        self.planned.update({one.number: one for one in planned})

    def publish_attempt(self, planned: PlannedTrial) -> TrialRecord | None:
        """Run one attempt of a trial, here or elsewhere; return its record, which the store has.

        None comes back where the batch was stopped before a worker had begun.
        """
        if self.dispatcher is None:
            return publish_attempt(self.work, planned)
        return self.dispatcher.publish_attempt(planned)

    def add_record(self, record: TrialRecord) -> bool:
        """Note a trial that was published, and return whether it is the best so far."""
        with self.lock:
            is_best = self._is_best(record)
            self.records[record.number] = record
            self.ended.append(record)
            # before this trial's thread is free for the next one
            self._judge()
        self.housekeeping.add(record)
        return is_best

    def _judge(self) -> None:
        """Let no new trial start where what has ended shows that more are pointless."""
        if self.is_stopping:
            return
        verdict = judge(self.spec, self.ended, self.records.values(), self._last_line)
        if verdict is not None:
            self.verdicts.append(verdict)
            self.work.session.stop.drain(verdict.reason)
            if self.spec.execution.jobs != 1:  # those that run may take hours
                self.work.session.observer.note(f"no new trials: {verdict.text}")

    def _last_line(self, record: TrialRecord) -> str:
        """Return the last line that a trial printed."""
        lines = tail_lines(self.store.layout.output(record.batch, record.id), 1)
        return one_line(lines[-1]) if lines else ""

    def _is_best(self, record: TrialRecord) -> bool:
        """Return whether a finished trial beats all that came before it, and keep it if so."""
        if not self.incumbents:
            best = best_of(self.spec, self.records.values())
            self.incumbents.extend([] if best is None else [best])
        is_best = is_better(self.spec, record, self.incumbents[-1] if self.incumbents else None)
        if is_best:
            self.incumbents.append(record)
        return is_best

    def is_to_run(self, number: int) -> bool:
        """Return whether a planned trial has not run yet, or is to run again."""
        record = self.records.get(number)
        if record is not None:
            return self._is_to_rerun(record)
        return not self.spec.is_rerun_only

    def waiting(self) -> list[PlannedTrial]:
        """Return the planned trials that are to run, in the order of their numbers."""
        return [self.planned[number] for number in sorted(self.planned) if self.is_to_run(number)]

    def _is_to_rerun(self, record: TrialRecord) -> bool:
        """Return whether this generation runs a finished trial again and has not done so yet."""
        return record.number in self.spec.rerun and record.started < self.spec.restarted


_open: dict[str, OpenBatch] = {}


@contextmanager
def open_batch(
    spec: BatchSpec, store: Store, session: Session, transport: Transport | None = None
) -> Iterator[OpenBatch]:
    """Open a batch for the tasks of this process, and hold its lease meanwhile.

    Args:
        spec: What it is to do.
        store: Where it is kept.
        session: Eyes and brakes.
        transport: What brings its trials to workers; None where this process runs them.

    Raises:
        LeaseHeldError: Another process runs this batch.
    """
    with (
        open_workplace(spec, store, session) as work,
        nullcontext() if transport is None else dispatching(work, transport) as dispatcher,
    ):
        reading = store.records(spec.id)
        for warning in reading.warnings:
            session.observer.note(warning)
        batch = OpenBatch(
            work=work,
            housekeeping=Housekeeping(store=store, batch=spec.id),
            dispatcher=dispatcher,
            records={record.number: record for record in reading.records},
            planned={planned.number: planned for planned in store.plan(spec.id)},
            completed_before=_completed_before(spec, store),
            earlier=_earlier(spec, store),
        )
        _open[spec.id] = batch
        try:
            yield batch
        finally:
            del _open[spec.id]


def _completed_before(spec: BatchSpec, store: Store) -> tuple[Flags, ...]:
    if not spec.is_needed_only:
        return ()
    return tuple(
        run.flags
        for run in list_runs(store).runs
        if run.status is TrialStatus.COMPLETED
        and not run.is_batch
        and run.batch != spec.id
        and run.script == spec.script
        and run.source_digest == spec.source_digest
    )


def _earlier(spec: BatchSpec, store: Store) -> tuple[TrialRecord, ...]:
    """Return the records that ``prev-trials`` lets join, with this batch's objective."""
    reach = spec.optimizer.settings.get("prev-trials", "batch") if spec.optimizer else "batch"
    if reach == "batch":
        return ()
    return tuple(
        seen_by(record, spec.objective)
        for record in store.records().records
        if record.batch != spec.id
        and record.script == spec.script
        and (reach == "operation" or record.source_digest == spec.source_digest)
    )


def find_batch(home: str, batch: str) -> OpenBatch:
    """Return the batch that a task was asked to work for.

    Args:
        home: The store's folder.
        batch: The batch's id.
    """
    if (found := _open.get(batch)) is not None:
        return found
    raise LookupError(f"batch {batch} of {Path(home)} is not open in this process")
