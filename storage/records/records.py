"""Records as Parquet: a part holds one record, a segment many."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tunesmith.flags.values import decode_flags
from tunesmith.identity import is_count, is_id, is_inner_path
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.objects.object_names import PartName
from tunesmith.storage.records import columns
from tunesmith.storage.records.parquet import (
    arrow,
    decode_metadata,
    decode_table,
    decoding,
    encode_table,
)
from tunesmith.storage.records.points import NESTED, nested_series
from tunesmith.trial import TrialRecord, TrialStatus, trial_id

_PARTS_KEY = b"tunesmith.parts"
_AS_RECORDED = frozenset(
    name for name, _ in columns.CORE if not name.startswith("prediction_")
) - {"status", "tags", "started", "stopped", "flags", "scalars"}


def preload_parquet(*, for_reading: bool = False) -> None:
    """Import what writing Parquet needs, so that the first write is quick.

    Args:
        for_reading: Whether to import what reading needs too; by default not.
    """
    pa = arrow()
    if for_reading:
        pa.array([0]).cast(pa.int32())  # the first cast imports pyarrow.compute


def encode_part(record: TrialRecord, series: Sequence[ScalarSeries]) -> bytes:
    """Return one record and its series as Parquet; the same record gives the same bytes."""
    arrays = _core_arrays([record]) | {NESTED: nested_series(series)}
    return encode_table(arrow().table(arrays), {}, is_small=True)


def part_name(record: TrialRecord, data: bytes) -> PartName:
    """Return the name of a part, which has the hash of its bytes."""
    return PartName(
        batch_id=record.batch, trial=record.id, attempt=record.attempt, digest=_digest(data)
    )


def is_intact(name: PartName, data: bytes) -> bool:
    """Return whether a part's bytes are the ones that its name was made from."""
    return _digest(data) == name.digest


def encode_segment(records: Sequence[TrialRecord], parts: Sequence[str]) -> bytes:
    """Return records as a Parquet file, which other programs read too.

    Args:
        records: One for each trial.
        parts: The names of the parts that the segment covers.
    """
    pa = arrow()
    wide = columns.wide_flags([record.flags for record in records])
    wide |= columns.wide_scalars(records)
    types = {"double": pa.float64(), "bool": pa.bool_(), "text": pa.string()}
    arrays = _core_arrays(records)
    arrays |= {name: pa.array(values, types[kind]) for name, (kind, values) in wide.items()}
    metadata = {_PARTS_KEY: json.dumps(list(parts)).encode()}
    return encode_table(pa.table(arrays), metadata, is_small=False)


def decode_records(name: str, data: bytes) -> list[TrialRecord]:
    """Return the records of a part or a segment.

    Raises:
        CorruptObjectError: The bytes are not what was written.
        StoreFormatError: A later Tunesmith wrote them.
    """
    with decoding(name):
        names = [column for column, _ in columns.CORE]
        table = decode_table(name, data, [*names, *columns.LATER])
        return list(_records(table))


def decode_covered(name: str, data: bytes) -> frozenset[str]:
    """Return the names of the parts that a segment covers.

    Raises:
        CorruptObjectError: The bytes are not what was written.
        StoreFormatError: A later Tunesmith wrote them.
    """
    with decoding(name):
        parts = json.loads(decode_metadata(name, data)[_PARTS_KEY])
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise TypeError("the covered parts are no list of names")
        return frozenset(parts)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _core_arrays(records: Sequence[TrialRecord]) -> dict[str, Any]:
    pa = arrow()
    types = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "int": pa.int64(),
        "double": pa.float64(),
        "time": pa.timestamp("ns", "UTC"),
    }
    values = columns.core_columns(records)
    arrays = {
        name: _summaries_to_array(records)
        if kind == "summaries"
        else pa.array(values[name], types[kind])
        for name, kind in columns.CORE
    }
    units = [columns.encode_units(record.units) for record in records]
    pruned = [columns.encode_pruned(record.pruned) for record in records]
    return arrays | {
        columns.UNITS: pa.array(units, pa.string()),
        columns.PRUNED: pa.array(pruned, pa.string()),
    }


def _summaries_to_array(records: Sequence[TrialRecord]) -> Any:
    pa = arrow()
    pairs = [pair for record in records for pair in record.scalars.items()]
    ends = [0]
    for record in records:
        ends.append(ends[-1] + len(record.scalars))
    fields = [pa.array([columns.storable(tag) for tag, _ in pairs], pa.string())]
    for name, kind in columns.SUMMARY_FIELDS:
        values = [getattr(summary, name) for _, summary in pairs]
        if kind == "int":
            fields.append(pa.array([columns.to_int64(value) for value in values], pa.int64()))
        else:
            fields.append(pa.array([float(value) for value in values], pa.float64()))
    names = ["tag", *(name for name, _ in columns.SUMMARY_FIELDS)]
    summaries = pa.StructArray.from_arrays(fields, names=names)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), summaries)


def _records(table: Any) -> Iterator[TrialRecord]:
    pa = arrow()
    values: dict[str, list[Any]] = {}
    for name, kind in columns.CORE:
        column = table.column(name)
        if kind == "summaries":
            values[name] = _array_to_summaries(column)
        elif kind == "time":
            times = column.cast(pa.int64()).to_pylist()
            values[name] = [columns.from_nanoseconds(time) for time in times]
        else:
            values[name] = column.to_pylist()
    values[columns.UNITS] = [columns.decode_units(text) for text in _later(table, columns.UNITS)]
    values[columns.PRUNED] = [
        columns.decode_pruned(text) for text in _later(table, columns.PRUNED)
    ]
    for row in zip(*values.values(), strict=True):
        yield _record(dict(zip(values, row, strict=True)))


def _later(table: Any, name: str) -> list[str | None]:
    """Return the values of a column that rows of earlier versions do not have."""
    is_there = name in table.column_names
    texts: list[str | None] = table.column(name).to_pylist() if is_there else [None] * len(table)
    return texts


def _record(row: Mapping[str, Any]) -> TrialRecord:
    batch_id, number, digest = row["batch"], row["number"], row["source_digest"]
    if not is_id(batch_id) or row["id"] != trial_id(batch_id, number):
        raise ValueError(f"{row['id']!r} is not the id of trial {number} of batch {batch_id!r}")
    if not is_count(number) or not is_count(row["attempt"]):
        raise ValueError(f"{number} or {row['attempt']} is no number of a trial or an attempt")
    if (digest and not is_id(digest)) or not is_inner_path(row["script"]):
        raise ValueError(f"{digest!r} or {row['script']!r} is not the name of a source")
    return TrialRecord(
        **{name: row[name] for name in _AS_RECORDED},
        status=TrialStatus(row["status"]),
        tags=tuple(row["tags"]),
        started=row["started"],
        stopped=row["stopped"],
        flags=decode_flags(row["flags"]),
        scalars=row["scalars"],
        units=row[columns.UNITS],
        prediction=columns.prediction(row),
        pruned=row[columns.PRUNED],
    )


def _array_to_summaries(column: Any) -> list[dict[str, ScalarSummary]]:
    array = column.combine_chunks()
    fields = array.flatten().flatten()
    names = [name for name, _ in columns.SUMMARY_FIELDS]
    tags, *numbers = (field.to_pylist() for field in fields)
    pairs = [
        (tag, ScalarSummary(**dict(zip(names, row, strict=True))))
        for tag, row in zip(tags, zip(*numbers, strict=True), strict=True)
    ]
    ends = array.offsets.to_pylist()
    first = ends[0]
    return [dict(pairs[start - first : end - first]) for start, end in itertools.pairwise(ends)]
