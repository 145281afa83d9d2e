"""Every point of the scalars as Parquet: nested in a part, a table of their own in a segment."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from tunesmith.scalar import ScalarSeries
from tunesmith.storage.columns import storable, to_int64
from tunesmith.storage.parquet import arrow, decode_table, decoding, encode_table

_FIELDS = ("tag", "step", "value", "time")
NESTED = "series"


def nested_series(series: Sequence[ScalarSeries]) -> Any:
    """Return all the series of one record as an array with one list."""
    pa = arrow()
    points = pa.StructArray.from_arrays(list(_arrays(series).values()), names=list(_FIELDS))
    return pa.ListArray.from_arrays(pa.array([0, len(points)], pa.int32()), points)


def encode_series(trials: Iterable[tuple[str, Sequence[ScalarSeries]]]) -> bytes:
    """Return the series of trials, given with their ids, as a table with one row a point.

    The columns are id, tag, step, value and time, in seconds since 1970.
    """
    pa = arrow()
    tables = []
    for trial, series in trials:
        columns = _arrays(series)
        ids = pa.array([trial] * len(columns["tag"]), pa.string())
        tables.append(pa.table({"id": ids, **columns}))
    empty = pa.table({"id": pa.array([], pa.string()), **_arrays(())})
    return encode_table(pa.concat_tables([empty, *tables]), {}, is_small=False)


def decode_part_series(name: str, data: bytes) -> list[ScalarSeries]:
    """Return the series of a part.

    Raises:
        CorruptObjectError: The bytes are not what was written.
    """
    with decoding(name):
        points = decode_table(name, data, [NESTED]).column(NESTED).combine_chunks().flatten()
        return _group(*(column.to_pylist() for column in points.flatten()))


def decode_series(name: str, data: bytes, trials: Sequence[str]) -> dict[str, list[ScalarSeries]]:
    """Return the series of some trials of a segment, by their ids.

    Raises:
        CorruptObjectError: The bytes are not what was written.
    """
    pa = arrow()
    with decoding(name):
        table = decode_table(name, data, ["id", *_FIELDS])
        wanted = pa.compute.is_in(table.column("id"), value_set=pa.array(trials, pa.string()))
        rows = table.filter(wanted)
        columns = [rows.column(field).to_pylist() for field in _FIELDS]
        found = {trial: _group(*([] for _ in _FIELDS)) for trial in trials}
        start = 0
        # the points of a trial stand together, since a segment is written trial by trial
        for trial, ids in itertools.groupby(rows.column("id").to_pylist()):
            end = start + sum(1 for _ in ids)
            found[trial] = _group(*(column[start:end] for column in columns))
            start = end
        return found


def _arrays(series: Sequence[ScalarSeries]) -> dict[str, Any]:
    pa = arrow()
    tags = [tag for one in series for tag in [storable(one.tag)] * len(one.values)]
    steps = [to_int64(int(step)) for one in series for step in one.steps]
    values = [float(value) for one in series for value in one.values]
    times = [float(time) for one in series for time in one.times]
    return {
        "tag": pa.array(tags, pa.string()),
        "step": pa.array(steps, pa.int64()),
        "value": pa.array(values, pa.float64()),
        "time": pa.array(times, pa.float64()),
    }


def _group(
    tags: Sequence[str], steps: Sequence[int], values: Sequence[float], times: Sequence[float]
) -> list[ScalarSeries]:
    """Return one series a tag, in the order of their first points."""
    rows: dict[str, list[int]] = {}
    for row, tag in enumerate(tags):
        rows.setdefault(tag, []).append(row)
    return [
        ScalarSeries(
            tag=tag,
            steps=tuple(steps[row] for row in chosen),
            values=tuple(values[row] for row in chosen),
            times=tuple(times[row] for row in chosen),
        )
        for tag, chosen in rows.items()
    ]
