"""A table for other programs: CSV text, JSON values, typed columns."""

import csv
import io
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from tunesmith.flags.values import to_plain
from tunesmith.query.attributes import Cell
from tunesmith.query.columns import Column
from tunesmith.query.table import Table, unique_headers

TypedCell = int | float | str | bool | datetime | None
"""A value of a typed column."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|nan)")


def table_to_csv(table: Table) -> str:
    """Return the table as CSV (RFC 4180): a heading, values in full, times in UTC.

    A missing value is an empty cell, and a list is JSON. A string that a spreadsheet would
    evaluate as a formula gets an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([defuse(header) for header in unique_headers(table.columns)])
    texts = [
        [_csv_cell(column, cell) for cell in cells]
        for column, cells in zip(table.columns, table.cells, strict=True)
    ]
    writer.writerows(zip(*texts, strict=True))
    return text.getvalue()


def table_to_plain(table: Table) -> list[dict[str, Any]]:
    """Return each row as a JSON object; NaN and the infinities are the strings nan, inf, -inf."""
    headers = unique_headers(table.columns)
    return [
        {
            header: _plain_cell(column, cell)
            for header, column, cell in zip(headers, table.columns, row, strict=True)
        }
        for row in table.rows
    ]


def table_to_columns(table: Table) -> dict[str, list[TypedCell]]:
    """Return the typed columns by heading; times are datetimes, lists are JSON."""
    headers = unique_headers(table.columns)
    return {
        header: [_typed_cell(column, cell) for cell in cells]
        for header, column, cells in zip(headers, table.columns, table.cells, strict=True)
    }


def defuse(text: str) -> str:
    """Return the text, with an apostrophe in front if a spreadsheet would evaluate it."""
    is_formula = text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _csv_cell(column: Column, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return defuse(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, tuple):
        return json.dumps(to_plain(cell), ensure_ascii=False, separators=(",", ":"))
    return _iso_time(cell) if column.is_time else repr(cell)


def _typed_cell(column: Column, cell: Cell) -> TypedCell:
    if isinstance(cell, tuple):
        return json.dumps(to_plain(cell), ensure_ascii=False, separators=(",", ":"))
    if column.is_time and isinstance(cell, int | float):
        return datetime.fromtimestamp(cell, UTC)
    return cell


def _plain_cell(column: Column, cell: Cell) -> Any:
    if isinstance(cell, tuple):
        return [_plain_cell(column, item) for item in cell]
    if isinstance(cell, float) and not math.isfinite(cell):
        return repr(cell)
    if column.is_time and isinstance(cell, int | float):
        return _iso_time(cell)
    return cell


def _iso_time(seconds: float) -> str:
    """Return seconds since 1970 as an ISO 8601 time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
