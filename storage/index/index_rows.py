"""The rows of the index: how a run is written to SQLite's columns and read back.

Flags and scalars stay JSON until they are used: a list of 10,000 runs decodes only what it shows.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Generic, TypeVar

from tunesmith.flags.values import decode_all_flags, decode_flags, encode_flags
from tunesmith.scalar import ScalarSummary
from tunesmith.storage.records.columns import (
    decode_pruned,
    decode_units,
    encode_pruned,
    encode_units,
    to_int64,
)
from tunesmith.trial import BatchProgress, Prediction, Run, TrialRecord, TrialStatus

V = TypeVar("V")

COLUMNS = (
    "id",
    "name",
    "batch",
    "moment",
    "number",
    "attempt",
    "operation",
    "script",
    "status",
    "exit_code",
    "signal",
    "reason",
    "started",
    "stopped",
    "seconds",
    "cpu_seconds",
    "max_rss_bytes",
    "label",
    "tags",
    "source_digest",
    "host",
    "command",
    "origin",
    "objective",
    "flags",
    "scalars",
    "units",
    "prediction",
    "pruned",
    "progress",
)
"""The table's columns. ``name`` is the object that holds the row, empty for a derived row;
``moment`` is what the list is sorted by."""

_PLAIN = tuple(
    name
    for name in COLUMNS
    if name
    not in (
        "name",
        "moment",
        "status",
        "tags",
        "objective",
        "flags",
        "scalars",
        "units",
        "prediction",
        "pruned",
        "progress",
    )
)
_STATISTICS = tuple(ScalarSummary.__dataclass_fields__)


class LazyMapping(Mapping[str, V], Generic[V]):
    """A read-only mapping that is decoded from a string when it is first used."""

    __slots__ = ("_decode", "_text", "_values")

    def __init__(self, text: str, decode: Callable[[str], dict[str, V]]) -> None:
        self._text = text
        self._decode = decode
        self._values: dict[str, V] | None = None

    def __getitem__(self, key: str) -> V:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def get(self, key: str, default: Any = None) -> Any:
        """Return an item, or the default."""
        return self._read().get(key, default)

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(self._read())

    def _read(self) -> dict[str, V]:
        if self._values is None:
            self._values = self._decode(self._text)
        return self._values


def to_row(run: TrialRecord | Run, *, name: str, moment: float) -> tuple[Any, ...]:
    """Return the values of ``COLUMNS`` for a run.

    Args:
        run: A recorded or a derived run.
        name: The object that holds it; empty for a derived run.
        moment: The time by which it is listed, in seconds since 1970, UTC.
    """
    values = {column: getattr(run, column) for column in _PLAIN}
    progress = run.progress if isinstance(run, Run) else None
    values |= {
        "name": name,
        "moment": moment,
        "status": str(run.status),
        "tags": json.dumps(run.tags),
        "objective": encode_float(run.objective),
        "flags": encode_flags(run.flags),
        "scalars": _encode_scalars(run.scalars),
        "units": encode_units(run.units),
        "prediction": _encode_prediction(run.prediction),
        "pruned": encode_pruned(run.pruned),
        "progress": progress and _encode_progress(progress),
    }
    return tuple(values[column] for column in COLUMNS)


def from_row(row: Sequence[Any]) -> Run:
    """Return the run of a row, without edits.

    It is filled field by field, which takes half of the time of its constructor: a list may have
    100,000 of them, and a row was checked when it was written.
    """
    run = object.__new__(Run)
    for fill, place in _FILLED_PLAINLY:
        fill(run, row[place])
    for fill, place, decode in _FILLED:
        fill(run, decode(row[place]))
    _FILL_DELETED(run, False)
    _FILL_REPEATED(run, None)
    return run


def decode_columns(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return columns of many rows decoded, but for statuses and the summaries of scalars.

    JSON is read as one text, which is several times as fast as one text a row.
    """
    decoded: dict[str, Callable[[list[Any]], list[Any]]] = {
        "flags": decode_all_flags,
        "scalars": _decode_all_numbers,
        "tags": lambda texts: [_decode_tags(text) for text in texts],
        "objective": lambda values: [_decode_float(value) for value in values],
    }
    return {
        name: decoded[name](values) if name in decoded else values
        for name, values in columns.items()
    }


def _decode_all_numbers(texts: Sequence[str]) -> list[Any]:
    """Return the summaries of each text, their numbers as they stand."""
    import orjson  # a list of a few runs does without it

    text = f"[{','.join(texts)}]"
    try:
        found: list[Any] = orjson.loads(text)
    except orjson.JSONDecodeError:  # it takes JSON alone: neither NaN nor the infinities
        found = json.loads(text)
    return found


_STATUSES = {str(status): status for status in TrialStatus}


def _decode_tags(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(json.loads(text))


def _decode_lazily(decode: Callable[[str], dict[str, V]]) -> Callable[[str], Mapping[str, V]]:
    return lambda text: LazyMapping(text, decode)


def encode_float(value: float | None) -> float | str | None:
    """Return a number as SQLite takes it: it would turn NaN into NULL."""
    return "nan" if value is not None and math.isnan(value) else value


def _decode_float(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _encode_scalars(scalars: Mapping[str, ScalarSummary]) -> str:
    plain = {
        tag: [_plain_number(getattr(summary, name)) for name in _STATISTICS]
        for tag, summary in scalars.items()
    }
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)


def _plain_number(number: float) -> float:
    """Return a number that every reader of JSON takes as it is: steps as the objects have them."""
    return to_int64(number) if isinstance(number, int) else number


def decode_scalars(text: str) -> dict[str, ScalarSummary]:
    """Return the summaries that a row holds as JSON."""
    return {tag: _summary(numbers) for tag, numbers in json.loads(text).items()}


def _summary(numbers: Sequence[Any]) -> ScalarSummary:
    """Return a summary that is filled field by field, as a row's run is."""
    summary = object.__new__(ScalarSummary)
    for fill, number in zip(_FILLED_STATISTICS, numbers, strict=True):
        fill(summary, number)
    return summary


def _encode_prediction(prediction: Prediction | None) -> str | None:
    return None if prediction is None else json.dumps(asdict(prediction))


def _encode_progress(progress: BatchProgress) -> str:
    plain = {
        "total": progress.total,
        "counts": {str(status): count for status, count in progress.counts.items()},
        "best_number": progress.best_number,
        "best_objective": progress.best_objective,
        "is_alive": progress.is_alive,
    }
    return json.dumps(plain)


def _decode_prediction(text: str | None) -> Prediction | None:
    return None if text is None else Prediction(**json.loads(text))


def _decode_progress(text: str | None) -> BatchProgress | None:
    if text is None:
        return None
    plain = json.loads(text)
    plain["counts"] = {_STATUSES[name]: count for name, count in plain["counts"].items()}
    return BatchProgress(**plain)


def _filler(kind: type, name: str) -> Callable[[Any, Any], None]:
    """Return what sets one field of an object of a frozen class with slots."""
    fill: Callable[[Any, Any], None] = getattr(kind, name).__set__
    return fill


_FILLED_PLAINLY = tuple((_filler(Run, name), COLUMNS.index(name)) for name in _PLAIN)
_FILLED = tuple(
    (_filler(Run, name), COLUMNS.index(name), decode)
    for name, decode in {
        "status": _STATUSES.__getitem__,
        "tags": _decode_tags,
        "objective": _decode_float,
        "flags": _decode_lazily(decode_flags),
        "scalars": _decode_lazily(decode_scalars),
        "units": _decode_lazily(decode_units),
        "prediction": _decode_prediction,
        "pruned": decode_pruned,
        "progress": _decode_progress,
    }.items()
)
_FILLED_STATISTICS = tuple(_filler(ScalarSummary, name) for name in _STATISTICS)
_FILL_DELETED = _filler(Run, "is_deleted")
_FILL_REPEATED = _filler(Run, "repeated")
