"""The points of scalars as Parquet: nested in a part, a table of their own beside a segment."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal

from tunesmith.scalar import ScalarSeries
from tunesmith.storage.records.columns import storable, to_int64
from tunesmith.storage.records.parquet import (
    arrow,
    decode_batches,
    decode_table,
    decoding,
    encode_table,
)

_FIELDS = ("tag", "step", "value", "time")
NESTED = "series"


def nested_series(series: Sequence[ScalarSeries]) -> Any:
    """Return all the series of one record as an array with one list."""
    pa = arrow()
    points = pa.StructArray.from_arrays(list(_arrays(series).values()), names=list(_FIELDS))
    return pa.ListArray.from_arrays(pa.array([0, len(points)], pa.int32()), points)


def encode_series(trials: Iterable[tuple[str, Sequence[ScalarSeries]]]) -> bytes:
    """Return the series of trials as a table with one row a point.

    The columns are id, tag, step, value, and time in seconds since 1970.

    Args:
        trials: The trials' ids with their series.
    """
    pa = arrow()
    tables = []
    for trial, series in trials:
        columns = _arrays(series)
        ids = pa.repeat(pa.scalar(trial, pa.string()), len(columns["tag"]))
        tables.append(pa.table({"id": ids, **columns}))
    empty = pa.table({"id": pa.array([], pa.string()), **_arrays(())})
    return encode_table(pa.concat_tables([empty, *tables]), {}, is_small=False)


def decode_part_series(name: str, data: bytes) -> list[ScalarSeries]:
    """Return the series of a part, with arrays: they take a third of the memory of tuples.

    Raises:
        CorruptObjectError: The bytes are not what was written.
    """
    with decoding(name):
        points = decode_table(name, data, [NESTED]).column(NESTED).combine_chunks().flatten()
        return _group(points.flatten())


def decode_series(
    name: str, data: bytes, trials: Collection[str]
) -> Iterator[tuple[str, list[ScalarSeries]]]:
    """Yield the ids and the series of some trials of a segment, one trial after another.

    Only one trial's points are in memory at a time. A trial without points is left out.

    Raises:
        CorruptObjectError: The bytes are not what was written.
    """
    pa = arrow()
    current = ""
    pieces: list[Any] = []
    with decoding(name):
        wanted = pa.array(sorted(trials), pa.string())
        for rows in decode_batches(name, data, ["id", *_FIELDS]):
            chosen = rows.filter(pa.compute.is_in(rows.column("id"), value_set=wanted))
            # the points of a trial stand together, since a segment is written trial by trial
            for trial, start, end in _runs(chosen.column("id")):
                if trial != current and pieces:
                    yield current, _joined(pieces)
                    pieces = []
                current = trial
                pieces.append(chosen.slice(start, end - start))
        if pieces:
            yield current, _joined(pieces)


def _joined(pieces: Sequence[Any]) -> list[ScalarSeries]:
    """Return the series of one trial from the tables of its points."""
    rows = arrow().Table.from_batches(pieces).combine_chunks()
    return _group([rows.column(field).combine_chunks() for field in _FIELDS])


def _arrays(series: Sequence[ScalarSeries]) -> dict[str, Any]:
    pa = arrow()
    tags = [pa.repeat(pa.scalar(storable(one.tag)), len(one.values)) for one in series]
    return {
        "tag": pa.concat_arrays([pa.array([], pa.string()), *tags]),
        "step": _column(pa.int64(), [_whole(one.steps) for one in series]),
        "value": _column(pa.float64(), [_doubles(one.values) for one in series]),
        "time": _column(pa.float64(), [_doubles(one.times) for one in series]),
    }


def _whole(steps: Sequence[int]) -> "array[int]":
    if isinstance(steps, array) and steps.typecode == "q":
        return steps
    return array("q", (to_int64(int(step)) for step in steps))


def _doubles(numbers: Sequence[float]) -> "array[float]":
    if isinstance(numbers, array) and numbers.typecode == "d":
        return numbers
    return array("d", map(float, numbers))


def _column(kind: Any, parts: "Sequence[array[Any]]") -> Any:
    """Return numbers of eight bytes as one array, without a Python object for each."""
    pa = arrow()
    arrays = [
        pa.Array.from_buffers(kind, len(part), [None, pa.py_buffer(part)])
        for part in parts
        if part
    ]
    return pa.concat_arrays([pa.array([], kind), *arrays])


def _group(columns: Sequence[Any]) -> list[ScalarSeries]:
    """Return one series a tag, in the order of their first points.

    Args:
        columns: Tags, steps, values and times, one item a point.
    """
    pa = arrow()
    tags, *numbers = columns
    places: dict[str, list[tuple[int, int]]] = {}
    for tag, start, end in _runs(tags):
        places.setdefault(tag, []).append((start, end))
    kinds = (pa.int64(), pa.float64(), pa.float64())
    steps, values, times = map(_memory, numbers, kinds)
    return [
        ScalarSeries(
            tag=tag,
            steps=_taken("q", steps, spans),
            values=_taken("d", values, spans),
            times=_taken("d", times, spans),
        )
        for tag, spans in places.items()
    ]


def _memory(column: Any, kind: Any) -> memoryview:
    """Return the bytes of numbers of eight bytes each.

    Raises:
        ValueError: One is missing.
    """
    if column.null_count:
        raise ValueError("a point has no number")
    cast = column.cast(kind)
    whole = memoryview(cast.buffers()[1] or b"")
    return whole[8 * cast.offset : 8 * (cast.offset + len(cast))]


def _taken(
    code: Literal["q", "d"], memory: memoryview, spans: Sequence[tuple[int, int]]
) -> "array[Any]":
    numbers = array(code)
    for start, end in spans:
        numbers.frombytes(memory[8 * start : 8 * end])
    return numbers


def _runs(column: Any) -> Iterator[tuple[str, int, int]]:
    """Yield each run of equal strings in a column: the string, its first row, the row after."""
    start = 0
    encoded = arrow().compute.run_end_encode(column)
    for value, end in zip(encoded.values.to_pylist(), encoded.run_ends.to_pylist(), strict=True):
        yield value, start, end
        start = end
