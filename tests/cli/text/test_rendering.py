import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.cli.text.rendering import clip, display_width, pad_rows, render_columns, shrink
from tunesmith.query.cells import count, format_cell, format_clock, format_started, one_line


def test_columns_are_aligned_with_two_spaces_and_no_space_at_the_end() -> None:
    assert render_columns([["a", "bbb", ""], ["cccc", "d", "e"]]) == "a     bbb\ncccc  d    e"


def test_no_rows_are_no_text() -> None:
    assert render_columns([]) == ""


@pytest.mark.parametrize(
    ("text", "width"),
    [
        pytest.param("loss", 4, id="ascii"),
        pytest.param("損失", 4, id="wide"),
        pytest.param("e\N{COMBINING ACUTE ACCENT}", 1, id="combining"),
        pytest.param("a\N{ZERO WIDTH JOINER}b", 2, id="joiner"),
        pytest.param("", 0, id="empty"),
    ],
)
def test_a_width_is_what_a_terminal_shows(text: str, width: int) -> None:
    assert display_width(text) == width


def test_a_wide_character_is_padded_by_its_width() -> None:
    assert render_columns([["損失", "x"], ["loss", "y"]]) == "損失  x\nloss  y"


@given(st.text(), st.integers(0, 40))
def test_a_clipped_text_is_never_wider_than_asked(text: str, width: int) -> None:
    assert display_width(clip(text, width)) <= max(width, 0)


@given(st.text())
def test_a_text_that_fits_is_not_clipped(text: str) -> None:
    assert clip(text, display_width(text)) == text


@given(st.text())
def test_one_line_holds_no_control_character(text: str) -> None:
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in one_line(text))


def test_an_escape_sequence_in_a_label_does_not_reach_the_terminal() -> None:
    assert render_columns([["a\x1b[2Jb\nc"]]) == "a\\x1b[2Jb\\nc"


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(0, 200))
def test_shrinking_meets_the_total_unless_least_widths_forbid(
    widths: list[int], total: int
) -> None:
    shrunk = shrink(widths, total)

    assert sum(shrunk) <= max(total, sum(min(width, 6) for width in widths))
    assert all(new <= old for new, old in zip(shrunk, widths, strict=True))
    assert sum(shrunk) == min(sum(widths), max(total, sum(min(width, 6) for width in widths)))


def test_the_widest_column_gives_way_first() -> None:
    assert shrink([8, 50, 10], 40) == [8, 22, 10]


def test_no_width_keeps_every_cell_whole() -> None:
    assert pad_rows([["x" * 500, "y"]]) == [["x" * 500, "y"]]


def test_lines_are_no_wider_than_the_terminal() -> None:
    lines = render_columns([["a" * 90, "b" * 90]], width=40).splitlines()

    assert [display_width(line) for line in lines] == [40]
    assert "…" in lines[0]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (59.9, "0:00:59"), (3661, "1:01:01"), (360000, "100:00:00")],
)
def test_a_clock_shows_hours_minutes_seconds(seconds: float, text: str) -> None:
    assert format_clock(seconds) == text


@pytest.mark.parametrize("seconds", [None, 1e30, float("nan"), float("inf")])
def test_no_real_time_is_an_empty_cell(seconds: float | None) -> None:
    assert format_started(seconds) == ""


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs")], ids=["none", "one", "two"]
)
def test_a_count_has_its_plural(n: int, text: str) -> None:
    assert count(n, "run") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("a b", "a b"), (True, "yes"), (0.1, "0.1"), (-0.1, "-0.1"), (1, "1")],
)
def test_a_cell_is_shown_as_people_write_it(value: float | str | bool | None, text: str) -> None:
    assert format_cell(value) == text
