"""Text in columns: widths as a terminal shows them, and cells as people read them."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence

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
    columns = [[one_line(cell) for cell in column] for column in zip(*rows, strict=True)]
    return align(columns, width=width)


def align(
    columns: Sequence[Sequence[str]],
    *,
    width: int | None = None,
    rights: Collection[int] = (),
) -> str:
    """Return columns of one-line cells as lines, each column padded to its width.

    A table may have a million cells: a line is made at once, not cell by cell.

    Args:
        columns: Cells as text; every column as long as the first.
        width: What a line is shrunk to; None for no limit.
        rights: The places of the columns whose cells end at the same place, not begin there.
    """
    fitted, formats = [], []
    for place, (column, size) in enumerate(zip(columns, _widths(columns, width), strict=True)):
        is_plain, is_right = _is_plain(column, size), place in rights
        fitted.append(
            column if is_plain else [fit(cell, size, is_right=is_right) for cell in column]
        )
        formats.append(f"%{'' if is_right else '-'}{size}s" if is_plain else "%s")
    line = GAP.join(formats)
    return "\n".join([(line % row).rstrip() for row in zip(*fitted, strict=True)])


def join_lines(rows: Iterable[Sequence[str]]) -> str:
    """Return padded cells as lines."""
    return "\n".join([GAP.join(row).rstrip() for row in rows])


def pad_rows(rows: Sequence[Sequence[str]], *, width: int | None = None) -> list[list[str]]:
    """Return rows of cells, each on one line and padded to its column's width.

    Args:
        rows: Cells as text; every row as long as the first.
        width: What a line of cells and the gaps between them is shrunk to; None for no limit.
    """
    columns = [[one_line(cell) for cell in column] for column in zip(*rows, strict=True)]
    sizes = _widths(columns, width)
    padded = [_fit_all(column, size) for column, size in zip(columns, sizes, strict=True)]
    return [list(row) for row in zip(*padded, strict=True)]


def _widths(columns: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """Return the width of each column, where lines are shrunk to a width."""
    widths = [widest(column) for column in columns]
    return widths if width is None else shrink(widths, width - len(GAP) * (len(widths) - 1))


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


def widest(column: Sequence[str]) -> int:
    """Return the columns that the widest of the texts takes on a terminal."""
    is_plain = "".join(column).isascii()  # quick, and almost always so
    return max(map(len if is_plain else display_width, column), default=0)


def display_width(text: str) -> int:
    """Return the columns that a string takes on a terminal."""
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


def fit(cell: str, width: int, *, is_right: bool = False) -> str:
    """Return the text in exactly a width: padded, on the left for the right, or cut and marked."""
    clipped = clip(cell, width)
    room = " " * (width - display_width(clipped))
    return room + clipped if is_right else clipped + room


def _fit_all(column: Sequence[str], width: int) -> list[str]:
    """Return each text as ``fit`` does."""
    if _is_plain(column, width):
        return [cell.ljust(width) for cell in column]
    return [fit(cell, width) for cell in column]


def _is_plain(column: Sequence[str], width: int) -> bool:
    """Return whether texts take a column for each character, and fit a width."""
    return "".join(column).isascii() and max(map(len, column), default=0) <= width


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
