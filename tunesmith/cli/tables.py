"""A comparison as text for people: aligned for a terminal, or Markdown."""

from collections.abc import Sequence

from tunesmith.cli.rendering import GAP, display_width, render_columns, shrink
from tunesmith.query.cells import cell_text, one_line
from tunesmith.query.table import Table, unique_headers


def render_table(table: Table, *, width: int | None = None) -> tuple[str, int]:
    """Return a table as aligned lines under one heading, and how many columns were left out.

    Args:
        table: What to show.
        width: Columns of the terminal; cells are cut, then whole columns left out from the
            right, until a line fits. None to show everything.
    """
    rows = _texts(table)
    n_shown = len(rows[0])
    if width is not None:
        widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
        while n_shown > 1 and not _fits(widths[:n_shown], width):
            n_shown -= 1
    text = render_columns([row[:n_shown] for row in rows], width=width)
    return text, len(rows[0]) - n_shown


def render_markdown(table: Table) -> str:
    """Return a table as a Markdown table, every cell whole."""
    rows = [[cell.replace("|", "\\|") for cell in row] for row in _texts(table)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def _texts(table: Table) -> list[list[str]]:
    """Return the headings and the cells as one-line texts."""
    headers = [one_line(header) for header in unique_headers(table.columns)]
    rows = [
        [
            one_line(cell_text(column, cell))
            for column, cell in zip(table.columns, row.cells, strict=True)
        ]
        for row in table.rows
    ]
    return [headers, *rows]


def _fits(widths: Sequence[int], total: int) -> bool:
    room = total - len(GAP) * (len(widths) - 1)
    return sum(shrink(widths, room)) <= room
