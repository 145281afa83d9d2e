"""Compaction: many parts become one segment, and no reader ever sees fewer rows meanwhile.

The order makes it safe to die after every step: the series, then the segment, which is the commit,
then what the segment replaces. The next compaction continues where the last one ended, and changes
nothing where there is nothing left to do. Whoever compacts a batch holds its compaction lock.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tunesmith.errors import CorruptObjectError, StoreAccessError
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.files import leases
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.objects.object_names import PartName, SegmentName
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.records.part_cache import PartCache
from tunesmith.storage.records.points import decode_series, encode_series
from tunesmith.storage.records.reading import (
    current,
    latest,
    part_names,
    read_segment,
    read_whole_part,
    unclean_batches,
)
from tunesmith.storage.records.records import decode_covered, encode_segment
from tunesmith.trial import TrialRecord

PARTS_PER_SEGMENT = 256
"""Number of parts after which a running batch is compacted: reading a part takes a millisecond."""

MAX_POINTS = 2_000_000
"""Points of scalars after which a segment ends; one trial's points always stay together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    part: PartName
    record: TrialRecord
    series: Sequence[ScalarSeries]


def compact(
    objects: ObjectStore,
    batch_id: str,
    cache: PartCache | None = None,
    *,
    max_points: int = MAX_POINTS,
) -> None:
    """Merge a batch's parts into segments; finish or undo what an earlier compaction left.

    Args:
        objects: The store's objects.
        batch_id: The batch's id.
        cache: Parts that need not be decoded, of which compacted ones are dropped; None for none.
        max_points: Number of points after which a segment ends; by default ``MAX_POINTS``.
    """
    cache = cache or PartCache()
    parts = part_names(objects, batch_id)
    covered = _covered(objects, batch_id)
    fresh = [part for part in parts if str(part) not in covered]
    compacted = set(covered)
    found = (_read_row(objects, part, cache) for part in fresh)
    for rows in _portions(found, max_points):
        if not _commit(objects, batch_id, rows):
            return  # a rival on another machine took the number; the next compaction finds it
        compacted |= {str(row.part) for row in rows}
    _drop_old_attempts(objects, batch_id, {part.trial for part in parts if part.attempt > 1})
    clean(objects, batch_id)
    objects.delete(*(str(part) for part in parts if str(part) in compacted))
    cache.forget(compacted)


def try_compact(
    objects: ObjectStore, layout: Layout, batch_id: str, cache: PartCache | None = None
) -> bool:
    """Compact a batch unless another process does it or the disk refuses; return whether it was.

    Args:
        objects: The store's objects.
        layout: Where the store keeps the lock.
        batch_id: The batch's id.
        cache: As ``compact`` takes it.
    """
    try:
        with leases.try_lock(layout.compaction_lock(batch_id)) as is_ours:
            if is_ours:
                compact(objects, batch_id, cache)
            return is_ours
    except StoreAccessError:
        return False


def abandoned_batches(objects: ObjectStore, layout: Layout) -> list[str]:
    """Return the batches that left something to compact and that nobody runs, sorted.

    A single run's one part is left as it is: a segment of one row is no quicker to read.
    """
    left = {name.batch_id for name in part_names(objects) if name.trial != name.batch_id}
    left |= unclean_batches(objects)
    return [one for one in sorted(left) if not leases.is_held(layout.lease(one))]


def _portions(rows: Iterable[_Row | None], max_points: int) -> Iterator[list[_Row]]:
    """Yield what goes into one segment each: no more points than the memory holds with ease."""
    portion: list[_Row] = []
    n_points = 0
    for row in filter(None, rows):
        portion.append(row)
        n_points += sum(len(one.values) for one in row.series)
        if n_points >= max_points:
            yield portion
            portion, n_points = [], 0
    if portion:
        yield portion


def rewrite(objects: ObjectStore, name: SegmentName, without: Collection[str]) -> None:
    """Replace a segment by a revision that lacks some trials."""
    data = objects.get(str(name))
    kept = [record for record in read_segment(objects, name) if record.id not in without]
    revision = SegmentName(
        batch_id=name.batch_id, generation=name.generation, revision=name.revision + 1
    )
    ids = [record.id for record in kept]
    try:
        series = dict(decode_series(name.series, objects.get(name.series), ids))
    except (KeyError, CorruptObjectError):  # lost already: the rows matter more
        series = {}
    objects.delete(revision.series)  # left by a rewriting that died before its commit
    objects.put_new(revision.series, encode_series([(run, series.get(run, ())) for run in ids]))
    covered = sorted(decode_covered(str(name), data))
    objects.put_new(str(revision), encode_segment(kept, covered))
    objects.delete(str(name))
    objects.delete(name.series)


def clean(objects: ObjectStore, batch_id: str) -> None:
    """Delete replaced segments, and series whose segment was never committed."""
    runs, series = _listed(objects, "runs", batch_id), _listed(objects, "series", batch_id)
    kept = set(current(runs))
    objects.delete(*(str(name) for name in runs if name not in kept))
    objects.delete(*(name.series for name in series if name not in kept))


def quarantine(objects: ObjectStore, name: str) -> None:
    """Move an object out of the way, into ``quarantine/`` under a flat name."""
    try:
        data = objects.get(name)
    except KeyError:
        return
    objects.put_new(f"quarantine/{name.replace('/', '--')}", data)
    objects.delete(name)


def _covered(objects: ObjectStore, batch_id: str) -> set[str]:
    """Return the parts that the segments cover; damaged segments go to quarantine."""
    covered: set[str] = set()
    for name in current(_listed(objects, "runs", batch_id)):
        try:
            covered |= decode_covered(str(name), objects.get(str(name)))
        except CorruptObjectError:
            quarantine(objects, str(name))
            quarantine(objects, name.series)
    return covered


def _read_row(objects: ObjectStore, part: PartName, cache: PartCache) -> _Row | None:
    """Return what a part holds, or None where it is damaged or gone."""
    try:
        record, series = read_whole_part(objects, part, cache)
    except KeyError:
        return None
    except CorruptObjectError:
        quarantine(objects, str(part))
        return None
    return _Row(part=part, record=record, series=series)


def _commit(objects: ObjectStore, batch_id: str, rows: Sequence[_Row]) -> bool:
    """Write a new segment with the latest attempt of each trial."""
    best = latest(row.record for row in rows)
    chosen = {row.record.id: row for row in rows if best[row.record.id] is row.record}
    ordered = sorted(chosen.values(), key=lambda row: row.record.number)
    name = SegmentName(batch_id=batch_id, generation=_next_generation(objects, batch_id))
    objects.put_new(name.series, encode_series([(row.record.id, row.series) for row in ordered]))
    parts = [str(row.part) for row in rows]
    return objects.put_new(str(name), encode_segment([row.record for row in ordered], parts))


def _next_generation(objects: ObjectStore, batch_id: str) -> int:
    """Return a number that no segment ever had, damaged and unfinished ones included."""
    moved = [
        name.removeprefix("quarantine/").replace("--", "/")
        for name in objects.list(f"quarantine/runs--{batch_id}.")
    ]
    names = [*objects.list(f"runs/{batch_id}."), *objects.list(f"series/{batch_id}."), *moved]
    taken = [name.generation for text in names if (name := SegmentName.from_text(text))]
    return max(taken, default=0) + 1


def _drop_old_attempts(objects: ObjectStore, batch_id: str, retried: Collection[str]) -> None:
    """Remove rows that a later attempt of the same trial has replaced, one row a trial."""
    if not retried:
        return
    segments = current(_listed(objects, "runs", batch_id))
    rows = {segment: _read_rows(objects, segment) for segment in segments}
    best = latest(record for records in rows.values() for record in records)
    for segment, records in rows.items():
        old = {
            record.id
            for record in records
            if record.id in retried and best[record.id] is not record
        }
        if old:
            rewrite(objects, segment, without=old)


def _read_rows(objects: ObjectStore, segment: SegmentName) -> list[TrialRecord]:
    try:
        return read_segment(objects, segment)
    except CorruptObjectError:  # nobody can read its rows, so none of them is a second one
        return []


def _listed(objects: ObjectStore, folder: str, batch_id: str) -> list[SegmentName]:
    found = map(SegmentName.from_text, objects.list(f"{folder}/{batch_id}."))
    return [name for name in found if name is not None]
