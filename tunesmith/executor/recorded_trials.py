"""What is planned and recorded of a batch that runs: a copy in memory of what the store holds."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field

from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.executor.stopping import Limits
from tunesmith.executor.verdict import Verdict
from tunesmith.flags.values import Flags
from tunesmith.ranking import best_after, best_of, is_new_best
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, seen_by


@dataclass(slots=True, kw_only=True)
class RecordedTrials:
    """The trials of one batch. The store has them all: this copy saves reading Parquet again."""

    records: dict[int, TrialRecord] = field(default_factory=dict)
    """The latest record of each finished trial, by number."""
    planned: dict[int, PlannedTrial] = field(default_factory=dict)
    completed_before: tuple[Flags, ...] = ()
    """Points that need not run, since the same script completed with them before."""
    earlier: tuple[TrialRecord, ...] = ()
    """Records of other batches that inform the optimizer (``prev-trials``)."""
    attempts: dict[int, int] = field(default_factory=dict)
    """The number of the latest attempt of each trial that this process has begun."""
    finalists: set[int] = field(default_factory=set)
    """Pruned trials that run to their end after all others."""
    latest: BatchSpec | None = None
    """The generation that took over while the batch runs; None where none did."""
    ended: list[TrialRecord] = field(default_factory=list)
    """The trials that ended since the batch was opened, in the order of their ends."""
    incumbent: TrialRecord | None = None
    """The best trial so far; None where none has the objective."""
    verdict: Verdict | None = None
    """Why the batch ends before its time; None where it does not."""
    limits: Limits | None = None
    """What ends the batch before it has run all trials, though nothing is wrong; None for none."""
    outcome: BatchOutcome | None = None
    """How the batch ended; None while it runs. It is known before Prefect is told of the end."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, spec: BatchSpec, store: Store) -> tuple[str, ...]:
        """Read what the store holds, and return what could not be read, each in a line."""
        reading = store.records(spec.id)
        self.records = {record.number: record for record in reading.records}
        self.planned = {planned.number: planned for planned in store.plan(spec.id)}
        self.incumbent = best_of(spec, self.records.values())
        self.count_limits(spec)
        self.completed_before = _completed_before(spec, store)
        self.earlier = _earlier(spec, store)
        return tuple(reading.warnings)

    def count_limits(self, spec: BatchSpec) -> None:
        """Count the trials so far against the limits of a specification."""
        self.limits = Limits.of(spec)
        if self.limits is not None:
            self.limits.load(self.records.values())

    def add(self, spec: BatchSpec, record: TrialRecord) -> bool:
        """Add a trial that has ended, and return whether it beats all that came before it."""
        self.records[record.number] = record
        self.ended.append(record)
        before = self.incumbent
        self.incumbent = best_after(spec, record, before, self.records.values())
        return is_new_best(self.incumbent, before)

    def is_to_run(self, spec: BatchSpec, number: int) -> bool:
        """Return whether a planned trial has not run yet, or is to run again."""
        record = self.records.get(number)
        if record is None:
            return not spec.is_rerun_only
        if number in self.finalists and record.status is TrialStatus.PRUNED:
            return True
        return record.number in spec.rerun and record.started < spec.restarted

    def waiting(self, spec: BatchSpec) -> list[PlannedTrial]:
        """Return the planned trials that are to run, in the order of their numbers."""
        numbers = sorted(self.planned)
        return [self.planned[number] for number in numbers if self.is_to_run(spec, number)]


def _completed_before(spec: BatchSpec, store: Store) -> tuple[Flags, ...]:
    if not spec.is_needed_only:
        return ()
    known: dict[str, BatchSpec | None] = {}
    return tuple(
        run.flags
        for run in store.list_runs().runs
        if run.status is TrialStatus.COMPLETED
        and not run.is_batch
        and run.batch != spec.id
        and run.script == spec.script
        and run.source_digest == spec.source_digest
        and (other := _batch_of(run.batch, store, known)) is not None
        and _runs_as(other, spec)
        and other.extra_arguments == spec.extra_arguments
    )


def _batch_of(batch: str, store: Store, known: dict[str, BatchSpec | None]) -> BatchSpec | None:
    """Return the specification of a batch, None where it is lost; each is read once."""
    if batch not in known:
        known[batch] = None
        with suppress(TunesmithError):
            known[batch] = store.batch(batch)
    return known[batch]


def _runs_as(one: BatchSpec, other: BatchSpec) -> bool:
    """Return whether two batches run their script in the same way, with the same subcommand."""
    subcommands = one.script_flags.subcommand, other.script_flags.subcommand
    return one.program == other.program and subcommands[0] == subcommands[1]


def _earlier(spec: BatchSpec, store: Store) -> tuple[TrialRecord, ...]:
    """Return the records that ``prev-trials`` lets join, with this batch's objective."""
    reach = spec.optimizer.settings.get("prev-trials", "batch") if spec.optimizer else "batch"
    if reach == "batch":
        return ()
    known: dict[str, BatchSpec | None] = {}
    return tuple(
        seen_by(record, spec.objective)
        for record in store.records().records
        if record.batch != spec.id
        and record.script == spec.script
        and (reach == "operation" or record.source_digest == spec.source_digest)
        and (other := _batch_of(record.batch, store, known)) is not None
        and _runs_as(other, spec)
    )
