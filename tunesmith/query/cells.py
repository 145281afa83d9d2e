"""Cells as people read them, and other short texts that every view shares."""

import math
from collections.abc import Sequence
from datetime import datetime

from tunesmith.flags.display import format_floats, format_value, shortened
from tunesmith.query.attributes import Cell
from tunesmith.query.columns import Column, ColumnKind

MAX_CELL = 320
"""Characters of a text that a table shows whole."""


def column_texts(column: Column, cells: Sequence[Cell]) -> list[str]:
    """Return the cells of a column as people read them, each on one line.

    A list may have 100,000 of them: what is there again and again is put into words once.
    """
    kinds = {*map(type, cells)}
    if kinds == {str}:
        texts = [shortened(cell, most=MAX_CELL) for cell in cells if isinstance(cell, str)]
        return texts if "".join(texts).isprintable() else [one_line(text) for text in texts]
    if kinds == {float}:
        return _float_texts(column, [cell for cell in cells if isinstance(cell, float)])
    if kinds - {type(None)} in ({str}, {int}, {bool}):  # others hold 1 and 1.0, which are equal
        words = {cell: one_line(cell_text(column, cell)) for cell in {*cells}}
        return [words[cell] for cell in cells]
    return [one_line(cell_text(column, cell)) for cell in cells]


def _float_texts(column: Column, cells: Sequence[float]) -> list[str]:
    """Return the texts of a column without a missing cell."""
    if column.is_time:
        return [format_started(cell) for cell in cells]
    if column.is_duration and all(map(math.isfinite, cells)):
        words = {second: format_clock(second) for second in {*map(int, cells)}}
        return [words[int(cell)] for cell in cells]
    if column.is_duration:
        return [format_clock(cell) for cell in cells]
    return format_floats(cells)


def cell_text(column: Column, cell: Cell) -> str:
    """Return a cell as people read it."""
    if isinstance(cell, int | float):
        if column.is_time:
            return format_started(cell)
        if column.is_duration:
            return format_clock(cell)
    if isinstance(cell, tuple) and column.kind is ColumnKind.ATTRIBUTE:
        return ", ".join(format_cell(item) for item in cell)
    return format_cell(cell)


def format_cell(value: Cell) -> str:
    """Return a table's cell for display; empty where the value is missing, a long text in part."""
    if value is None:
        return ""
    return shortened(value, most=MAX_CELL) if isinstance(value, str) else format_value(value)


def format_started(seconds: float | None) -> str:
    """Return a time as a local date and clock time; empty for None."""
    if seconds is None:
        return ""
    try:
        return str(datetime.fromtimestamp(math.floor(seconds)))
    except (OverflowError, OSError, ValueError):  # a clock that was never set
        return ""


def format_clock(seconds: float) -> str:
    """Return a duration as ``H:MM:SS``, whole seconds; empty for one that is no number."""
    if not math.isfinite(seconds):
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def format_expected(mean: float, sd: float) -> str:
    """Return what a model expects, two digits of its uncertainty: ``-0.79123 ± 0.05``."""
    return f"{format_value(mean)} ± {sd:.2g}"


def count(n: int, noun: str, plural: str = "") -> str:
    """Return a number of things: ``1 run``, ``20 runs``, ``2 batches``."""
    return f"{n} {noun}" if n == 1 else f"{n} {plural or noun + 's'}"


def one_line(text: str) -> str:
    """Return the text with control characters as escapes, so that it cannot move the cursor."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
