"""Runs as JSON: every field under its stable name, numbers in full precision."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tunesmith.storage.files.layout import Layout
from tunesmith.trial import Run


def runs_to_json(runs: Sequence[Run], layout: Layout | None) -> str:
    """Return runs as a JSON array.

    Args:
        runs: The runs.
        layout: The layout of the store, which gives their folders; None if there are no runs.
    """
    plain = [] if layout is None else [run_to_plain(run, layout) for run in runs]
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)


def run_to_plain(run: Run, layout: Layout) -> dict[str, Any]:
    """Return one run as a JSON object.

    Times are ISO 8601 in UTC; NaN and the infinities are the strings nan, inf and -inf.
    """
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(run):
        if field.name == "repeated":  # of rows that stand for several runs, and this is one
            continue
        plain[field.name] = plain_value(getattr(run, field.name))
    for name in ("started", "stopped"):
        plain[name] = iso_time(getattr(run, name))
    if not run.is_batch:
        plain["directory"] = str(layout.trial_directory(run.batch, run.id))
    return plain


def iso_time(seconds: float | None) -> str | None:
    """Return seconds since 1970 as an ISO 8601 time in UTC; None for None or an invalid time."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
    except (OverflowError, OSError, ValueError):  # a clock that was never set
        return None


def plain_value(value: Any) -> Any:
    """Return a value as JSON values; NaN and the infinities as strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: plain_value(getattr(value, one.name)) for one in dataclasses.fields(value)
        }
    return value
