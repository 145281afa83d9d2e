"""What the view shows: which runs in which order, which columns; without a screen.

A cell is read when it is asked for, so a sheet of 100,000 runs is made at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.errors import QueryError
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.cells import cell_text, one_line
from tunesmith.query.columns import Column, read_column
from tunesmith.query.expression import Expression, parse_expression
from tunesmith.query.known import resolve_columns
from tunesmith.query.table import (
    Table,
    build_table,
    default_columns,
    sort_runs,
    unique_headers,
    varies,
)
from tunesmith.trial import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By which column the rows are sorted."""

    column: Column
    is_descending: bool

    @property
    def arrow(self) -> str:
        """The sign of the direction."""
        return "▼" if self.is_descending else "▲"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """What rows have to be like: an expression holds, or a cell contains a text."""

    text: str
    expression: Expression | None = None
    """None where the text is looked for in the cells."""
    mistake: str = ""
    """Why the text is no expression, or which column no run has; empty where it is one."""


class Sheet:
    """Runs as rows, with an order, a filter, marks and columns that may be hidden."""

    def __init__(
        self,
        runs: Sequence[Run],
        *,
        columns: Sequence[Column] = (),
        is_unchanged_hidden: bool = False,
        order: Order | None = None,
        top: int | None = None,
    ) -> None:
        """Take what is shown at first.

        Args:
            runs: In their original order.
            columns: Empty for the default ones.
            is_unchanged_hidden: Whether columns that are the same in all rows are left out.
            order: By which column the rows are sorted; None for the original order.
            top: How many rows are shown at most; None for all.
        """
        self.runs: Sequence[Run] = ()
        self.rows: Sequence[Run] = ()
        self.columns: tuple[Column, ...] = ()
        self.headers: tuple[str, ...] = ()
        self.order = order
        self.filter: RowFilter | None = None
        self.marked: set[str] = set()
        self.is_unchanged_hidden = is_unchanged_hidden
        self._asked = tuple(columns)
        self._top = top
        self.replace_runs(runs)

    def replace_runs(self, runs: Sequence[Run]) -> None:
        """Take newer runs; order, filter and marks stay."""
        self.runs = runs
        known = {run.id for run in runs}
        self.marked &= known
        if self.filter is not None and self.filter.mistake:  # its column may be there by now
            self.filter = self._read_filter(self.filter.text)
        self._arrange()

    def sort(self, order: Order | None) -> None:
        """Sort the rows, or take the original order for None; missing and NaN are always last."""
        self.order = order
        self._arrange()

    def filter_rows(self, text: str) -> int:
        """Show only rows that pass, all for an empty text; return how many are shown.

        A text that is no expression, or one on a column that no run has, is looked for in the
        cells, in any case of letters.
        """
        self.filter = self._read_filter(text) if text.strip() else None
        self._arrange()
        return len(self.rows)

    def toggle_unchanged(self) -> None:
        """Hide the columns that are the same in all rows, or show them again."""
        self.is_unchanged_hidden = not self.is_unchanged_hidden
        self._choose_columns()

    def toggle_mark(self, run: Run) -> None:
        """Mark a run, or take its mark away."""
        self.marked ^= {run.id}

    def marked_runs(self) -> list[Run]:
        """Return the marked runs, in the order of the rows; those that are filtered out last."""
        shown = [run for run in self.rows if run.id in self.marked]
        ids = {run.id for run in shown}
        hidden = [run for run in self.runs if run.id in self.marked and run.id not in ids]
        return [*shown, *hidden]

    def text(self, row: int, column: int) -> str:
        """Return a cell as it is shown: one line, without anything that moves the cursor."""
        chosen = self.columns[column]
        return one_line(cell_text(chosen, read_column(chosen, self.rows[row])))

    def is_match(self, row: int, column: int) -> bool:
        """Return whether a cell contains the text that is looked for."""
        wanted = self.filter
        return (
            wanted is not None
            and wanted.expression is None
            and wanted.text.lower() in self.text(row, column).lower()
        )

    def next_match(self, row: int, column: int, *, step: int) -> tuple[int, int] | None:
        """Return the next matching cell from a place, around the end; None where there is none.

        With an expression every row matches, so it is the next row.

        Args:
            row: Where to start.
            column: Where to start.
            step: 1 for the next, -1 for the previous one.
        """
        if self.filter is None or not self.rows:
            return None
        if self.filter.expression is not None:
            return (row + step) % len(self.rows), column
        n_columns = len(self.columns)
        n_cells = len(self.rows) * n_columns
        place = row * n_columns + column
        for distance in range(1, n_cells + 1):
            candidate = divmod((place + step * distance) % n_cells, n_columns)
            if self.is_match(*candidate):
                return candidate
        return None

    def row_of(self, run_id: str) -> int | None:
        """Return the row of a run; None where it is not shown."""
        return next((i for i, run in enumerate(self.rows) if run.id == run_id), None)

    def to_table(self) -> Table:
        """Return what is shown as a table: these rows, these columns."""
        return build_table(ListedRuns(self.rows), columns=self.columns)

    def _arrange(self) -> None:
        self._choose_columns()
        rows = [run for run in self.runs if self._passes(run)]
        if self.order is not None:
            order = self.order
            rows = sort_runs(rows, order.column, is_descending=order.is_descending)
        self.rows = rows[: self._top]
        if self.is_unchanged_hidden:
            self._choose_columns()

    def _choose_columns(self) -> None:
        columns = self._columns_of_runs()
        if self.is_unchanged_hidden and len(self.rows) > 1:
            columns = tuple(one for one in columns if one.name == "run" or self._varies(one))
        self.columns = columns
        headers = zip(columns, unique_headers(columns), strict=True)
        self.headers = tuple(one_line(text) + self._arrow(column) for column, text in headers)

    def _arrow(self, column: Column) -> str:
        """Return what the heading of a column says of the order."""
        order = self.order
        if order is None or order.column.qualified != column.qualified:
            return ""
        return f" {order.arrow}"

    def _columns_of_runs(self) -> tuple[Column, ...]:
        if not self._asked:
            return default_columns(ListedRuns(self.runs))
        try:
            return resolve_columns(self._asked, ListedRuns(self.runs))
        except QueryError:  # the run that had it is gone
            return self._asked

    def _varies(self, column: Column) -> bool:
        return varies(read_column(column, run) for run in self.rows)

    def _passes(self, run: Run) -> bool:
        wanted = self.filter
        if wanted is None:
            return True
        if wanted.expression is not None:
            return wanted.expression.matches(run)
        needle = wanted.text.lower()
        return any(
            needle in cell_text(column, read_column(column, run)).lower()
            for column in self.columns
        )

    def _read_filter(self, text: str) -> RowFilter:
        text = text.strip()
        try:
            expression = parse_expression(text, zone=None)
            resolve_columns(expression.columns, ListedRuns(self.runs))
        except QueryError as error:
            return RowFilter(text=text, mistake=str(error))
        return RowFilter(text=text, expression=expression)
