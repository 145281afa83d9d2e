"""Dates and times as a user writes them, in the time zone of a given present.

The offset of the zone is that at each date, not that of the present. An hour that the clocks show
twice counts from its first start to its last end.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIXED = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_DATE = r"(?:(?P<year>\d{4}|\d{2})-)?(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
_MOMENT = re.compile(rf"(?:{_DATE}|(?P<name>[a-z]+))(?:(?:t|\s+|\s+at\s+){_TIME})?", re.ASCII)
_TIME_ALONE = re.compile(_TIME, re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time from one moment to another; the end is not included."""

    start: datetime
    end: datetime


def unit_span(now: datetime, unit: str) -> Span:
    """Return the second, minute, …, week, month or year that a moment lies in."""
    is_within_day = unit in ("second", "minute", "hour")
    # a midnight is the first one, but a present minute may be one that the clocks show again
    start = now.replace(microsecond=0, fold=now.fold if is_within_day else 0)
    if unit != "second":
        start = start.replace(second=0)
    if unit not in ("second", "minute"):
        start = start.replace(minute=0)
    if not is_within_day:
        start = start.replace(hour=0)
    if unit == "week":
        start -= timedelta(days=start.weekday())
    if unit in ("month", "year"):
        start = start.replace(day=1)
    if unit == "year":
        start = start.replace(month=1)
    end = rolling(start, -1, unit)
    if end.timestamp() <= now.timestamp():  # the clocks went back by less than an hour within it
        end = start + _FIXED[unit]
    return Span(start=start, end=end)


def rolling(now: datetime, count: int, unit: str) -> datetime:
    """Return the moment a number of units before another; after it for a negative number.

    A day that the resulting month does not have becomes the month's last day.

    Raises:
        OverflowError, ValueError, OSError: The result is outside the years 1 to 9999.
    """
    if unit in ("second", "minute", "hour"):  # passed time, across a change of the clocks too
        seconds = now.timestamp() - count * _FIXED[unit].total_seconds()
        return datetime.fromtimestamp(seconds, now.tzinfo)
    if unit in _FIXED:
        return now - count * _FIXED[unit]
    months = now.year * 12 + now.month - 1 - count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"the year {year} is outside of the calendar")
    first = now.replace(year=year, month=month + 1, day=1)
    last_day = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(now.day, last_day.day))


def span_of_point(moment: datetime) -> Span:
    """Return a moment as an empty span, for an exact bound."""
    return Span(start=moment, end=moment)


def find_span(words: str, now: datetime) -> Span | None:
    """Return the day, minute or second of a date, a weekday or a time; None for other words.

    Args:
        words: ``2026-01-31``, ``01-31 9:30``, ``yesterday``, ``monday``, ``9:30``, ``now``.
        now: The present. A date without a year, a time without a date and a weekday mean the
            latest ones that are not after it.

    Raises:
        ValueError: There is no such date or time, for example the 30th of February.
    """
    if words == "now":
        return span_of_point(now)
    if match := _TIME_ALONE.fullmatch(words):
        return _at_time(unit_span(now, "day"), match)
    match = _MOMENT.fullmatch(words)
    if match is None:
        return None
    day = _named_day(match["name"], now) if match["name"] else _dated_day(match, now)
    if day is None or match["hour"] is None:
        return day
    return _at_time(day, match)


def _named_day(name: str, now: datetime) -> Span | None:
    today = unit_span(now, "day").start
    if name == "today":
        return unit_span(today, "day")
    if name == "yesterday":
        return unit_span(today - timedelta(days=1), "day")
    if name in _WEEKDAYS:
        n_days = (today.weekday() - _WEEKDAYS.index(name)) % 7
        return unit_span(today - timedelta(days=n_days), "day")
    return None


def _dated_day(match: re.Match[str], now: datetime) -> Span:
    month, day = int(match["month"]), int(match["day"])
    today = unit_span(now, "day").start
    if match["year"] is not None:
        year = int(match["year"])
        start = today.replace(year=year + 2000 if year < 100 else year, month=month, day=day)
        return unit_span(start, "day")
    is_this_year = (month, day) <= (today.month, today.day)
    start = today.replace(year=today.year - (not is_this_year), month=month, day=day)
    return unit_span(start, "day")


def _at_time(day: Span, match: re.Match[str]) -> Span:
    """Return the minute of a day, or the second if one is given."""
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    start = day.start.replace(hour=hour, minute=minute, second=second)
    again = start.replace(fold=1)
    last = again if again.timestamp() > start.timestamp() else start
    unit = "minute" if match["second"] is None else "second"
    return Span(start=start, end=unit_span(last, unit).end)
