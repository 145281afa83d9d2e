"""Purging: removing runs for good, so that a crash meanwhile loses nothing else.

Rows are removed first, and the edits that hide them last: runs that a crash leaves half removed
are still deleted, and purging them again finishes the work.
"""

import shutil
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tunesmith.errors import CorruptObjectError, LeaseHeldError
from tunesmith.storage.files import leases
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.files.run_directories import started_ids
from tunesmith.storage.objects.object_names import SegmentName
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.records import compaction, edits, imported_batches, plans
from tunesmith.storage.records.batches import batch_ids
from tunesmith.storage.records.reading import part_names, read_segment, segment_names
from tunesmith.trial import trial_id

_PATIENCE_S = 10.0
"""How long to wait for a compaction by another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doomed:
    """What to remove of one batch."""

    batch_id: str
    trials: frozenset[str]
    is_whole: bool


def purge(objects: ObjectStore, layout: Layout, run_ids: Collection[str]) -> None:
    """Remove runs for good; a batch includes its trials.

    Args:
        objects: The store's objects.
        layout: Where the store keeps run directories, leases and locks.
        run_ids: Ids of batches, trials and single runs; unknown ids are ignored.

    Raises:
        LeaseHeldError: One of them is running; then nothing is removed.
    """
    doomed = _find(objects, layout, frozenset(run_ids))
    with ExitStack() as held:
        for one in doomed:
            held.enter_context(leases.lease(layout.lease(one.batch_id)))
            lock = leases.try_lock(layout.compaction_lock(one.batch_id), patience_s=_PATIENCE_S)
            if not held.enter_context(lock):
                raise LeaseHeldError(
                    f"batch {one.batch_id[:8]} is being compacted by another process: try again"
                )
        for one in doomed:
            remove = _remove_batch if one.is_whole else _remove_trials
            remove(objects, layout, one)
    edits.remove_from_edits(objects, run_ids)


def _find(objects: ObjectStore, layout: Layout, run_ids: frozenset[str]) -> list[_Doomed]:
    """Return what to remove of each batch, including batches that are half removed."""
    segments = segment_names(objects)
    batches = {*batch_ids(objects), *(name.batch_id for name in segments)}
    batches |= {name.batch_id for name in part_names(objects)}
    trials = {batch_id: _known_trials(objects, layout, batch_id) for batch_id in batches}
    if not run_ids <= batches.union(*trials.values()):
        for segment in segments:  # a plan may be damaged: then only the rows name its trials
            trials[segment.batch_id] |= _sealed_trials(objects, segment)
    return [
        _Doomed(
            batch_id=batch_id, trials=known if is_whole else known & run_ids, is_whole=is_whole
        )
        for batch_id, known in sorted(trials.items())
        if (is_whole := batch_id in run_ids) or known & run_ids
    ]


def _known_trials(objects: ObjectStore, layout: Layout, batch_id: str) -> frozenset[str]:
    planned = {trial_id(batch_id, one.number) for one in plans.read_plan(objects, batch_id)}
    published = {part.trial for part in part_names(objects, batch_id)}
    return frozenset(planned | published | started_ids(layout, batch_id))


def _remove_trials(objects: ObjectStore, layout: Layout, doomed: _Doomed) -> None:
    for trial in doomed.trials & started_ids(layout, doomed.batch_id):
        _remove_tree(layout.trial_directory(doomed.batch_id, trial))
    compaction.compact(objects, doomed.batch_id)
    for segment in segment_names(objects, doomed.batch_id):
        if doomed.trials & _sealed_trials(objects, segment):
            compaction.rewrite(objects, segment, without=doomed.trials)
    numbers = {
        one.number
        for one in plans.read_plan(objects, doomed.batch_id)
        if trial_id(doomed.batch_id, one.number) in doomed.trials
    }
    plans.remove_from_plan(objects, doomed.batch_id, numbers)


def _remove_batch(objects: ObjectStore, layout: Layout, doomed: _Doomed) -> None:
    batch_id = doomed.batch_id
    _remove_tree(layout.batch_directory(batch_id))
    # a lower revision before the one that replaces it, or a crash would bring its rows back
    segments = objects.list(f"runs/{batch_id}.")
    _delete_in_order(objects, sorted(segments, key=_revision))
    objects.delete(*objects.list(f"parts/{batch_id}/"))
    objects.delete(*objects.list(f"series/{batch_id}."))
    edits.remove_from_edits(objects, doomed.trials - {batch_id})
    objects.delete(*plans.plan_names(objects, batch_id))
    objects.delete(*imported_batches.import_names(objects, batch_id))
    # the first generation last: without it there is no batch
    _delete_in_order(objects, sorted(objects.list(f"batches/{batch_id}."), reverse=True))


def _sealed_trials(objects: ObjectStore, segment: SegmentName) -> frozenset[str]:
    try:
        return frozenset(record.id for record in read_segment(objects, segment))
    except CorruptObjectError:  # its rows are lost already
        return frozenset()


def _revision(name: str) -> int:
    segment = SegmentName.from_text(name)
    return segment.revision if segment else 0


def _delete_in_order(objects: ObjectStore, names: Iterable[str]) -> None:
    for name in names:
        objects.delete(name)


def _remove_tree(folder: Path) -> None:
    with explained("delete", folder):
        if folder.is_symlink():
            folder.unlink()  # what it points to is not ours
        elif folder.exists():
            shutil.rmtree(folder)
