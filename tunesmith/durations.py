"""Durations as people type and read them."""

import math
import re
from collections.abc import Iterable

from tunesmith.errors import SpecificationError

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str) -> float:
    """Return the seconds of a string such as ``90``, ``90s``, ``1.5m`` or ``1h30m``.

    Raises:
        SpecificationError: The text is not a positive duration.
    """
    parts = _PART.findall(text.strip())
    is_whole = "".join(number + unit for number, unit in parts) == text.strip() != ""
    seconds = sum(float(number) * _SECONDS[unit or "s"] for number, unit in parts)
    if not is_whole or seconds <= 0:
        raise SpecificationError(
            f"{text!r} is not a duration: write a positive number of seconds, or 30s, 5m, 2h, "
            "1h30m"
        )
    return seconds


def covered_seconds(spans: Iterable[tuple[float, float]]) -> float:
    """Return how many seconds lie in at least one of some spans.

    Neither a pause between two spans nor a change of the clock adds anything.

    Args:
        spans: The start of each, in seconds of any clock, and how many seconds it lasted; one
            that is infinite or NaN, as an imported file may have it, counts for nothing.
    """
    total, reached = 0.0, -math.inf
    for start, seconds in sorted(span for span in spans if all(map(math.isfinite, span))):
        end = start + seconds
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def format_duration(seconds: float) -> str:
    """Return a duration for display: ``4.1s``, ``2m 05s``, ``3h 12m``."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m"
