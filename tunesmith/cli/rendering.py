"""Text in columns: widths as a terminal shows them, and cells as people read them."""

import unicodedata
from collections.abc import Sequence

from tunesmith.query.cells import one_line

GAP = "  "
ELLIPSIS = "…"
_LEAST = 6
"""A column is not shrunk below this width."""


def render_columns(rows: Sequence[Sequence[str]], *, width: int | None = None) -> str:
    """Return rows as aligned lines, two spaces between columns.

    Args:
        rows: Cells as text; every row as long as the first. A header is a row like the others.
        width: What the lines are shrunk to; None to keep every cell whole.
    """
    return "\n".join(GAP.join(cells).rstrip() for cells in pad_columns(rows, width=width))


def pad_columns(rows: Sequence[Sequence[str]], *, width: int | None = None) -> list[list[str]]:
    """Return the cells, each on one line and padded to its column's width.

    Args:
        rows: Cells as text; every row as long as the first.
        width: What a line of cells and the gaps between them is shrunk to; None for no limit.
    """
    clean = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*clean, strict=True)]
    if width is not None:
        widths = shrink(widths, width - len(GAP) * (len(widths) - 1))
    return [[fit(cell, size) for cell, size in zip(row, widths, strict=True)] for row in clean]


def shrink(widths: Sequence[int], total: int) -> list[int]:
    """Return widths whose sum is at most the total, where the least widths allow it.

    The widest columns give way first: all are cut to one cap, which is as high as it can be.
    """
    if sum(widths) <= total:
        return list(widths)
    low, high = _LEAST, max(widths)
    while low < high:
        cap = (low + high + 1) // 2
        if sum(min(width, cap) for width in widths) <= total:
            low = cap
        else:
            high = cap - 1
    shrunk = [min(width, low) for width in widths]
    spare = total - sum(shrunk)
    for index, width in enumerate(widths):
        if width > low and spare > 0:
            shrunk[index] += 1
            spare -= 1
    return shrunk


def display_width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_character_width, text))


def clip(text: str, width: int) -> str:
    """Return the text, cut to a width and marked where something is left out."""
    if display_width(text) <= width:
        return text
    kept, used = "", 0
    for character in text:
        used += _character_width(character)
        if used > width - 1:
            break
        kept += character
    return kept + ELLIPSIS if width > 0 else ""


def fit(cell: str, width: int) -> str:
    """Return the text in exactly a width: padded, or cut and marked."""
    clipped = clip(cell, width)
    return clipped + " " * (width - display_width(clipped))


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
