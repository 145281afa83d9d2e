"""The columns of a row: their names, types, and values in a record.

Nothing here knows Parquet; ``records`` encodes these columns and decodes them.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from tunesmith.flags.values import Flags, FlagValue, encode_flags, to_plain
from tunesmith.pruning import Pruned
from tunesmith.trial import Prediction, TrialRecord

MAX_WIDE = 1_000
"""The most flags, and the most tags of scalars, that get a column of their own; the others are in
``flags`` and ``scalars`` alone."""

Wide: TypeAlias = tuple[str, list[float | None] | list[bool | None] | list[str | None]]
"""The type of a column, ``double``, ``bool`` or ``text``, and its values."""

CORE: tuple[tuple[str, str], ...] = (
    ("id", "text"),
    ("batch", "text"),
    ("number", "int"),
    ("attempt", "int"),
    ("operation", "text"),
    ("script", "text"),
    ("status", "text"),
    ("exit_code", "int"),
    ("signal", "int"),
    ("reason", "text"),
    ("started", "time"),
    ("stopped", "time"),
    ("seconds", "double"),
    ("cpu_seconds", "double"),
    ("max_rss_bytes", "int"),
    ("label", "text"),
    ("tags", "texts"),
    ("source_digest", "text"),
    ("host", "text"),
    ("command", "text"),
    ("origin", "text"),
    ("objective", "double"),
    ("prediction_mean", "double"),
    ("prediction_sd", "double"),
    ("prediction_acquisition", "double"),
    ("flags", "text"),
    ("scalars", "summaries"),
)
"""Every column that each row has, with its kind."""
UNITS = "units"
"""A column that came later: what the steps of each tag count, as JSON."""
PRUNED = "pruned"
"""Another one: of a pruned trial, when it was stopped and what models are told, as JSON."""
LATER = (UNITS, PRUNED)

SUMMARY_FIELDS = (
    ("first", "double"),
    ("first_step", "int"),
    ("last", "double"),
    ("last_step", "int"),
    ("min", "double"),
    ("min_step", "int"),
    ("max", "double"),
    ("max_step", "int"),
    ("mean", "double"),
    ("count", "int"),
)
"""The fields of a scalar's summary, after its tag."""


def core_columns(records: Sequence[TrialRecord]) -> dict[str, list[Any]]:
    """Return the values of every core column but the summaries, one for each record."""
    return {
        name: [_core_value(record, name, kind) for record in records]
        for name, kind in CORE
        if kind != "summaries"
    }


def encode_units(units: Mapping[str, str]) -> str:
    """Return the units of a record as JSON."""
    plain = {storable(tag): unit for tag, unit in units.items()}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def decode_units(text: str | None) -> dict[str, str]:
    """Return what ``encode_units`` was given; nothing of a row that was written before.

    Raises:
        ValueError: The text is none that it gave.
    """
    plain = json.loads(text or "{}")
    if not isinstance(plain, dict) or not all(isinstance(unit, str) for unit in plain.values()):
        raise ValueError("the units of steps are no names")
    return plain


def encode_pruned(pruned: Pruned | None) -> str | None:
    """Return as JSON when a trial was pruned, and what models are told of it."""
    if pruned is None:
        return None
    plain = {"point": pruned.point, "estimate": pruned.estimate, "among": list(pruned.among)}
    return json.dumps(plain, allow_nan=False)


def decode_pruned(text: str | None) -> Pruned | None:
    """Return what ``encode_pruned`` was given; None of a row that was written before.

    Raises:
        ValueError: The text is none that it gave.
    """
    if text is None:
        return None
    plain = json.loads(text)
    try:
        point, estimate, among = plain["point"], plain["estimate"], plain["among"]
        estimate = None if estimate is None else float(estimate)
        return Pruned(point=int(point), estimate=estimate, among=tuple(map(int, among)))
    except (TypeError, KeyError) as error:
        raise ValueError(f"{text!r} does not say when a trial was pruned") from error


def storable(text: str) -> str:
    """Return a string that UTF-8 can encode: undecodable bytes become visible escapes.

    JSON decodes the escapes again, so flags lose nothing.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def to_int64(number: int) -> int:
    """Return the nearest integer of 64 bits: a script may print any step."""
    return max(-(2**63), min(2**63 - 1, number))


def to_nanoseconds(time: float) -> int:
    """Return a time in whole nanoseconds, exactly: floats of this century are coarser."""
    whole = math.floor(time)
    return whole * 10**9 + round((time - whole) * 1e9)


def from_nanoseconds(time: int) -> float:
    """Return the time in seconds that ``to_nanoseconds`` was given."""
    return time / 10**9


def wide_flags(rows: Sequence[Flags]) -> dict[str, Wide]:
    """Return the wide columns of the flags: all numbers are doubles, so that 1 and 0.5 mix."""
    names = sorted({name for row in rows for name in row})[:MAX_WIDE]
    columns = {name: _wide_column([row.get(name) for row in rows]) for name in names}
    return {f"flag:{storable(name)}": column for name, column in columns.items() if column}


def wide_scalars(records: Sequence[TrialRecord]) -> dict[str, Wide]:
    """Return the wide columns of the scalars: the last value of each tag."""
    tags = sorted({tag for record in records for tag in record.scalars})[:MAX_WIDE]
    return {f"scalar:{storable(tag)}": ("double", _lasts(records, tag)) for tag in tags}


def prediction(values: Mapping[str, Any]) -> Prediction | None:
    """Return the prediction of a row, or None where it has none."""
    mean, sd = values["prediction_mean"], values["prediction_sd"]
    if mean is None or sd is None:
        return None
    return Prediction(mean=mean, sd=sd, acquisition=values["prediction_acquisition"])


def _lasts(records: Sequence[TrialRecord], tag: str) -> list[float | None]:
    found = (record.scalars.get(tag) for record in records)
    return [None if summary is None else float(summary.last) for summary in found]


def _core_value(record: TrialRecord, name: str, kind: str) -> Any:
    if name == "flags":
        return storable(encode_flags(record.flags))
    if name.startswith("prediction_"):
        model = record.prediction
        return None if model is None else float(getattr(model, name.removeprefix("prediction_")))
    value = getattr(record, name)
    return None if value is None else _TO_COLUMN[kind](value)


_TO_COLUMN: dict[str, Callable[[Any], Any]] = {
    "text": lambda text: storable(str(text)),
    "texts": lambda texts: [storable(text) for text in texts],
    "int": to_int64,
    "double": float,
    "time": to_nanoseconds,
}


def _wide_column(values: Sequence[FlagValue]) -> Wide | None:
    """Return one flag's column, or None where no row has a value."""
    present = [value for value in values if value is not None]
    if not present:
        return None
    if all(isinstance(value, bool) for value in present):
        return "bool", [value if isinstance(value, bool) else None for value in values]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in present):
        return "double", [_to_double(value) for value in values]
    return "text", [None if value is None else _to_text(value) for value in values]


def _to_double(value: FlagValue) -> float | None:
    if not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _to_text(value: FlagValue) -> str:
    if isinstance(value, str):
        return storable(value)
    plain = to_plain(value)
    return storable(json.dumps(plain, separators=(",", ":"), ensure_ascii=False))
