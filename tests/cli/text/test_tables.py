import pytest

from tunesmith.cli.text.rendering import display_width
from tunesmith.cli.text.tables import render_markdown, render_table
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.columns import parse_columns
from tunesmith.query.table import Table, build_table
from tunesmith.trial import Run, TrialStatus


def _table(*, label: str = "", n_flags: int = 2, columns: str = "") -> Table:
    run = Run(
        id="ab" * 16,
        batch="ab" * 16,
        number=0,
        operation="train.py",
        script="train.py",
        status=TrialStatus.COMPLETED,
        started=0.0,
        seconds=75.2,
        label=label,
        tags=("a", "b"),
        flags={f"flag_{number}": number + 0.123456789 for number in range(n_flags)},
    )
    return build_table(ListedRuns([run]), columns=parse_columns(columns) if columns else ())


def test_everything_is_shown_whole_without_a_width() -> None:
    text, n_left_out = render_table(_table(label="x" * 300, n_flags=40))

    assert n_left_out == 0
    assert "x" * 300 in text
    assert "…" not in text


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_a_terminal_is_never_overrun(width: int) -> None:
    text, _ = render_table(_table(label="x" * 300, n_flags=40), width=width)

    assert max(map(display_width, text.splitlines())) <= width


def test_columns_that_do_not_fit_are_counted() -> None:
    text, n_left_out = render_table(_table(n_flags=40), width=80)

    n_shown = len(text.splitlines()[0].split())
    assert n_shown + n_left_out == 47


def test_values_are_shown_short_and_times_as_clocks() -> None:
    text, _ = render_table(_table(columns="flag_1, time, tags"))

    assert text.splitlines()[1].split("  ") == ["1.1235", "0:01:15", "a, b"]


def test_markdown_escapes_its_bars() -> None:
    text = render_markdown(_table(label="a|b", columns="label"))

    assert text == "| label |\n| --- |\n| a\\|b |"
