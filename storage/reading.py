"""Reading the store while others write to it.

Parts are listed before segments: a part that vanishes meanwhile is then in a segment that is
listed. The other order could miss it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tunesmith.errors import CorruptObjectError, StoreAccessError, StoreFormatError
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.names import PartName, SegmentName, checked_id
from tunesmith.storage.objects import ObjectStore
from tunesmith.storage.points import decode_part_series, decode_series
from tunesmith.storage.records import decode_covered, decode_records, is_intact
from tunesmith.trial import TrialRecord

_MAX_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reading found."""

    records: tuple[TrialRecord, ...]
    """One for each trial, its highest attempt; in the order of batches and numbers."""
    warnings: tuple[str, ...] = ()
    """Objects that cannot be read, each named in one line."""


def part_names(objects: ObjectStore, batch: str | None = None) -> list[PartName]:
    """Return the parts of one batch or of all; a segment may cover them already."""
    prefix = "parts/" if batch is None else f"parts/{checked_id(batch)}/"
    found = map(PartName.from_text, objects.list(prefix))
    return [name for name in found if name is not None]


def segment_names(objects: ObjectStore, batch: str | None = None) -> list[SegmentName]:
    """Return the segments of one batch or of all, without those that a revision replaces."""
    return current(_segments(objects.list(_segment_prefix(batch))))


def unclean_batches(objects: ObjectStore) -> set[str]:
    """Return the batches with segments that a revision has replaced, but are there still."""
    names = _segments(objects.list("runs/"))
    return {name.batch for name in set(names).difference(current(names))}


def current(names: Iterable[SegmentName]) -> list[SegmentName]:
    """Return the highest revision of each generation, in their order."""
    latest: dict[tuple[str, int], SegmentName] = {}
    for name in names:
        key = (name.batch, name.generation)
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
    objects: ObjectStore, name: PartName
) -> tuple[TrialRecord, list[ScalarSeries]]:
    """Return the record and the series of a part.

    Raises:
        KeyError: It vanished meanwhile.
        CorruptObjectError: The bytes are not what was written.
    """
    data = _part_data(objects, name)
    return _only_record(name, data), decode_part_series(str(name), data)


def read_segment(objects: ObjectStore, name: SegmentName) -> list[TrialRecord]:
    """Return the records of a segment.

    Raises:
        KeyError: It vanished meanwhile.
        CorruptObjectError: The bytes are not what was written.
    """
    return decode_records(str(name), objects.get(str(name)))


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
    """What was read so far: objects never change, so that no retry reads one twice."""

    segments: dict[SegmentName, list[TrialRecord]] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)
    parts: dict[PartName, list[TrialRecord]] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


def read_records(objects: ObjectStore, batch: str | None = None) -> Reading:
    """Return the records of one batch or of all.

    Raises:
        StoreFormatError: A later Tunesmith wrote an object.
    """
    seen = _Seen()
    for _ in range(_MAX_TRIES):
        try:
            return _read_once(objects, batch, seen)
        except KeyError:  # an object was sealed or rewritten after it was listed
            continue
    raise StoreAccessError("the store changes faster than it can be read: try again")


def read_series(objects: ObjectStore, batch: str, trial: str) -> list[ScalarSeries]:
    """Return the series of a trial's highest attempt; none where it reported nothing.

    Raises:
        CorruptObjectError: The object that holds them is damaged.
    """
    for _ in range(_MAX_TRIES):
        try:
            return _read_series_once(objects, batch, trial)
        except KeyError:
            continue
    raise StoreAccessError("the store changes faster than it can be read: try again")


def _read_once(objects: ObjectStore, batch: str | None, seen: _Seen) -> Reading:
    parts = part_names(objects, batch)
    names = objects.list(_segment_prefix(batch))
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


def _read_series_once(objects: ObjectStore, batch: str, trial: str) -> list[ScalarSeries]:
    parts = [name for name in part_names(objects, batch) if name.trial == trial]
    holders: list[tuple[tuple[int, float], PartName | SegmentName]] = []
    for segment in segment_names(objects, batch):
        found = [record for record in read_segment(objects, segment) if record.id == trial]
        holders += [(_rank(record), segment) for record in found]
    holders += [(_rank(read_part(objects, part)), part) for part in parts]
    if not holders:
        return []
    _, holder = max(holders, key=lambda held: held[0])
    if isinstance(holder, PartName):
        return read_whole_part(objects, holder)[1]
    return decode_series(holder.series, objects.get(holder.series), [trial])[trial]


def _only_record(name: PartName, data: bytes) -> TrialRecord:
    records = decode_records(str(name), data)
    if len(records) != 1:
        raise CorruptObjectError(f"{name} is damaged: it holds {len(records)} records, not one")
    return records[0]


def _part_data(objects: ObjectStore, name: PartName) -> bytes:
    data = objects.get(str(name))
    if not is_intact(name, data):
        raise CorruptObjectError(f"{name} is damaged: its bytes do not match the hash in its name")
    return data


def _segments(names: Iterable[str]) -> list[SegmentName]:
    found = map(SegmentName.from_text, names)
    return [name for name in found if name is not None]


def _segment_prefix(batch: str | None) -> str:
    return "runs/" if batch is None else f"runs/{checked_id(batch)}."


def _is_alien(name: str) -> bool:
    return SegmentName.from_text(name) is None


def _rank(record: TrialRecord) -> tuple[int, float]:
    return record.attempt, record.stopped
