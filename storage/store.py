"""The store: everything that is kept of batches, trials and runs, behind one object."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.batch import BatchSpec
from tunesmith.job_time import JobTime
from tunesmith.processes import Process
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.files import leases, run_directories
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.index import column_list, run_list
from tunesmith.storage.index.column_list import RunColumns
from tunesmith.storage.index.run_list import RunList
from tunesmith.storage.objects import manifest
from tunesmith.storage.objects.json_objects import Warn, ignore
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.object_names import PartName
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.records import (
    batches,
    compaction,
    edits,
    imported_batches,
    plans,
    purging,
    reading,
)
from tunesmith.storage.records.batches import BatchEnd
from tunesmith.storage.records.edits import Edit
from tunesmith.storage.records.imported_batches import Import
from tunesmith.storage.records.part_cache import PartCache
from tunesmith.storage.records.records import encode_part, part_name
from tunesmith.trial import PlannedTrial, TrialRecord, trial_id

if TYPE_CHECKING:
    from tunesmith.storage.files.snapshots import SourceSnapshots


class Store:
    """Batches, trials and runs, read and written; the only way to them from other rooms.

    Reading creates nothing but the index. What was put, published or added survives a kill and the
    loss of power once the call has returned. Methods may be called from several threads and
    processes at once; one process at a time runs a batch, the one that holds its lease. Every
    method may raise ``StoreAccessError`` where the operating system refuses, and
    ``StoreFormatError`` where a later Tunesmith wrote.
    """

    def __init__(self, home: Path, objects: ObjectStore) -> None:
        """Use a store that exists; ``create`` and ``open`` make one of a folder.

        Args:
            home: The store's folder, absolute; leases, run directories, source and index are here.
            objects: What keeps specifications, plans, records, series and edits.
        """
        self.home = home
        self.objects = objects
        self.layout = Layout(home)
        self._part_cache = PartCache()

    @classmethod
    def create(cls, home: Path) -> "Store":
        """Open a store, making it first where there is none."""
        layout = Layout(home.absolute())
        with explained("write to", layout.home):
            layout.make_folders()
            is_new = not layout.manifest.exists()
        if is_new:
            manifest.put_manifest(LocalObjects(layout.home))
        return cls.open(layout.home)

    @classmethod
    def open(cls, home: Path) -> "Store":
        """Open a store that is there.

        Raises:
            StoreAccessError: There is none.
            StoreFormatError: It needs a later Tunesmith.
        """
        objects = LocalObjects(home := home.absolute())
        manifest.check_manifest(objects, home)
        return cls(home, objects)

    def put_batch(self, spec: BatchSpec) -> None:
        """Write the specification of a batch's generation; the same one may be put again.

        Raises:
            LeaseHeldError: Another process has begun this generation.
        """
        batches.put_specification(self.objects, spec)

    def add_generation(self, spec: BatchSpec) -> bool:
        """Write a generation for whoever runs the batch; return False where it is there."""
        return batches.add_generation(self.objects, spec)

    def later(self, spec: BatchSpec) -> BatchSpec | None:
        """Return a batch's latest generation; None where it is the given one."""
        return batches.read_later(self.objects, spec)

    def remove_from_plan(self, batch_id: str, numbers: Collection[int]) -> None:
        """Remove trials that have not started from a batch's plan."""
        plans.remove_from_plan(self.objects, batch_id, numbers)

    def batch(self, batch_id: str) -> BatchSpec:
        """Return the specification of a batch's latest generation.

        Raises:
            NotFoundError: There is no such batch.
            CorruptObjectError: It cannot be read.
        """
        return batches.read_specification(self.objects, batch_id, position=-1)

    def batch_ids(self) -> list[str]:
        """Return the ids of all batches and single runs, from names alone."""
        return batches.batch_ids(self.objects)

    def put_end(
        self,
        batch_id: str,
        *,
        generation: int,
        reason: str,
        stopped: float,
        seconds: float | None = None,
        job_time: JobTime | None = None,
        words: str = "",
    ) -> None:
        """Write how a generation ended, as ``BatchEnd`` has it; its first note counts."""
        end = BatchEnd(generation=generation, reason=reason, stopped=stopped, words=words)
        batches.put_end(self.objects, batch_id, replace(end, seconds=seconds, job_time=job_time))

    def end(self, batch_id: str) -> BatchEnd | None:
        """Return how a batch's latest generation ended; None where that is not known."""
        return (batches.read_ends(self.objects, batch_id) or [None])[-1]

    def job_times(self, batch_id: str) -> list[JobTime | None]:
        """Return what each generation noted of its jobs; None where that is not known."""
        return batches.read_job_times(self.objects, batch_id)

    def imported_from(self, batch_id: str) -> Import | None:
        """Return the archive that a batch, or a part of it, came from; None for none."""
        return imported_batches.read_import(self.objects, batch_id)

    def put_plan(self, batch_id: str, planned: Sequence[PlannedTrial]) -> None:
        """Write a proposal as one object; raise StoreError where a number is planned already."""
        plans.put_plan(self.objects, batch_id, planned)

    def plan(self, batch_id: str, warn: Warn = ignore) -> list[PlannedTrial]:
        """Return a batch's planned trials, ordered; ``warn`` gets a line for a damaged object."""
        return plans.read_plan(self.objects, batch_id, warn)

    def start_trial(self, batch_id: str, number: int, *, attempt: int, started: float) -> Path:
        """Make a trial's run directory, note the start, and return the directory.

        It is empty but for ``.run``, which keeps what earlier attempts left: the files as
        ``files.<attempt>``, the output as ``output.<attempt>``.
        """
        start = run_directories.new_start(number, attempt=attempt, started=started)
        return run_directories.start_trial(self.layout, batch_id, start)

    def start(self, batch_id: str, number: int) -> run_directories.Start | None:
        """Return the start of a trial's latest attempt, or None where it never started."""
        return run_directories.read_start(self.layout, batch_id, number)

    def publish(self, record: TrialRecord, series: Sequence[ScalarSeries]) -> str:
        """Write a finished attempt as one object, and return the object's name.

        The trial is finished once this returns. Publishing an attempt again changes nothing.
        """
        data = encode_part(record, series)
        name = str(part_name(record, data))
        self.objects.put_new(name, data)
        self._part_cache.add(name, record, series)
        return name

    def part_names(self, batch_id: str | None = None) -> list[str]:
        """Return the names of one batch's parts or of all; list them before the segments."""
        return [str(name) for name in reading.part_names(self.objects, batch_id)]

    def segment_names(self, batch_id: str | None = None) -> list[str]:
        """Return the names of one batch's segments or of all; a name means the same for ever."""
        return [str(name) for name in reading.segment_names(self.objects, batch_id)]

    def read_part(self, name: str) -> TrialRecord:
        """Return the record of a part.

        Raises:
            KeyError: There is none of that name, or it vanished meanwhile.
            CorruptObjectError: The bytes are not what was written.
        """
        if (parsed := PartName.from_text(name)) is None:
            raise KeyError(name)
        return reading.read_part(self.objects, parsed)

    def records(self, batch_id: str | None = None) -> reading.Reading:
        """Return one record for each finished trial of one batch or of all.

        Where a restart has named another objective, every trial is seen by that one.
        """
        found = self.recorded(batch_id)
        return replace(found, records=batches.with_named_objectives(self.objects, found.records))

    def recorded(self, batch_id: str | None = None) -> reading.Reading:
        """Return the records as they were written, whatever objective a restart has named."""
        return reading.read_records(self.objects, batch_id)

    def series(self, batch_id: str, number: int) -> list[ScalarSeries]:
        """Return what a trial's latest finished attempt reported, one series a tag.

        Raises:
            CorruptObjectError: The object that holds it is damaged.
        """
        return self.series_of(batch_id, [trial_id(batch_id, number)]).popitem()[1]

    def series_of(self, batch_id: str, trials: Collection[str]) -> dict[str, list[ScalarSeries]]:
        """Return what some trials of a batch reported, by their ids; raise as ``series`` does."""
        return reading.read_all_series(self.objects, batch_id, trials)

    def each_series(
        self, batch_id: str, trials: Collection[str]
    ) -> Iterator[tuple[str, list[ScalarSeries]]]:
        """Yield the ids and the series of trials in any order; those without series are left out.

        It is for more points than fit into memory, and raises as ``series`` does.
        """
        return reading.read_series(self.objects, batch_id, trials)

    def lease(self, batch_id: str) -> AbstractContextManager[None]:
        """Hold a batch's lease to run it; raise LeaseHeldError where another process does."""
        return leases.lease(self.layout.lease(batch_id))

    def hold(self, batch_id: str) -> AbstractContextManager[object]:
        """Hold a batch's lease, raising as ``lease`` does, for a moment: to add to the batch."""
        return leases.held(self.layout.lease(batch_id))

    def is_alive(self, batch_id: str) -> bool:
        """Return whether a process holds a batch's lease."""
        return leases.is_held(self.layout.lease(batch_id))

    def runner_of(self, batch_id: str) -> Process | None:
        """Return the process of this machine that runs a batch; None where none does."""
        return leases.find_holder(self.layout.lease(batch_id))

    def count_parts(self, batch_id: str) -> int:
        """Return how many parts a batch has gathered since it was compacted."""
        return len(reading.part_names(self.objects, batch_id))

    def compact(self, batch_id: str) -> bool:
        """Merge a batch's parts into a segment; return whether that was done.

        Where another process does it, or the disk refuses, the parts are read as before.
        """
        return compaction.try_compact(self.objects, self.layout, batch_id, self._part_cache)

    def compact_abandoned(self) -> list[str]:
        """Compact the batches that ended without it and that nobody runs; return their ids."""
        abandoned = compaction.abandoned_batches(self.objects, self.layout)
        return [batch_id for batch_id in abandoned if self.compact(batch_id)]

    def add_edit(self, edit: Edit) -> None:
        """Write a label, a tag, a deletion or what takes it back."""
        edits.put_edit(self.objects, edit)

    def edits(self, warn: Warn = ignore) -> list[Edit]:
        """Return all edits, in the order in which they apply; ``warn`` is as ``plan`` takes it."""
        return [edit for _, edit in edits.read_edits(self.objects, warn)]

    def purge(self, run_ids: Collection[str]) -> None:
        """Remove runs, and the trials of batches; raise LeaseHeldError where one is being run."""
        purging.purge(self.objects, self.layout, frozenset(run_ids))

    def list_runs(self) -> RunList:
        """Return every run, deleted ones too, newest first."""
        return run_list.list_runs(self.objects, self.layout)

    def list_latest(self, n: int) -> RunList:
        """Return the newest runs that are not deleted, at most n: as quick in a large store."""
        return run_list.list_latest(self.objects, self.layout, n)

    def list_columns(self, fields: Collection[str]) -> RunColumns:
        """Return fields of trials and single runs by column, with id, label, flags and scalars."""
        return column_list.list_columns(self.objects, self.layout, fields)

    def index_records(self, records: Sequence[TrialRecord]) -> None:
        """Put published trials into the index, so that no later list has to read their parts."""
        run_list.index_records(self.objects, self.layout, records)

    @cached_property
    def source(self) -> "SourceSnapshots":
        """The snapshots of the source that trials run."""
        from tunesmith.storage.files.snapshots import SourceSnapshots  # lists are quicker without

        return SourceSnapshots(self.layout)
