"""The store: everything that is kept of batches, trials and runs, behind one object."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.errors import CorruptObjectError, NotFoundError, StoreAccessError
from tunesmith.objective import Objective
from tunesmith.processes import Process
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.files import leases, run_directories
from tunesmith.storage.files.layout import FOLDERS, Layout
from tunesmith.storage.files.run_directories import Start
from tunesmith.storage.objects import manifest
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.object_names import PartName, SegmentName, checked_id
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.records import batches, compaction, edits, plans, purging, reading
from tunesmith.storage.records.batches import BatchEnd
from tunesmith.storage.records.edits import Edit
from tunesmith.storage.records.part_cache import PartCache
from tunesmith.storage.records.reading import Reading
from tunesmith.storage.records.records import encode_part, part_name
from tunesmith.trial import PlannedTrial, TrialRecord, seen_by, trial_id

Warn = Callable[[str], None]
"""Is told, in one line, of an object that is damaged and left out."""


def _settled(series: ScalarSeries) -> ScalarSeries:
    """Return a series that nobody can change."""
    steps, values, times = tuple(series.steps), tuple(series.values), tuple(series.times)
    return ScalarSeries(tag=series.tag, steps=steps, values=values, times=times)


def _ignore(_: str) -> None:
    """Take no notice."""


class Store:
    """A store's truth, read and written.

    Reading creates nothing. What was put, published or added survives a kill and the loss of power
    once the call has returned. Methods may be called from several threads and processes at once;
    one process at a time runs a batch, the one that holds its lease. Every method may raise
    ``StoreAccessError`` where the operating system refuses, and ``StoreFormatError`` where a
    later Tunesmith wrote.
    """

    def __init__(self, home: Path, objects: ObjectStore) -> None:
        self.home = home
        """The store's folder, absolute."""
        self.objects = objects
        """The truth."""
        self.layout = Layout(home)
        """Where everything lies."""
        self._part_cache = PartCache()

    @classmethod
    def create(cls, home: Path) -> "Store":
        """Open a store, making it first where there is none."""
        home = home.absolute()
        with explained("write to", home):
            for folder in (home, *(home / name for name in FOLDERS)):
                if not folder.is_dir():
                    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_new = not Layout(home).manifest.exists()
        objects = LocalObjects(home)
        if is_new:
            objects.put_new(".gitignore", b"*\n")
            manifest.put_manifest(objects)
        return cls.open(home)

    @classmethod
    def open(cls, home: Path) -> "Store":
        """Open a store that is there.

        Raises:
            StoreAccessError: There is none.
            StoreFormatError: It needs a later Tunesmith.
        """
        home = home.absolute()
        objects = LocalObjects(home)
        manifest.check_manifest(objects, home)
        return cls(home, objects)

    def put_batch(self, spec: BatchSpec) -> None:
        """Write the specification of a batch's generation; the same one may be put again.

        Raises:
            LeaseHeldError: Another process has begun this generation.
        """
        batches.put_specification(self.objects, spec)

    def batch(self, batch_id: str) -> BatchSpec:
        """Return the specification of a batch's latest generation, with this store's home.

        Raises:
            NotFoundError: There is no such batch.
            CorruptObjectError: It cannot be read.
        """
        return batches.read_specification(self.objects, batch_id, position=-1, home=self.home)

    def first_batch(self, batch_id: str) -> BatchSpec:
        """Return the specification of a batch's first generation; raise as ``batch`` does."""
        return batches.read_specification(self.objects, batch_id, position=0, home=self.home)

    def batch_ids(self) -> list[str]:
        """Return the ids of all batches and single runs, from names alone."""
        return batches.batch_ids(self.objects)

    def batch_generation_names(self, batch_id: str) -> list[str]:
        """Return the names of a batch's specifications, in the order of the generations."""
        return batches.specification_names(self.objects, batch_id)

    def put_end(
        self,
        batch_id: str,
        *,
        generation: int,
        reason: str,
        stopped: float,
        seconds: float | None = None,
    ) -> None:
        """Write how a generation ended; the first note of a generation counts.

        Args:
            batch_id: The batch's id.
            generation: Counts from 0.
            reason: Empty where all its trials ran, else as ``BatchEnd`` has it.
            stopped: Seconds since 1970, UTC.
            seconds: How long it ran, by a clock that is never set; None where nobody knows.
        """
        end = BatchEnd(generation=generation, reason=reason, stopped=stopped, seconds=seconds)
        batches.put_end(self.objects, batch_id, end)

    def end(self, batch_id: str) -> BatchEnd | None:
        """Return how a batch's latest generation ended, or None where nothing says so.

        Raises:
            CorruptObjectError: The note is damaged.
        """
        return batches.read_end(self.objects, batch_id)

    def ends(self, batch_id: str) -> list[BatchEnd | None]:
        """Return how each of a batch's generations ended, None where nothing says so.

        Raises:
            CorruptObjectError: A note is damaged.
        """
        return batches.read_ends(self.objects, batch_id)

    def put_plan(self, batch_id: str, planned: Sequence[PlannedTrial]) -> None:
        """Write a proposal as one object, before any of it runs.

        Raises:
            StoreError: One of the numbers is planned already.
        """
        plans.put_plan(self.objects, batch_id, planned)

    def plan(self, batch_id: str, warn: Warn = _ignore) -> list[PlannedTrial]:
        """Return a batch's planned trials, in the order of their numbers."""
        return plans.read_plan(self.objects, batch_id, warn)

    def start_trial(self, batch_id: str, number: int, *, attempt: int, started: float) -> Path:
        """Make a trial's working directory, note the start, and return the directory.

        It is empty but for ``.run``, where everything of earlier attempts is kept: the files as
        ``files.<attempt>``, the output as ``output.<attempt>``.
        """
        start = run_directories.this_start(number, attempt=attempt, started=started)
        return run_directories.start_trial(self.layout, batch_id, start)

    def start(self, batch_id: str, number: int) -> Start | None:
        """Return the start of a trial's latest attempt, or None where it never started."""
        path = self.layout.started(batch_id, trial_id(batch_id, number))
        return run_directories.read_start(path, number=number)

    def starts(self, batch_id: str) -> dict[int, Start]:
        """Return the latest start of each trial of a batch that ever started, by number."""
        return run_directories.read_starts(self.layout, batch_id)

    def publish(self, record: TrialRecord, series: Sequence[ScalarSeries]) -> str:
        """Write a finished attempt as one object, and return the object's name.

        The trial is finished once this returns. Publishing the same attempt again changes nothing.
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

    def read_segment(self, name: str) -> list[TrialRecord]:
        """Return the records of a segment; raise as ``read_part`` does."""
        if (parsed := SegmentName.from_text(name)) is None:
            raise KeyError(name)
        return reading.read_segment(self.objects, parsed)

    def records(self, batch_id: str | None = None) -> Reading:
        """Return one record for each finished trial of one batch or of all.

        Where a restart has named another objective, every trial is seen by that one.
        """
        found = self.recorded(batch_id)
        return replace(found, records=self._as_named(found.records))

    def recorded(self, batch_id: str | None = None) -> Reading:
        """Return the records as they were written, whatever objective a restart has named."""
        return reading.read_records(self.objects, batch_id)

    def _as_named(self, records: Sequence[TrialRecord]) -> tuple[TrialRecord, ...]:
        named = {
            batch_id: self._named_since(batch_id) for batch_id in {one.batch for one in records}
        }
        return tuple(
            record if (objective := named[record.batch]) is None else seen_by(record, objective)
            for record in records
        )

    def _named_since(self, batch_id: str) -> Objective | None:
        """Return the objective that a restart of a batch has named; None where none has."""
        if len(self.batch_generation_names(batch_id)) < 2:
            return None
        try:
            spec = self.batch(batch_id)
        except (NotFoundError, CorruptObjectError):  # its trials are as they were recorded
            return None
        return spec.objective if spec.objective_named_in else None

    def series(self, batch_id: str, number: int) -> list[ScalarSeries]:
        """Return what a trial's latest finished attempt reported; none where nothing.

        Raises:
            CorruptObjectError: The object that holds it is damaged.
        """
        return self.series_of(batch_id, [trial_id(batch_id, number)]).popitem()[1]

    def series_of(self, batch_id: str, trials: Collection[str]) -> dict[str, list[ScalarSeries]]:
        """Return what some trials of a batch reported, by their ids; raise as ``series`` does."""
        found: dict[str, list[ScalarSeries]] = {trial: [] for trial in trials}
        for trial, series in self.each_series(batch_id, trials):
            found[trial] = [_settled(one) for one in series]
        return found

    def each_series(
        self, batch_id: str, trials: Collection[str]
    ) -> Iterator[tuple[str, list[ScalarSeries]]]:
        """Yield what some trials of a batch reported, with their ids, one after another.

        It is for batches whose points do not fit the memory. Trials that reported nothing are not
        among them, and the order is the store's; it raises as ``series`` does.
        """
        return reading.read_series(self.objects, batch_id, trials)

    def lease(self, batch_id: str) -> AbstractContextManager[None]:
        """Hold a batch's lease: whoever runs the batch does, and nobody else.

        Raises:
            LeaseHeldError: Another process holds it, on entering.
        """
        return leases.lease(self.layout.lease(checked_id(batch_id)))

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
        """Turn a batch's parts into a segment; return whether that was done.

        It is housekeeping: where another process is at it, or the disk refuses, the parts stay and
        are read as before.
        """
        try:
            with leases.try_lock(self.layout.compaction_lock(batch_id)) as is_ours:
                if is_ours:
                    compaction.compact(self.objects, batch_id, self._part_cache)
                return is_ours
        except StoreAccessError:
            return False

    def compact_abandoned(self) -> list[str]:
        """Compact what batches left that nobody runs any more; return their ids.

        A single run's one part stays: a segment of one row is no quicker to read.
        """
        left = {
            name.batch_id
            for name in reading.part_names(self.objects)
            if name.trial != name.batch_id
        }
        left |= reading.unclean_batches(self.objects)
        return [
            batch_id
            for batch_id in sorted(left)
            if not self.is_alive(batch_id) and self.compact(batch_id)
        ]

    def quarantine(self, name: str) -> None:
        """Move a damaged object into ``quarantine/``."""
        compaction.quarantine(self.objects, name)

    def add_edit(self, edit: Edit) -> None:
        """Write a label, a tag, a deletion or what takes it back."""
        edits.put_edit(self.objects, edit)

    def edits(self, warn: Warn = _ignore) -> list[Edit]:
        """Return all edits, in the order in which they apply."""
        return [edit for _, edit in edits.read_edits(self.objects, warn)]

    def edit_names(self) -> list[str]:
        """Return the names of all edits; a name means the same for ever."""
        return edits.edit_names(self.objects)

    def purge(self, run_ids: Collection[str]) -> None:
        """Remove runs for good; a batch takes its trials with it, an unknown id nothing.

        Raises:
            LeaseHeldError: One of them is being run; then nothing is removed.
        """
        purging.purge(self.objects, self.layout, frozenset(run_ids))
