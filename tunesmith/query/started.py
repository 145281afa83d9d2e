"""Periods of time as a user writes them: ``today``, ``last 3 days``, ``between A and B``.

Days, weeks, months and years are calendar units; ``2 hours ago`` and ``last 2 hours`` mean the
period from then to now. Weeks start on Monday.
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime

from tunesmith.errors import QueryError
from tunesmith.query.calendar import (
    UNITS,
    Span,
    find_span,
    rolling,
    span_of_point,
    unit_span,
)

_FORMS = (
    "today, yesterday, 2 hours ago, last 3 days, last week, this month, "
    "after 2026-01-31, before '2026-01-31 09:30', between 2026-01-01 and yesterday"
)
_UNIT = rf"({'|'.join(UNITS)})s?"
_AGO = re.compile(rf"(\d{{1,6}}|an?|one)\s+{_UNIT}\s+ago")
_LAST_N = re.compile(rf"(?:the\s+)?(?:last|past)\s+(\d{{1,6}})\s+{_UNIT}")
_LAST = re.compile(rf"(?:the\s+)?(?:last|past)\s+{_UNIT}")
_THIS = re.compile(rf"this\s+{_UNIT}")
_AFTER = re.compile(r"(?:after|since|from)\s+(.+)")
_BEFORE = re.compile(r"before\s+(.+)")
_UNTIL = re.compile(r"(?:until|till|up to)\s+(.+)")
_BETWEEN = re.compile(r"(?:between\s+(.+?)\s+and|from\s+(.+?)\s+(?:to|until))\s+(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """A period in seconds since 1970, UTC; the start is included, the end is not."""

    start: float = -math.inf
    end: float = math.inf

    def contains(self, moment: float | None) -> bool:
        """Return whether a moment lies in the period; a missing one does not."""
        return moment is not None and self.start <= moment < self.end


def parse_started(text: str, now: datetime) -> TimeRange:
    """Parse a period of time.

    ``after D`` and ``since D`` start at the start of D, and ``before D`` ends there; ``until D``
    and ``between … and D`` include D. ``last hour`` is the hour before now, and ``last week`` the
    previous calendar week.

    Args:
        text: The period; upper and lower case are the same.
        now: The present. Its time zone applies to all dates; without one, the local time zone
            applies with its offset at each date.

    Raises:
        QueryError: The text is not a period of time.
    """
    words = " ".join(text.lower().replace("'", " ").replace('"', " ").split())
    try:
        start, end = _parse(words, now)
        return TimeRange(
            start=-math.inf if start is None else start.timestamp(),
            end=math.inf if end is None else end.timestamp(),
        )
    except (_UnreadableError, ValueError, OverflowError, OSError) as error:
        raise QueryError(f"{text!r} is not a period of time: write it as in {_FORMS}") from error


class _UnreadableError(Exception):
    """A part of the text is not a date or time."""


def _parse(words: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the start and the end; None where the period is open."""
    relative = _parse_relative(words, now)
    if relative:
        return relative.start, relative.end
    if match := _BETWEEN.fullmatch(words):
        one, other = _point(match[1] or match[2], now), _point(match[3], now)
        early, late = sorted((one, other), key=lambda span: span.start.timestamp())
        return early.start, max(early.end, late.end, key=datetime.timestamp)
    if match := _AFTER.fullmatch(words):
        return _point(match[1], now).start, None
    if match := _BEFORE.fullmatch(words):
        return None, _point(match[1], now).start
    if match := _UNTIL.fullmatch(words):
        return None, _point(match[1], now).end
    span = _point(words, now)
    return span.start, span.end


def _parse_relative(words: str, now: datetime) -> Span | None:
    """Return the period of a string that is relative to now; None for another text."""
    if match := _AGO.fullmatch(words):
        return Span(start=rolling(now, _to_count(match[1]), match[2]), end=_just_after(now))
    if match := _LAST_N.fullmatch(words):
        return Span(start=rolling(now, int(match[1]), match[2]), end=_just_after(now))
    if match := _LAST.fullmatch(words):
        if match[1] in ("second", "minute", "hour", "day"):
            return Span(start=rolling(now, 1, match[1]), end=_just_after(now))
        this = unit_span(now, match[1])
        return Span(start=rolling(this.start, 1, match[1]), end=this.start)
    if match := _THIS.fullmatch(words):
        return unit_span(now, match[1])
    return None


def _point(words: str, now: datetime) -> Span:
    """Return the period of a date or time, as precise as its text: a day, minute or second."""
    if match := _AGO.fullmatch(words):
        return span_of_point(rolling(now, _to_count(match[1]), match[2]))
    span = find_span(words, now)
    if span is None:
        raise _UnreadableError(words)
    return span


def _to_count(text: str) -> int:
    return int(text) if text.isdigit() else 1


def _just_after(now: datetime) -> datetime:
    """Return the end of a period that includes the present."""
    return rolling(now, -1, "second")
