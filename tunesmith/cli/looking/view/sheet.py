"""What the view shows, without a screen: which runs in which order, and which columns.

Cells are read on demand, so that a sheet of 100,000 runs is made instantly.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tunesmith.errors import QueryError
from tunesmith.query.cell_source import ListedRuns
from tunesmith.query.cells import cell_text, is_numeric, one_line
from tunesmith.query.columns import Column, read_column
from tunesmith.query.expression import RunExpression, parse_expression
from tunesmith.query.interest import Ordered, as_asked, by_interest
from tunesmith.query.known import resolve_columns
from tunesmith.query.table import Table, build_table, sort_runs, unique_headers
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The column by which the rows are sorted, and the direction."""

    column: Column
    is_descending: bool

    @property
    def arrow(self) -> str:
        """The symbol of the direction."""
        return "▼" if self.is_descending else "▲"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """A filter of rows: an expression has to hold, or a cell has to contain a string."""

    text: str
    expression: RunExpression | None = None
    """The expression; None if the text is searched for in the cells."""
    mistake: str = ""
    """Why the text is not an expression, or which column no run has; empty for an expression."""


class Sheet:
    """Runs as rows, with an order, a filter, marks and columns that may be hidden."""

    def __init__(
        self,
        runs: Sequence[Run],
        *,
        columns: Sequence[Column] = (),
        is_unchanged_hidden: bool = True,
        order: Order | None = None,
        top: int | None = None,
        objectives_of: Callable[[Sequence[Run]], Iterable[ScalarColumn]] = lambda _: (),
    ) -> None:
        """Take the initial contents.

        Args:
            runs: The runs in their original order.
            columns: The columns; empty for the default ones, those that tell runs apart first.
            is_unchanged_hidden: Whether to hide columns that are empty or have one value.
            order: The order of the rows; None for the original order.
            top: The greatest number of rows to show; None for all.
            objectives_of: Returns the objectives of the runs' batches, which stand first.
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
        self._every = Ordered(columns=(), idle=frozenset())
        self._objectives_of = objectives_of
        self._top = top
        self.replace_runs(runs)

    def replace_runs(self, runs: Sequence[Run]) -> None:
        """Replace the runs by newer ones; order, filter and marks are kept."""
        self.runs = runs
        self._every = self._columns_of_runs()
        known = {run.id for run in runs}
        self.marked &= known
        if self.filter is not None and self.filter.mistake:  # its column may exist by now
            self.filter = self._read_filter(self.filter.text)
        self._arrange()

    def sort(self, order: Order | None) -> None:
        """Sort the rows; None restores the original order. Missing values and NaN come last."""
        self.order = order
        self._arrange()

    def filter_rows(self, text: str) -> int:
        """Show only rows that match a string, or all for an empty one; return how many.

        If the text is not an expression, or has a column that no run has, it is searched for in
        the cells, ignoring case.
        """
        self.filter = self._read_filter(text) if text.strip() else None
        self._arrange()
        return len(self.rows)

    def toggle_unchanged(self) -> None:
        """Hide or show the columns that are empty or have one value."""
        self.is_unchanged_hidden = not self.is_unchanged_hidden
        self._choose_columns()

    def toggle_mark(self, run: Run) -> None:
        """Mark or unmark a run."""
        self.marked ^= {run.id}

    def marked_runs(self) -> list[Run]:
        """Return the marked runs in the order of the rows; those filtered out come last."""
        shown = [run for run in self.rows if run.id in self.marked]
        ids = {run.id for run in shown}
        hidden = [run for run in self.runs if run.id in self.marked and run.id not in ids]
        return [*shown, *hidden]

    def text(self, row: int, column: int) -> str:
        """Return a cell for display: one line, with control characters escaped."""
        chosen = self.columns[column]
        return one_line(cell_text(chosen, read_column(chosen, self.rows[row])))

    def is_numeric(self, column: int, rows: Iterable[int]) -> bool:
        """Return whether a column shows numbers and nothing else in some rows."""
        chosen = self.columns[column]
        return is_numeric(chosen, (read_column(chosen, self.rows[row]) for row in rows))

    def is_match(self, row: int, column: int) -> bool:
        """Return whether a cell contains the text of the filter."""
        wanted = self.filter
        return (
            wanted is not None
            and wanted.expression is None
            and wanted.text.lower() in self.text(row, column).lower()
        )

    def next_match(self, row: int, column: int, *, step: int) -> tuple[int, int] | None:
        """Return the next matching cell, wrapping around at the end; None if there is none.

        If the filter is an expression, every row matches, and the next row is returned.

        Args:
            row: The row to start from.
            column: The column to start from.
            step: 1 for the next match, -1 for the previous one.
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
        """Return the row of a run; None if it is not shown."""
        return next((i for i, run in enumerate(self.rows) if run.id == run_id), None)

    def to_table(self) -> Table:
        """Return the shown rows as a table, with the columns that are hidden."""
        return build_table(ListedRuns(self.rows), columns=self._every.columns)

    def _arrange(self) -> None:
        rows = [run for run in self.runs if self._passes(run)]
        if self.order is not None:
            order = self.order
            rows = sort_runs(rows, order.column, is_descending=order.is_descending)
        self.rows = rows[: self._top]
        self._choose_columns()

    def _choose_columns(self) -> None:
        every = self._every
        columns = every.telling if self.is_unchanged_hidden else every.columns
        self.columns = columns
        headers = zip(columns, unique_headers(columns), strict=True)
        self.headers = tuple(one_line(text) + self._arrow(column) for column, text in headers)

    def _arrow(self, column: Column) -> str:
        """Return the arrow for the heading of a column; empty if the rows are not sorted by it."""
        order = self.order
        if order is None or order.column.qualified != column.qualified:
            return ""
        return f" {order.arrow}"

    def _columns_of_runs(self) -> Ordered:
        source = ListedRuns(self.runs)
        if not self._asked:
            return by_interest(source, self._objectives_of(self.runs))
        try:
            return as_asked(resolve_columns(self._asked, source), source)
        except QueryError:  # the run that had it is gone
            return Ordered(columns=self._asked, idle=frozenset())

    def _passes(self, run: Run) -> bool:
        wanted = self.filter
        if wanted is None:
            return True
        if wanted.expression is not None:
            return wanted.expression.matches(run)
        needle = wanted.text.lower()
        return any(
            needle in cell_text(column, read_column(column, run)).lower()
            for column in self._every.columns
        )

    def _read_filter(self, text: str) -> RowFilter:
        text = text.strip()
        try:
            expression = parse_expression(text, zone=None)
            resolve_columns(expression.columns, ListedRuns(self.runs))
        except QueryError as error:
            return RowFilter(text=text, mistake=str(error))
        return RowFilter(text=text, expression=expression)
