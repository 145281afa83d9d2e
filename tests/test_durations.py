import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.durations import covered_seconds, format_duration, parse_duration
from tunesmith.errors import SpecificationError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("1.5m", 90), ("1h30m", 5400), ("500ms", 0.5), ("2d", 172800)],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "5x", "-1", "1h x", "m", "٣"], ids=repr)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(SpecificationError, match="a positive number of seconds, or 30s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.06, "4.1s"), (59.94, "59.9s"), (125, "2m 05s"), (11520, "3h 12m")],
)
def test_a_duration_is_shown(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.text(max_size=8))
def test_no_text_crashes_the_reader(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except SpecificationError:
        return
    assert seconds > 0


def test_a_span_that_is_no_number_counts_for_nothing() -> None:
    spans = [(0.0, 2.0), (math.nan, 1.0), (math.inf, 1.0), (0.0, math.inf), (1.0, 2.0)]

    assert covered_seconds(spans) == 3.0


_SPANS = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 20)), max_size=8)


@given(_SPANS, st.randoms(use_true_random=False))
def test_spans_cover_each_second_once_in_any_order(
    spans: list[tuple[int, int]], generator: Random
) -> None:
    seconds = {second for start, length in spans for second in range(start, start + length)}
    generator.shuffle(spans)

    assert covered_seconds(spans) == len(seconds)
