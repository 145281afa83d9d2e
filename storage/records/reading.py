"""Reading the store while other processes write to it.

Parts are listed before segments: a part that vanishes meanwhile is then in a segment that is
listed. In the other order it could be missed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tunesmith.errors import CorruptObjectError, StoreAccessError, StoreFormatError
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.objects.object_names import PartName, SegmentName, checked_id
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.records.part_cache import PartCache
from tunesmith.storage.records.points import decode_part_series, decode_series
from tunesmith.storage.records.records import decode_covered, decode_records, is_intact
from tunesmith.trial import TrialRecord

_MAX_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The records of a store, and what could not be read."""

    records: tuple[TrialRecord, ...]
    """One for each trial, its highest attempt; in the order of batches and numbers."""
    warnings: tuple[str, ...] = ()
    """One line for each object that cannot be read."""


def part_names(objects: ObjectStore, batch_id: str | None = None) -> list[PartName]:
    """Return the parts of one batch or of all; a segment may cover them already."""
    prefix = "parts/" if batch_id is None else f"parts/{checked_id(batch_id)}/"
    found = map(PartName.from_text, objects.list(prefix))
    return [name for name in found if name is not None]


def segment_names(objects: ObjectStore, batch_id: str | None = None) -> list[SegmentName]:
    """Return the segments of one batch or of all, without those that a revision replaces."""
    return current(_segments(objects.list(_segment_prefix(batch_id))))


def unclean_batches(objects: ObjectStore) -> set[str]:
    """Return the batches with segments that were replaced, or series without a segment."""
    series = _segments(objects.list("series/"))  # listed first: they are written first
    segments = _segments(objects.list("runs/"))
    return {name.batch_id for name in {*series, *segments}.difference(current(segments))}


def current(names: Iterable[SegmentName]) -> list[SegmentName]:
    """Return the highest revision of each generation, in their order."""
    latest: dict[tuple[str, int], SegmentName] = {}
    for name in names:
        key = (name.batch_id, name.generation)
        if key not in latest or latest[key].revision < name.revision:
            latest[key] = name
    return [latest[key] for key in sorted(latest)]


def read_part(objects: ObjectStore, name: PartName) -> TrialRecord:
    """Return the record of a part.

    Raises:
        KeyError: It vanished meanwhile.
        CorruptObjectError: The bytes are not what was written.
    """
    return _only_record(name, _part_data(objects, name))


def read_whole_part(
    objects: ObjectStore, name: PartName, cache: PartCache | None = None
) -> tuple[TrialRecord, Sequence[ScalarSeries]]:
    """Return the record and the series of a part, decoding only what is not known already.

    Raises:
        KeyError: It vanished meanwhile.
        CorruptObjectError: The bytes are not what was written.
    """
    data = _part_data(objects, name)
    known = cache.find(str(name)) if cache else None
    return known or (_only_record(name, data), decode_part_series(str(name), data))


def read_segment(objects: ObjectStore, name: SegmentName) -> list[TrialRecord]:
    """Return the records of a segment.

    Raises:
        KeyError: It vanished meanwhile.
        CorruptObjectError: The bytes are not what was written.
    """
    records = decode_records(str(name), objects.get(str(name)))
    if any(record.batch != name.batch_id for record in records):
        raise CorruptObjectError(f"{name} is damaged: it holds trials of another batch")
    return records


def latest(records: Iterable[TrialRecord]) -> dict[str, TrialRecord]:
    """Return the highest attempt of each trial, by the trial's id."""
    best: dict[str, TrialRecord] = {}
    for record in records:
        rival = best.get(record.id)
        if rival is None or _rank(rival) < _rank(record):
            best[record.id] = record
    return best


@dataclass(slots=True)
class _Seen:
    """What has been read so far: objects never change, so a retry reads none of them again."""

    segments: dict[SegmentName, list[TrialRecord]] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)
    parts: dict[PartName, list[TrialRecord]] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


def read_records(objects: ObjectStore, batch_id: str | None = None) -> Reading:
    """Return the records of one batch or of all.

    Raises:
        StoreFormatError: A later Tunesmith wrote an object.
    """
    seen = _Seen()
    for _ in range(_MAX_TRIES):
        try:
            return _read_once(objects, batch_id, seen)
        except KeyError:  # an object was compacted or rewritten after it was listed
            continue
    raise StoreAccessError("the store changes faster than it can be read: try again")


def read_series(
    objects: ObjectStore, batch_id: str, trials: Collection[str]
) -> Iterator[tuple[str, list[ScalarSeries]]]:
    """Yield the id and the series of each trial's highest attempt, if it reported anything.

    Each object is read once, however many trials it holds. No more is kept in memory than an
    object and one trial's points.

    Args:
        objects: The store's objects.
        batch_id: The id of the trials' batch.
        trials: The trials' ids; a trial that has not finished has no series.

    Raises:
        CorruptObjectError: An object that holds them is damaged.
    """
    left = set(trials)
    for _ in range(_MAX_TRIES):
        try:
            for trial, series in _read_series_once(objects, batch_id, frozenset(left)):
                left.discard(trial)
                yield trial, series
        except KeyError:  # an object was compacted or rewritten after it was listed
            continue
        return
    raise StoreAccessError("the store changes faster than it can be read: try again")


def read_all_series(
    objects: ObjectStore, batch_id: str, trials: Collection[str]
) -> dict[str, list[ScalarSeries]]:
    """Return the series of all the trials, as tuples; raise as ``read_series`` does."""
    found: dict[str, list[ScalarSeries]] = {trial: [] for trial in trials}
    for trial, series in read_series(objects, batch_id, trials):
        found[trial] = [_frozen(one) for one in series]
    return found


def _frozen(series: ScalarSeries) -> ScalarSeries:
    steps, values, times = tuple(series.steps), tuple(series.values), tuple(series.times)
    return ScalarSeries(tag=series.tag, steps=steps, values=values, times=times)


def _read_once(objects: ObjectStore, batch_id: str | None, seen: _Seen) -> Reading:
    parts = part_names(objects, batch_id)
    names = objects.list(_segment_prefix(batch_id))
    segments = current(_segments(names))
    for segment in segments:
        _see_segment(objects, segment, seen)
    uncovered = [part for part in parts if str(part) not in seen.covered]
    for part in uncovered:
        _see_part(objects, part, seen)
    records = [record for segment in segments for record in seen.segments[segment]]
    records += [record for part in uncovered for record in seen.parts[part]]
    alien = [f"{name} is not a segment: ignored" for name in names if _is_alien(name)]
    ordered = sorted(latest(records).values(), key=lambda record: (record.batch, record.number))
    return Reading(records=tuple(ordered), warnings=(*alien, *seen.warnings.values()))


def _see_segment(objects: ObjectStore, name: SegmentName, seen: _Seen) -> None:
    if name in seen.segments:
        return
    data = b""
    records: list[TrialRecord] = []
    try:
        data = objects.get(str(name))
        seen.covered |= decode_covered(str(name), data)
        records = decode_records(str(name), data)
    except StoreFormatError:
        raise
    except (CorruptObjectError, StoreAccessError) as error:
        seen.warnings[str(name)] = str(error)
    seen.segments[name] = records


def _see_part(objects: ObjectStore, name: PartName, seen: _Seen) -> None:
    if name in seen.parts:
        return
    records: list[TrialRecord] = []
    try:
        records = [read_part(objects, name)]
    except StoreFormatError:
        raise
    except (CorruptObjectError, StoreAccessError) as error:
        seen.warnings[str(name)] = str(error)
    seen.parts[name] = records


def _read_series_once(
    objects: ObjectStore, batch_id: str, trials: frozenset[str]
) -> Iterator[tuple[str, list[ScalarSeries]]]:
    by_segment: dict[SegmentName, list[str]] = defaultdict(list)
    for trial, holder in _holders(objects, batch_id, trials).items():
        if isinstance(holder, PartName):
            yield trial, list(read_whole_part(objects, holder)[1])
        else:
            by_segment[holder].append(trial)
    for segment, its_trials in by_segment.items():
        yield from decode_series(segment.series, objects.get(segment.series), its_trials)


def _holders(
    objects: ObjectStore, batch_id: str, trials: frozenset[str]
) -> dict[str, PartName | SegmentName]:
    """Return which object holds the highest attempt of each trial."""
    parts = [name for name in part_names(objects, batch_id) if name.trial in trials]
    found: list[tuple[str, tuple[int, float], PartName | SegmentName]] = []
    for segment in segment_names(objects, batch_id):
        records = read_segment(objects, segment)
        found += [(one.id, _rank(one), segment) for one in records if one.id in trials]
    found += [(part.trial, _rank(read_part(objects, part)), part) for part in parts]
    best: dict[str, tuple[tuple[int, float], PartName | SegmentName]] = {}
    for trial, rank, holder in found:
        if trial not in best or rank > best[trial][0]:
            best[trial] = rank, holder
    return {trial: holder for trial, (_, holder) in best.items()}


def _only_record(name: PartName, data: bytes) -> TrialRecord:
    records = decode_records(str(name), data)
    if len(records) != 1:
        raise CorruptObjectError(f"{name} is damaged: it holds {len(records)} records, not one")
    (record,) = records
    if (record.batch, record.id, record.attempt) != (name.batch_id, name.trial, name.attempt):
        raise CorruptObjectError(f"{name} is damaged: it holds another trial")
    return record


def _part_data(objects: ObjectStore, name: PartName) -> bytes:
    data = objects.get(str(name))
    if not is_intact(name, data):
        raise CorruptObjectError(f"{name} is damaged: its bytes do not match the hash in its name")
    return data


def _segments(names: Iterable[str]) -> list[SegmentName]:
    found = map(SegmentName.from_text, names)
    return [name for name in found if name is not None]


def _segment_prefix(batch_id: str | None) -> str:
    return "runs/" if batch_id is None else f"runs/{checked_id(batch_id)}."


def _is_alien(name: str) -> bool:
    return SegmentName.from_text(name) is None


def _rank(record: TrialRecord) -> tuple[int, float]:
    return record.attempt, record.stopped
