"""The list of runs: recorded and derived ones, with all edits applied."""

import dataclasses
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tunesmith.errors import TunesmithError
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.index.batch_status import Derived
from tunesmith.storage.index.index_file import discard, is_damage
from tunesmith.storage.index.index_rows import from_row
from tunesmith.storage.index.refresh import refresh
from tunesmith.storage.index.run_index import Patch, RunIndex
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.records.edits import EditAction
from tunesmith.storage.records.reading import part_names
from tunesmith.trial import Run, TrialRecord

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """Runs, newest first, and what could not be read.

    Trials that a live batch is about to run come first; then by the start, the latest first, and
    of two starts the higher number first. A batch is listed after all its trials, and what a
    dead batch did not get to just before the batch.
    """

    runs: list[Run]
    warnings: list[str]
    """One line for each object that cannot be read."""
    total: int
    """The number of all runs that are not deleted, including those that are not in ``runs``."""


def list_runs(objects: ObjectStore, layout: Layout) -> RunList:
    """Return every run, deleted ones too."""
    return with_index(layout.index, lambda index: _list_all(objects, layout, index))


def list_latest(objects: ObjectStore, layout: Layout, n: int) -> RunList:
    """Return the newest runs that are not deleted, at most n.

    It reads no other rows of the index, so it is as fast in a large store as in a small one.
    """
    return with_index(layout.index, lambda index: _list_newest(objects, layout, index, n))


def index_records(objects: ObjectStore, layout: Layout, records: Sequence[TrialRecord]) -> None:
    """Put published trials into the index, so that no later list has to read their parts.

    It never fails: what cannot be indexed now is read by the next list.
    """
    by_batch: dict[str, dict[tuple[str, int], TrialRecord]] = defaultdict(dict)
    for record in records:
        by_batch[record.batch][record.id, record.attempt] = record
    try:
        published = {
            str(name): [wanted[name.trial, name.attempt]]
            for batch_id, wanted in by_batch.items()
            for name in part_names(objects, batch_id)
            if (name.trial, name.attempt) in wanted
        }
        if published:
            with RunIndex.open(layout.index) as index:
                index.upsert_all(published)
    except (sqlite3.Error, TunesmithError, OSError, ValueError):
        return


def with_index(path: Path, make: Callable[[RunIndex], T]) -> T:
    """Return what a function makes of the index.

    A damaged index is replaced by a new one; one that cannot be written is copied into memory.
    """
    for _ in range(2):
        try:
            with RunIndex.open(path) as index:
                return make(index)
        except sqlite3.Error as error:
            if not is_damage(error):
                break
            discard(path)
    try:
        with RunIndex.open_copy(path) as index:
            return make(index)
    except sqlite3.Error:
        with RunIndex.in_memory() as index:
            return make(index)


def _list_all(objects: ObjectStore, layout: Layout, index: RunIndex) -> RunList:
    refreshed = refresh(objects, layout, index)
    patches = index.patches()
    recorded = ((row[3], from_row(row)) for row in index.rows())
    runs = _patched_all(_merged(recorded, refreshed.open), patches)
    total = sum(not run.is_deleted for run in runs)
    return RunList(runs=runs, warnings=refreshed.warnings, total=total)


def _list_newest(objects: ObjectStore, layout: Layout, index: RunIndex, n: int) -> RunList:
    refreshed = refresh(objects, layout, index)
    patches = index.patches()
    visible = {
        run_id: derived
        for run_id, derived in refreshed.open.items()
        if not (run_id in patches and patches[run_id].is_deleted)
    }
    n_again = sum(derived.is_again for derived in visible.values())
    rows = index.newest_rows(n + n_again)  # of which those are left out
    merged = _merged(((row[3], from_row(row)) for row in rows), visible)
    return RunList(
        runs=_patched_all(merged[:n], patches),
        warnings=refreshed.warnings,
        total=index.count_visible() + len(visible) - n_again,
    )


def _patched_all(runs: list[Run], patches: Mapping[str, Patch]) -> list[Run]:
    return [_patched(run, patches) for run in runs] if patches else runs


def _merged(recorded: Iterable[tuple[float, Run]], derived: Mapping[str, Derived]) -> list[Run]:
    """Return recorded and derived runs as one list, newest first; a derived one replaces.

    Args:
        recorded: Runs by their moments, in the order of the list.
        derived: What no object holds, by the runs' ids.
    """
    if not derived:
        return [run for _, run in recorded]
    pairs = [(moment, run) for moment, run in recorded if run.id not in derived]
    pairs += [(one.moment, one.run) for one in derived.values()]
    pairs.sort(key=lambda pair: (-pair[0], -pair[1].number, pair[1].id))
    return [run for _, run in pairs]


def _patched(run: Run, patches: Mapping[str, Patch]) -> Run:
    """Return a run after its edits."""
    patch = patches.get(run.id)
    if patch is None:
        return run
    label, tags = edited_words(run.label, run.tags, patch)
    return dataclasses.replace(run, label=label, tags=tags, is_deleted=patch.is_deleted)


def edited_words(label: str, tags: Iterable[str], patch: Patch) -> tuple[str, tuple[str, ...]]:
    """Return the label and the tags of a run after its edits."""
    kept = dict.fromkeys(tags)
    for action, value in patch.changes:
        if action == EditAction.LABEL:
            label = value
        elif action == EditAction.TAG:
            kept[value] = None
        else:
            kept.pop(value, None)
    return label, tuple(kept)
