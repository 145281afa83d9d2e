"""Bringing the index up to the store: new objects, vanished ones, edits, settled batches."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from tunesmith.errors import NotFoundError, StoreError, TunesmithError
from tunesmith.storage.files.run_directories import Start
from tunesmith.storage.index.batch_status import BatchState, Derived, derive
from tunesmith.storage.index.run_index import Patch, RunIndex, SettledBatch
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, trial_id

_ID_LENGTH = 32

_MAX_ROUNDS = 5
"""How often the objects are listed again where one has vanished while it was read."""


@dataclass(slots=True, kw_only=True)
class Refreshed:
    """What the index does not hold, since it may change at any moment."""

    open: dict[str, Derived] = field(default_factory=dict)
    """The derived rows of batches that are not settled, by the runs' ids."""
    warnings: list[str] = field(default_factory=list)


def refresh(store: Store, index: RunIndex) -> Refreshed:
    """Bring the index up to the store, and derive the rest.

    Whether a batch lives is asked before its objects are listed: of one that is dead by then,
    nothing can be missed.
    """
    _refresh_edits(store, index)
    specs = {
        batch_id: _key(names) for batch_id, names in _by_batch(store.objects.list("batches/"))
    }
    settled = index.settled_keys()
    alive = {
        batch_id
        for batch_id, key in specs.items()
        if settled.get(batch_id, "").partition(":")[0] != key and store.is_alive(batch_id)
    }
    refreshed = Refreshed()
    objects = dict(_by_batch(_refresh_objects(store, index, refreshed.warnings)))
    settled = index.settled_keys()  # again: a batch that has lost an object is settled no more
    keys = {
        batch_id: f"{key}:{_key(objects.get(batch_id, ()))}" for batch_id, key in specs.items()
    }
    stale = [batch_id for batch_id, key in settled.items() if keys.get(batch_id) != key]
    if stale:
        index.unsettle(stale)
    _refresh_batches(
        store,
        index,
        {batch_id: key for batch_id, key in keys.items() if settled.get(batch_id) != key},
        alive=alive,
        into=refreshed,
    )
    return refreshed


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


def _by_batch(names: Iterable[str]) -> Iterable[tuple[str, list[str]]]:
    """Return the names of objects by the batch's id within them; other files are left out."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in names:
        batch_id = name.split("/", 2)[1].partition(".")[0]
        if len(batch_id) == _ID_LENGTH:
            grouped[batch_id].append(name)
    return grouped.items()


def _key(names: Iterable[str]) -> str:
    return hashlib.blake2s("\n".join(sorted(names)).encode(), digest_size=12).hexdigest()


def _refresh_objects(store: Store, index: RunIndex, warnings: list[str]) -> set[str]:
    """Take in new objects and drop vanished ones; return the names of all there are.

    The known names are read first: an object that another process publishes and indexes
    meanwhile is then not taken for a vanished one. Parts are listed before segments: a part
    that is compacted meanwhile is then in a segment that is listed.
    """
    for _ in range(_MAX_ROUNDS):
        known = index.known_objects()
        names = {*store.part_names()}
        names |= {*store.segment_names()}
        found: list[str] = []
        records, has_vanished = _read_objects(store, names - known, found)
        if records:
            index.upsert_all(records)
        has_lost = bool(known - names) and index.forget(known - names)
        if not has_vanished and not has_lost:
            break
    warnings += found
    return names


def _read_objects(
    store: Store, names: Iterable[str], warnings: list[str]
) -> tuple[dict[str, list[TrialRecord]], bool]:
    """Return the records of each object that can be read, and whether one has vanished."""
    records: dict[str, list[TrialRecord]] = {}
    has_vanished = False
    for name in sorted(names):
        try:
            if name.startswith("parts/"):
                records[name] = [store.read_part(name)]
            else:
                records[name] = store.read_segment(name)
        except (KeyError, FileNotFoundError, NotFoundError):
            has_vanished = True
        except StoreError as error:
            warnings.append(str(error))
    return records, has_vanished


def _refresh_edits(store: Store, index: RunIndex) -> None:
    """Fold the edits anew where there are others.

    Edits vanish when runs are purged. A purged trial that had not run was in the plan alone,
    which the keys of settled batches do not cover: so then every batch is derived again.
    """
    names, known = set(store.edit_names()), index.known_edits()
    if names != known:
        index.replace_edits(names, fold_edits(store.edits()))
    if known - names:
        index.unsettle(index.settled_keys())


def _refresh_batches(
    store: Store,
    index: RunIndex,
    keys: Mapping[str, str],
    *,
    alive: Collection[str],
    into: Refreshed,
) -> None:
    """Derive the rows of batches; keep in the index those in which nothing changes any more."""
    recorded_singles = index.single_runs() if keys else set()
    settled: dict[str, SettledBatch] = {}
    for batch_id, key in keys.items():
        if batch_id in recorded_singles and batch_id not in alive:
            settled[batch_id] = SettledBatch(key=key)
            continue
        n_warnings = len(into.warnings)
        try:
            state = _read_state(
                store, index, batch_id, is_alive=batch_id in alive, warn=into.warnings.append
            )
            derived = derive(state)
        except NotFoundError:  # it was purged since its objects were listed
            continue
        except TunesmithError as error:
            into.warnings.append(str(error))
            continue
        if state.is_settled and len(into.warnings) == n_warnings:
            rows = tuple((one.moment, one.run) for one in derived)
            settled[batch_id] = SettledBatch(key=key, derived=rows)
        else:
            into.open |= {one.run.id: one for one in derived}
    if settled:
        index.settle(settled)


def _read_state(
    store: Store, index: RunIndex, batch_id: str, *, is_alive: bool, warn: Callable[[str], None]
) -> BatchState:
    started = _started_ids(store, batch_id)

    def start_of(number: int) -> Start | None:
        return store.start(batch_id, number) if trial_id(batch_id, number) in started else None

    spec = store.batch(batch_id)
    if spec.objective_named_in:  # by a restart: the objects have what was recorded before it
        index.see_by(batch_id, spec.objective)
    return BatchState(
        spec=spec,
        plan=store.plan(batch_id, warn),
        briefs=index.briefs(batch_id),
        ends=store.ends(batch_id),
        is_alive=is_alive,
        start_of=start_of,
    )


def _started_ids(store: Store, batch_id: str) -> set[str]:
    """Return the ids of the trials that have a directory: one listing for all of a plan."""
    try:
        return {path.name for path in (store.layout.trials / batch_id).iterdir()}
    except OSError:
        return set()
