"""Spans of time as a user writes them: ``today``, ``last 3 days``, ``between A and B``.

Days, weeks, months and years are those of the calendar; ``2 hours ago`` and ``last 2 hours``
reach from that long ago to now. Weeks start on Monday.
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
    """A span of seconds since 1970, UTC: the start is in it, the end is not."""

    start: float = -math.inf
    end: float = math.inf

    def contains(self, moment: float | None) -> bool:
        """Return whether a moment lies in the span; a missing one does not."""
        return moment is not None and self.start <= moment < self.end


def parse_started(text: str, now: datetime) -> TimeRange:
    """Return the span that a text means.

    ``after D`` and ``since D`` start where D starts, ``before D`` ends there; ``until D`` and
    ``between … and D`` take in all of D. ``last hour`` is the hour up to now, ``last week`` the
    calendar week before this one.

    Args:
        text: The span, in any case.
        now: The present; its time zone is the one of all dates, and without one the machine's,
            with the offset that it has at each date.

    Raises:
        QueryError: The text is not a span.
    """
    words = " ".join(text.lower().replace("'", " ").replace('"', " ").split())
    try:
        start, end = _parse(words, now)
        return TimeRange(
            start=-math.inf if start is None else start.timestamp(),
            end=math.inf if end is None else end.timestamp(),
        )
    except (_UnreadableError, ValueError, OverflowError, OSError) as error:
        raise QueryError(f"{text!r} is not a span of time: write it as in {_FORMS}") from error


class _UnreadableError(Exception):
    """A part of the text means no moment."""


def _parse(words: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the start and the end, None where the span is open."""
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
    """Return the span of a text that counts from now; None where it is no such text."""
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
    """Return the span of a moment as precise as it is written: a day, a minute, a second."""
    if match := _AGO.fullmatch(words):
        return span_of_point(rolling(now, _to_count(match[1]), match[2]))
    span = find_span(words, now)
    if span is None:
        raise _UnreadableError(words)
    return span


def _to_count(text: str) -> int:
    return int(text) if text.isdigit() else 1


def _just_after(now: datetime) -> datetime:
    """Return the end of a span that takes in the present."""
    return rolling(now, -1, "second")
