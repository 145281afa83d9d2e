import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import QueryError
from tunesmith.query.started import TimeRange, parse_started

NOW = datetime(2026, 3, 18, 14, 30, 15, 500_000, tzinfo=UTC)  # a Wednesday


def bounds(text: str, now: datetime = NOW) -> list[str]:
    found = parse_started(text, now)
    return [
        "" if math.isinf(seconds) else datetime.fromtimestamp(seconds, now.tzinfo).isoformat()[:19]
        for seconds in (found.start, found.end)
    ]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-03-18T00:00:00", "2026-03-19T00:00:00"),
        ("Yesterday", "2026-03-17T00:00:00", "2026-03-18T00:00:00"),
        ("2 hours ago", "2026-03-18T12:30:15", "2026-03-18T14:30:16"),
        ("an hour ago", "2026-03-18T13:30:15", "2026-03-18T14:30:16"),
        ("90 minutes ago", "2026-03-18T13:00:15", "2026-03-18T14:30:16"),
        ("1 week ago", "2026-03-11T14:30:15", "2026-03-18T14:30:16"),
        ("last 3 days", "2026-03-15T14:30:15", "2026-03-18T14:30:16"),
        ("past 2 months", "2026-01-18T14:30:15", "2026-03-18T14:30:16"),
        ("last hour", "2026-03-18T13:30:15", "2026-03-18T14:30:16"),
        ("last day", "2026-03-17T14:30:15", "2026-03-18T14:30:16"),
        ("last week", "2026-03-09T00:00:00", "2026-03-16T00:00:00"),
        ("last month", "2026-02-01T00:00:00", "2026-03-01T00:00:00"),
        ("last year", "2025-01-01T00:00:00", "2026-01-01T00:00:00"),
        ("this minute", "2026-03-18T14:30:00", "2026-03-18T14:31:00"),
        ("this hour", "2026-03-18T14:00:00", "2026-03-18T15:00:00"),
        ("this week", "2026-03-16T00:00:00", "2026-03-23T00:00:00"),
        ("this month", "2026-03-01T00:00:00", "2026-04-01T00:00:00"),
        ("this year", "2026-01-01T00:00:00", "2027-01-01T00:00:00"),
        ("after 2026-01-31", "2026-01-31T00:00:00", ""),
        ("since 26-01-31 9:30", "2026-01-31T09:30:00", ""),
        ("since monday", "2026-03-16T00:00:00", ""),
        ("since wednesday", "2026-03-18T00:00:00", ""),
        ("since 2 hours ago", "2026-03-18T12:30:15", ""),
        ("before 2026-01-31", "", "2026-01-31T00:00:00"),
        ("until 2026-01-31", "", "2026-02-01T00:00:00"),
        ("between 2026-01-01 and 2026-01-03", "2026-01-01T00:00:00", "2026-01-04T00:00:00"),
        ("between today and 2026-01-03", "2026-01-03T00:00:00", "2026-03-19T00:00:00"),
        ("from 9:00 to 10:00:30", "2026-03-18T09:00:00", "2026-03-18T10:00:31"),
        ("2026-01-31", "2026-01-31T00:00:00", "2026-02-01T00:00:00"),
        ("2026-01-31T09:30", "2026-01-31T09:30:00", "2026-01-31T09:31:00"),
        ("'2026-01-31 09:30:05'", "2026-01-31T09:30:05", "2026-01-31T09:30:06"),
        ("03-17", "2026-03-17T00:00:00", "2026-03-18T00:00:00"),
        ("12-24", "2025-12-24T00:00:00", "2025-12-25T00:00:00"),
        ("yesterday at 9:30", "2026-03-17T09:30:00", "2026-03-17T09:31:00"),
        ("9:30", "2026-03-18T09:30:00", "2026-03-18T09:31:00"),
    ],
)
def test_a_span_is_read(text: str, start: str, end: str) -> None:
    assert bounds(text) == [start, end]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-02-30",
        "25:00",
        "9:60",
        "between 2026-01-31",
        "after",
        "last 3 fortnights",
        "999999 years ago",
        "999999 weeks ago and more",
        "0-0",
        "last 999999 months",
    ],
)
def test_what_is_no_span_lists_the_forms(text: str) -> None:
    with pytest.raises(QueryError, match="last 3 days"):
        parse_started(text, NOW)


def test_a_month_before_its_31st_ends_at_the_shorter_months_last_day() -> None:
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)

    assert bounds("last 1 month", now)[0] == "2026-02-28T12:00:00"


def test_hours_are_passed_time_where_the_clocks_change() -> None:
    now = datetime(2026, 3, 29, 4, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # 2:00 became 3:00

    found = parse_started("3 hours ago", now)

    assert now.timestamp() - found.start == 3 * 3600


def test_a_day_has_23_hours_where_the_clocks_go_forward() -> None:
    now = datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))

    found = parse_started("today", now)

    assert found.end - found.start == 23 * 3600


SUMMER = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
WINTER = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("now", [SUMMER.replace(year=2027), WINTER], ids=["summer", "winter"])
@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-07-01", "2026-06-30T22:00", "2026-07-01T22:00"),
        ("2026-01-15", "2026-01-14T23:00", "2026-01-15T23:00"),
        ("after 2026-07-01 12:15", "2026-07-01T10:15", ""),
        ("until 2026-01-15 12:15", "", "2026-01-15T11:16"),
        ("between 2026-02-01 and 2026-08-31", "2026-01-31T23:00", "2026-08-31T22:00"),
        # 2:30 is there twice on this day, and both are meant
        ("2026-10-25 2:30", "2026-10-25T00:30", "2026-10-25T01:31"),
        ("before 2026-10-25 2:30", "", "2026-10-25T00:30"),
        ("until 2026-10-25 2:30", "", "2026-10-25T01:31"),
        ("between 2026-10-25 2:00 and 2026-10-25 3:00", "2026-10-25T00:00", "2026-10-25T02:01"),
        # 2:30 is not there on this day: it is half an hour after the last minute before 2:00
        ("after 2026-03-29 2:30", "2026-03-29T01:30", ""),
        ("2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
    ],
)
def test_each_date_has_its_own_offset(now: datetime, text: str, start: str, end: str) -> None:
    found = parse_started(text, now)

    in_utc = [
        "" if math.isinf(moment) else datetime.fromtimestamp(moment, UTC).isoformat()[:16]
        for moment in (found.start, found.end)
    ]
    assert in_utc == [start, end]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    st.integers(min_value=0, max_value=4 * 365 * 24 * 3600),
    st.sampled_from(["today", "this hour", "this minute", "this week", "last hour", "%H:%M:%S"]),
)
def test_the_present_lies_in_its_span_in_every_zone(zone: str, seconds: int, text: str) -> None:
    now = datetime.fromtimestamp(1_767_225_600 + seconds, ZoneInfo(zone))

    assert parse_started(now.strftime(text), now).contains(now.timestamp())


@pytest.mark.parametrize("text", ["today", "this hour", "last hour", "%Y-%m-%d %H:%M"])
@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", 1_792_890_000),
        ("Europe/Berlin", 1_774_746_000),
        ("America/New_York", 1_793_512_800),
        ("Australia/Lord_Howe", 1_775_314_800),
        ("Australia/Lord_Howe", 1_791_041_400),
        ("Africa/Cairo", 1_776_981_600),
        ("Africa/Cairo", 1_793_307_600),
    ],
)
def test_the_present_lies_in_its_span_while_the_clocks_change(
    zone: str, change: int, text: str
) -> None:
    presents = [
        datetime.fromtimestamp(change + 600 * step, ZoneInfo(zone)) for step in range(-12, 13)
    ]

    assert all(
        parse_started(now.strftime(text), now).contains(now.timestamp()) for now in presents
    )


def test_a_present_without_a_zone_is_the_machines() -> None:
    now = datetime(2026, 3, 18, 14, 30)

    assert parse_started("today", now).start == datetime(2026, 3, 18).timestamp()


def test_a_span_holds_its_start_but_not_its_end_and_nothing_missing() -> None:
    span = TimeRange(start=1.0, end=2.0)

    assert [span.contains(t) for t in (0.9, 1.0, 1.9, 2.0, None)] == [
        False,
        True,
        True,
        False,
        False,
    ]


_WORDS = st.one_of(
    st.sampled_from(["last", "this", "since", "before", "between", "and", "ago", "an"]),
    st.sampled_from(["3", "0", "days", "week", "monday", "9:30", "01-31", "2026-02-29"]),
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=20), st.lists(_WORDS, max_size=6).map(" ".join)))
def test_any_text_is_a_span_or_a_query_error(text: str) -> None:
    try:
        found = parse_started(text, NOW)
    except QueryError:
        return
    assert found.start <= found.end


@settings(deadline=None, max_examples=100)
@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))
def test_the_present_lies_in_every_span_that_reaches_to_it(now: datetime) -> None:
    now = now.replace(tzinfo=UTC)
    for text in ("today", "this week", "this month", "this year", "last 2 hours", "1 day ago"):
        assert parse_started(text, now).contains(now.timestamp())
    assert not parse_started("last week", now).contains(now.timestamp())
    assert parse_started("last week", now).contains((now - timedelta(days=7)).timestamp())
