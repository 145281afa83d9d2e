"""A comparison as text for people: aligned for a terminal, or Markdown."""

from collections.abc import Sequence

from tunesmith.cli.text.rendering import GAP, align, shrink, widest
from tunesmith.flags.display import shortened
from tunesmith.query.cells import column_texts, is_numeric, one_line
from tunesmith.query.markdown_text import escape
from tunesmith.query.table import Table, unique_headers


def render_table(table: Table, *, width: int | None = None) -> tuple[str, int]:
    """Return a table as aligned lines under one heading, and how many columns were left out.

    Args:
        table: What to show.
        width: Columns of the terminal; cells are cut, then whole columns left out from the
            right, until a line fits. None to show everything.
    """
    columns = _texts(table)
    n_shown = len(columns)
    if width is not None:
        widths = [widest(column) for column in columns]
        while n_shown > 1 and not _fits(widths[:n_shown], width):
            n_shown -= 1
    pairs = zip(table.columns, table.cells, strict=True)
    rights = {place for place, (column, cells) in enumerate(pairs) if is_numeric(column, cells)}
    text = align(columns[:n_shown], width=width, rights=rights)
    return text, len(columns) - n_shown


def render_markdown(table: Table) -> str:
    """Return a table as a Markdown table, no narrower than its cells."""
    columns = [[escape(text) for text in column] for column in _texts(table)]
    lines = ["| " + " | ".join(row) + " |" for row in zip(*columns, strict=True)]
    lines.insert(1, "|" + " --- |" * len(columns))
    return "\n".join(lines)


def _texts(table: Table) -> list[list[str]]:
    """Return each column's heading and cells as one-line texts."""
    headers = [one_line(shortened(header)) for header in unique_headers(table.columns)]
    return [
        [header, *column_texts(column, cells)]
        for header, column, cells in zip(headers, table.columns, table.cells, strict=True)
    ]


def _fits(widths: Sequence[int], total: int) -> bool:
    room = total - len(GAP) * (len(widths) - 1)
    return sum(shrink(widths, room)) <= room
