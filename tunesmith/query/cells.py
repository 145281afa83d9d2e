"""Cells and other values formatted for display, shared by all views."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime

from tunesmith.flags.display import format_floats, format_value, shortened
from tunesmith.query.attributes import Cell
from tunesmith.query.columns import Column, ColumnKind

MAX_CELL = 320
"""The longest string that a table shows in full, in characters."""


def column_texts(column: Column, cells: Sequence[Cell]) -> list[str]:
    """Return the cells of a column for display, each on one line.

    There may be 100,000 cells, so repeated values are formatted once.
    """
    kinds = {*map(type, cells)}
    if kinds == {str}:
        texts = [shortened(cell, most=MAX_CELL) for cell in cells if isinstance(cell, str)]
        return texts if "".join(texts).isprintable() else [one_line(text) for text in texts]
    if kinds == {float}:
        return _float_texts(column, [cell for cell in cells if isinstance(cell, float)])
    if kinds - {type(None)} in ({str}, {int}, {bool}):  # not a mix: 1 and 1.0 are equal
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
    """Return a cell for display."""
    if isinstance(cell, int | float):
        if column.is_time:
            return format_started(cell)
        if column.is_duration:
            return format_clock(cell)
    if isinstance(cell, tuple) and column.kind is ColumnKind.ATTRIBUTE:
        return ", ".join(format_cell(item) for item in cell)
    return format_cell(cell)


def is_numeric(column: Column, cells: Iterable[Cell]) -> bool:
    """Return whether a column shows numbers and nothing else, which are aligned to the right."""
    kinds = {*map(type, cells)} - {type(None)}
    return not column.is_time and bool(kinds) and kinds <= {int, float}


def format_cell(value: Cell) -> str:
    """Return a value for display: empty if it is missing, and shortened if it is a long string."""
    if value is None:
        return ""
    return shortened(value, most=MAX_CELL) if isinstance(value, str) else format_value(value)


def format_started(seconds: float | None) -> str:
    """Return a time as a local date and clock time; empty for None."""
    if seconds is None:
        return ""
    try:
        return str(datetime.fromtimestamp(math.floor(seconds)))
    except (OverflowError, OSError, ValueError):  # the machine's clock was not set
        return ""


def format_clock(seconds: float) -> str:
    """Return a duration in seconds as ``H:MM:SS``; empty if it is not finite."""
    if not math.isfinite(seconds):
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def format_expected(mean: float, sd: float) -> str:
    """Return a model's expectation and its uncertainty in two digits: ``-0.79123 ± 0.05``."""
    return f"{format_value(mean)} ± {sd:.2g}"


def count(n: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 run``, ``20 runs``, ``2 batches``."""
    return f"{n} {noun}" if n == 1 else f"{n} {plural or noun + 's'}"


def one_line(text: str) -> str:
    """Return the text with control characters escaped, so that it cannot move the cursor."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
