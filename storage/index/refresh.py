"""Bringing the index up to the store: new objects, vanished ones, edits, settled batches."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from tunesmith.errors import NotFoundError, StoreError, TunesmithError
from tunesmith.identity import is_id
from tunesmith.storage.files import leases, run_directories
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.files.run_directories import Start
from tunesmith.storage.index.batch_status import BatchState, Derived, derive
from tunesmith.storage.index.run_index import Patch, RunIndex, SettledBatch
from tunesmith.storage.objects.object_names import PartName, SegmentName
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.records import batches, edits, plans, reading
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.trial import TrialRecord, trial_id

_MAX_ROUNDS = 5
"""How often the objects are listed again where one has vanished while it was read."""


@dataclass(slots=True, kw_only=True)
class Refreshed:
    """What the index does not hold, since it may change at any moment."""

    open: dict[str, Derived] = field(default_factory=dict)
    """The derived rows of batches that are not settled, by the runs' ids."""
    warnings: list[str] = field(default_factory=list)
    """Objects that cannot be read, one line each."""


def refresh(objects: ObjectStore, layout: Layout, index: RunIndex) -> Refreshed:
    """Bring the index up to the store, and derive what it does not hold.

    Args:
        objects: The store's objects.
        layout: Where the store keeps leases and run directories.
        index: The store's index, open.
    """
    return _Refresh(objects, layout, index).run()


def fold_edits(edits: Iterable[Edit]) -> dict[str, Patch]:
    """Return what edits, in their order, say of each run."""
    changes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    deleted: dict[str, bool] = defaultdict(bool)
    for edit in edits:
        for run_id in edit.runs:
            if edit.action in (EditAction.DELETE, EditAction.RESTORE):
                deleted[run_id] = edit.action is EditAction.DELETE
            else:
                changes[run_id].append((str(edit.action), edit.value))
    return {
        run_id: Patch(changes=tuple(changes[run_id]), is_deleted=deleted[run_id])
        for run_id in {*changes, *deleted}
    }


@dataclass(frozen=True, slots=True)
class _Refresh:
    """One comparison of an index with its store."""

    objects: ObjectStore
    layout: Layout
    index: RunIndex
    found: Refreshed = field(default_factory=Refreshed)

    def run(self) -> Refreshed:
        """Bring the index up to date.

        Whether a batch is alive is asked before its objects are listed: if it is dead by then,
        none of its objects can be missed.
        """
        self._refresh_edits()
        names = self.objects.list("batches/")
        specs = {batch_id: _key(its_names) for batch_id, its_names in _by_batch(names)}
        alive = self._alive(specs)
        objects = dict(_by_batch(self._refresh_objects()))
        settled = self.index.settled_keys()  # a batch that has lost an object no longer is
        keys = {
            batch_id: f"{key}:{_key(objects.get(batch_id, ()))}" for batch_id, key in specs.items()
        }
        stale = [batch_id for batch_id, key in settled.items() if keys.get(batch_id) != key]
        if stale:
            self.index.unsettle(stale)
        changed = {one: key for one, key in keys.items() if settled.get(one) != key}
        self._refresh_batches(changed, alive)
        return self.found

    def _alive(self, specs: Mapping[str, str]) -> set[str]:
        """Return the batches that a process runs, of those that may have changed."""
        settled = self.index.settled_keys()
        return {
            batch_id
            for batch_id, key in specs.items()
            if settled.get(batch_id, "").partition(":")[0] != key
            and leases.is_held(self.layout.lease(batch_id))
        }

    def _refresh_edits(self) -> None:
        """Fold all edits again if there are others than before.

        Edits vanish when runs are purged. A purged trial that had not run was in the plan alone,
        which the keys of settled batches do not cover: so then every batch is derived again.
        """
        names, known = set(edits.edit_names(self.objects)), self.index.known_edits()
        if names != known:
            found = edits.read_edits(self.objects)
            self.index.replace_edits(names, fold_edits(edit for _, edit in found))
        if known - names:
            self.index.unsettle(self.index.settled_keys())

    def _refresh_objects(self) -> set[str]:
        """Take in new objects and drop vanished ones; return the names of all there are.

        The known names are read first: an object that another process publishes and indexes
        meanwhile is then not taken for a vanished one. Parts are listed before segments: a part
        that is compacted meanwhile is then in a segment that is listed.
        """
        for _ in range(_MAX_ROUNDS):
            known = self.index.known_objects()
            present: dict[str, PartName | SegmentName] = {}
            for list_names in (reading.part_names, reading.segment_names):
                present |= {str(name): name for name in list_names(self.objects)}
            new = [present[name] for name in sorted(present.keys() - known)]
            records, has_vanished, warnings = _read_objects(self.objects, new)
            if records:
                self.index.upsert_all(records)
            gone = known - present.keys()
            has_lost = bool(gone) and self.index.forget(gone)
            if not has_vanished and not has_lost:
                break
        self.found.warnings += warnings
        return set(present)

    def _refresh_batches(self, keys: Mapping[str, str], alive: Collection[str]) -> None:
        """Derive the rows of batches; keep those of settled batches in the index."""
        recorded_singles = self.index.single_runs() if keys else set()
        settled: dict[str, SettledBatch] = {}
        for batch_id, key in keys.items():
            if batch_id in recorded_singles and batch_id not in alive:
                settled[batch_id] = SettledBatch(key=key)
                continue
            n_warnings = len(self.found.warnings)
            try:
                state = self._read_state(batch_id, is_alive=batch_id in alive)
                derived = derive(state)
            except NotFoundError:  # it was purged since its objects were listed
                continue
            except TunesmithError as error:
                self.found.warnings.append(str(error))
                continue
            if state.is_settled and len(self.found.warnings) == n_warnings:
                rows = tuple((one.moment, one.run) for one in derived)
                settled[batch_id] = SettledBatch(key=key, derived=rows)
            else:
                self.found.open |= {one.run.id: one for one in derived}
        if settled:
            self.index.settle(settled)

    def _read_state(self, batch_id: str, *, is_alive: bool) -> BatchState:
        started = run_directories.started_ids(self.layout, batch_id)

        def start_of(number: int) -> Start | None:
            if trial_id(batch_id, number) not in started:
                return None
            return run_directories.read_start(self.layout, batch_id, number)

        spec = batches.read_specification(self.objects, batch_id, position=-1)
        if spec.objective_named_in:  # by a restart: the objects have what was recorded before it
            self.index.see_by(batch_id, spec.objective)
        return BatchState(
            spec=spec,
            plan=plans.read_plan(self.objects, batch_id, self.found.warnings.append),
            briefs=self.index.briefs(batch_id, has_scalars=bool(spec.subject_to)),
            ends=batches.read_ends(self.objects, batch_id),
            is_alive=is_alive,
            start_of=start_of,
        )


def _by_batch(names: Iterable[str]) -> Iterable[tuple[str, list[str]]]:
    """Return the names of objects by the batch's id within them; other files are left out."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in names:
        batch_id = name.split("/", 2)[1].partition(".")[0]
        if is_id(batch_id):
            grouped[batch_id].append(name)
    return grouped.items()


def _key(names: Iterable[str]) -> str:
    return hashlib.blake2s("\n".join(sorted(names)).encode(), digest_size=12).hexdigest()


def _read_objects(
    objects: ObjectStore, names: Iterable[PartName | SegmentName]
) -> tuple[dict[str, list[TrialRecord]], bool, list[str]]:
    """Return the records of each object, whether an object has vanished, and warnings."""
    records: dict[str, list[TrialRecord]] = {}
    warnings: list[str] = []
    has_vanished = False
    for name in names:
        try:
            if isinstance(name, PartName):
                records[str(name)] = [reading.read_part(objects, name)]
            else:
                records[str(name)] = reading.read_segment(objects, name)
        except KeyError:
            has_vanished = True
        except StoreError as error:
            warnings.append(str(error))
    return records, has_vanished, warnings
