"""The rows of the index: how a run is put into SQLite's columns and read back.

Flags and scalars stay JSON text until they are looked at: a list of 10,000 runs decodes what it
shows.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from tunesmith.flags.values import FlagValue, decode_flags, encode_flags
from tunesmith.scalar import ScalarSummary
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
    "prediction",
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
        "prediction",
        "progress",
    )
)
_STATISTICS = tuple(ScalarSummary.__dataclass_fields__)


class LazyMapping(Mapping[str, V], Generic[V]):
    """A read-only mapping that is decoded from text when it is first looked at."""

    __slots__ = ("_decode", "_text", "_values")

    def __init__(self, text: str, decode: Callable[[str], dict[str, V]]) -> None:
        self._text = text
        self._decode = decode
        self._values: dict[str, V] | None = None

    def __getitem__(self, key: str) -> V:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(self._read())

    def _read(self) -> dict[str, V]:
        if self._values is None:
            self._values = self._decode(self._text)
        return self._values


def to_row(run: TrialRecord | Run, *, name: str, moment: float) -> tuple[Any, ...]:
    """Return the values of ``COLUMNS`` for a run that an object holds, or for a derived one."""
    values = {column: getattr(run, column) for column in _PLAIN}
    progress = run.progress if isinstance(run, Run) else None
    values |= {
        "name": name,
        "moment": moment,
        "status": str(run.status),
        "tags": json.dumps(run.tags),
        "objective": _encode_float(run.objective),
        "flags": encode_flags(run.flags),
        "scalars": _encode_scalars(run.scalars),
        "prediction": _encode_prediction(run.prediction),
        "progress": progress and _encode_progress(progress),
    }
    return tuple(values[column] for column in COLUMNS)


def from_row(row: Sequence[Any]) -> Run:
    """Return the run of a row, without edits."""
    values = dict(zip(COLUMNS, row, strict=True))
    del values["name"], values["moment"]
    values["status"] = _STATUSES[values["status"]]
    values["tags"] = tuple(json.loads(values["tags"])) if values["tags"] != "[]" else ()
    values["objective"] = _decode_float(values["objective"])
    values["flags"] = LazyMapping[FlagValue](values["flags"], decode_flags)
    values["scalars"] = LazyMapping[ScalarSummary](values["scalars"], _decode_scalars)
    if values["prediction"] is not None:
        values["prediction"] = Prediction(**json.loads(values["prediction"]))
    if values["progress"] is not None:
        values["progress"] = _decode_progress(values["progress"])
    return Run(**values)


_STATUSES = {str(status): status for status in TrialStatus}


def _encode_float(value: float | None) -> float | str | None:
    """Return a number as SQLite takes it: it would turn NaN into NULL."""
    return "nan" if value is not None and math.isnan(value) else value


def _decode_float(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _encode_scalars(scalars: Mapping[str, ScalarSummary]) -> str:
    plain = {
        tag: [getattr(summary, name) for name in _STATISTICS] for tag, summary in scalars.items()
    }
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)


def _decode_scalars(text: str) -> dict[str, ScalarSummary]:
    return {
        tag: ScalarSummary(**dict(zip(_STATISTICS, numbers, strict=True)))
        for tag, numbers in json.loads(text).items()
    }


def _encode_prediction(prediction: Prediction | None) -> str | None:
    if prediction is None:
        return None
    return json.dumps(
        {
            "mean": prediction.mean,
            "sd": prediction.sd,
            "acquisition": prediction.acquisition,
        }
    )


def _encode_progress(progress: BatchProgress) -> str:
    plain = {
        "total": progress.total,
        "counts": {str(status): count for status, count in progress.counts.items()},
        "best_number": progress.best_number,
        "best_objective": progress.best_objective,
        "is_alive": progress.is_alive,
    }
    return json.dumps(plain)


def _decode_progress(text: str) -> BatchProgress:
    plain = json.loads(text)
    plain["counts"] = {_STATUSES[name]: count for name, count in plain["counts"].items()}
    return BatchProgress(**plain)
