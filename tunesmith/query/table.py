"""Tables of runs: their columns, and the order of their rows."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tunesmith.objective import rank_key
from tunesmith.query.attributes import Cell
from tunesmith.query.cell_source import ListedRuns, Source
from tunesmith.query.columns import Column, ColumnKind
from tunesmith.query.known import resolve_columns
from tunesmith.trial import Run, TrialStatus

CORE = ("run", "operation", "started", "time", "status", "label")
"""The attributes that a table shows by default."""

_SortKey: TypeAlias = "tuple[int, float | str | tuple[_SortKey, ...]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a row for each run."""

    columns: tuple[Column, ...]
    cells: tuple[Sequence[Cell], ...]
    """The cells by column, as they are read, measured and written."""
    n_rows: int

    @property
    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The cells by row."""
        return zip(*self.cells, strict=True)


def default_columns(source: Source) -> tuple[Column, ...]:
    """Return the default columns of ``compare``: attributes, flags, step and scalars."""
    flags, tags = source.names()
    return (
        *(Column(kind=ColumnKind.ATTRIBUTE, name=name) for name in CORE),
        *(Column(kind=ColumnKind.FLAG, name=name) for name in sorted(flags)),
        Column(kind=ColumnKind.ATTRIBUTE, name="step"),
        *(Column(kind=ColumnKind.SCALAR, name=tag) for tag in sorted(tags)),
    )


def build_table(
    source: Source,
    *,
    columns: Sequence[Column] = (),
    is_unchanged_skipped: bool = False,
) -> Table:
    """Return a table with a row for each run, in the order of the source.

    Args:
        source: The runs.
        columns: The columns to show; empty for the default columns.
        is_unchanged_skipped: Whether to omit columns, other than ``run``, with the same value in
            all rows.

    Raises:
        QueryError: None of the runs has one of the columns.
    """
    chosen = resolve_columns(columns, source) if columns else default_columns(source)
    read = [(column, source.cells(column)) for column in chosen]
    if is_unchanged_skipped and len(source) > 1:
        read = [
            (column, cells)
            for column, cells in read
            if column.name == "run" or varies(column, cells)
        ]
    return Table(
        columns=tuple(column for column, _ in read),
        cells=tuple(cells for _, cells in read),
        n_rows=len(source),
    )


def with_marks(table: Table, name: str, marks: Sequence[str]) -> Table:
    """Return a table with a column of marks behind the first.

    Args:
        table: The table.
        name: The heading.
        marks: Of each row, empty for none.
    """
    columns, cells = list(table.columns), list(table.cells)
    columns.insert(1, Column(name=name))
    cells.insert(1, list(marks))
    return Table(columns=tuple(columns), cells=tuple(cells), n_rows=table.n_rows)


def order_of(column: Column, source: Source, *, is_descending: bool) -> list[int]:
    """Return the positions of runs, sorted by a column: numbers, then strings, then lists.

    Missing values and NaN are always last; in scalars and the objective, the infinities come just
    before them, and runs that have not completed behind those that have: what a pruned, failed or
    running one has reported is not its result. The sort is stable.
    """
    cells = source.cells(column)
    if _ranks(column, cells):
        statuses = source.cells(Column(kind=ColumnKind.ATTRIBUTE, name="status"))
        keys = [
            _result_key(cell, status, is_descending=is_descending)
            for cell, status in zip(cells, statuses, strict=True)
        ]
        return sorted(range(len(cells)), key=keys.__getitem__)
    present: list[tuple[_SortKey, int]] = []
    missing: list[int] = []
    for place, cell in enumerate(cells):
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            missing.append(place)
        else:
            present.append((_sort_key(cell), place))
    present.sort(key=lambda pair: pair[0], reverse=is_descending)
    return [*(place for _, place in present), *missing]


def _result_key(cell: Cell, status: Cell, *, is_descending: bool) -> tuple[int, bool, float]:
    """Return a key that sorts a result; of equal kind, completed runs come first."""
    value = cell if isinstance(cell, int | float) else None
    kind, place = rank_key(value, is_descending=is_descending)
    return kind, status != TrialStatus.COMPLETED, place


def _ranks(column: Column, cells: Sequence[Cell]) -> bool:
    """Return whether a column shows results: a bare name means a scalar where all are numbers."""
    if column.kind is ColumnKind.ANY:
        return all(cell is None or type(cell) in (int, float) for cell in cells)
    return column.kind is ColumnKind.SCALAR or column.name == "objective"


def sort_runs(runs: Sequence[Run], column: Column, *, is_descending: bool) -> list[Run]:
    """Return the runs sorted by a column, as ``order_of`` does."""
    places = order_of(column, ListedRuns(runs), is_descending=is_descending)
    return [runs[place] for place in places]


def unique_headers(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return a unique heading for each column: ``loss`` may become ``flag:loss``."""
    headers = [column.header for column in columns]
    shared = {header for header, count in Counter(headers).items() if count > 1}
    headers = [
        column.qualified if column.header in shared and not column.alias else column.header
        for column in columns
    ]
    used: set[str] = set()
    for i, header in enumerate(headers):
        headers[i] = _first_unused(
            header, used | set(headers[i + 1 :]) if header in used else used
        )
        used.add(headers[i])
    return tuple(headers)


def _first_unused(header: str, used: set[str]) -> str:
    candidate, number = header, 1
    while candidate in used:
        number += 1
        candidate = f"{header} ({number})"
    return candidate


def _sort_key(cell: Cell) -> _SortKey:
    """Return a key that sorts cells of different types."""
    if isinstance(cell, bool | int | float):
        return (0, -math.inf if cell != cell else cell)
    if isinstance(cell, tuple):
        return (2, tuple(_sort_key(item) for item in cell))
    return (1, cell or "")


def varies(column: Column, cells: Iterable[Cell]) -> bool:
    """Return whether any two cells of a column differ.

    NaN equals NaN, 1 does not equal True, and times are compared in whole seconds, as shown.
    """
    if column.is_time or column.is_duration:
        cells = (
            int(cell) if isinstance(cell, float) and math.isfinite(cell) else None
            for cell in cells
        )
    first: str | None = None
    known: Cell = None
    for cell in cells:
        if cell is known and first is not None:  # quick, and often so: there may be 100,000
            continue
        text = repr(cell)
        if first is None:
            first, known = text, cell
        elif text != first:
            return True
    return False
