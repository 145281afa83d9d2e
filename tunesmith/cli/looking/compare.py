"""``tunesmith compare``: runs side by side, in a live view or in an output format."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.looking.comparing import LiveChoice, chosen_runs, indexed_runs
from tunesmith.cli.looking.runs import say_none_selected
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store_if_any, read_runs
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.tables import render_markdown, render_table
from tunesmith.errors import UsageError
from tunesmith.output_file import write_output_file
from tunesmith.query.attributes import ATTRIBUTES
from tunesmith.query.cell_source import ListedRuns, Source
from tunesmith.query.cells import count
from tunesmith.query.columns import Column, parse_columns
from tunesmith.query.csv_text import table_to_columns, table_to_csv, table_to_plain
from tunesmith.query.known import column_named, resolve_columns
from tunesmith.query.table import (
    CORE,
    Table,
    build_table,
    order_of,
)
from tunesmith.storage.records.table_file import write_parquet
from tunesmith.storage.store import Store

N_FIRST = 300
"""How many runs the live view shows before the others are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How to show a comparison.

    Raises:
        UsageError: Two options exclude each other.
    """

    is_table: bool
    csv: str | None
    is_json: bool
    is_markdown: bool
    parquet: str | None
    columns: str | None
    skip_unchanged: bool
    lowest: str | None
    """The column to sort by, the lowest value first."""
    highest: str | None
    """The column to sort by, the highest value first."""
    top: int | None
    include_batch: bool

    def __post_init__(self) -> None:
        if len(self.formats) > 1:
            raise UsageError(f"{' and '.join(self.formats)} exclude each other: choose one")
        if self.lowest is not None and self.highest is not None:
            raise UsageError("--min and --max exclude each other: choose one")

    @property
    def formats(self) -> list[str]:
        """The output formats that were given, as options."""
        formats = {
            "--table": self.is_table,
            "--csv": self.csv is not None,
            "--json": self.is_json,
            "--md": self.is_markdown,
            "--parquet": self.parquet is not None,
        }
        return [option for option, is_given in formats.items() if is_given]

    @property
    def order(self) -> str | None:
        """The column to sort by; None for the original order."""
        return self.lowest if self.highest is None else self.highest

    @property
    def chosen_columns(self) -> tuple[Column, ...]:
        """The columns that were chosen; empty for the default ones.

        Raises:
            QueryError: The text is not a list of columns.
        """
        return () if self.columns is None else parse_columns(self.columns)

    @property
    def attributes(self) -> list[str]:
        """The attributes that are needed beside those that every table shows."""
        order = () if self.order is None else parse_columns(self.order)
        columns = (*self.chosen_columns, *order)
        return [column.name for column in columns if column.name in ATTRIBUTES]


@click.command(cls=SectionedCommand)
@selecting_options
@click.option("--table", "is_table", is_flag=True, help="Print a table.")
@click.option("--csv", metavar="FILE", help="Write CSV to FILE; - for stdout.")
@click.option("--json", "is_json", is_flag=True, help="Print a JSON array, one object per run.")
@click.option("--md", "is_markdown", is_flag=True, help="Print a Markdown table.")
@click.option("--parquet", metavar="FILE", help="Write a Parquet file with typed columns.")
@click.option(
    "--columns",
    metavar="LIST",
    help="Columns to show: 'min loss, =x, .label, val#acc step as s'.  "
    "[default: attributes, flags and scalars]",
)
@click.option(
    "--skip-unchanged", is_flag=True, help="Omit columns with the same value in all rows."
)
@click.option("--min", "lowest", metavar="COL", help="Sort by COL, lowest first.")
@click.option("--max", "highest", metavar="COL", help="Sort by COL, highest first.")
@click.option(
    "--top", type=WholeNumber(min=1), metavar="N", help="Show the first N rows.  [default: all]"
)
@click.option("--include-batch", is_flag=True, help="Show batches as well as their trials.")
def compare(*, choice: Choice, **options: Any) -> int:
    """Compare runs: their flags and results, one row per run, newest first.

    On a terminal this opens a live view (press ? for its keys), unless an output format is given.

    Batches are not shown; if RUN is a batch, such as train.py+gp, its trials are.
    """
    view = View(**options)
    store = open_store_if_any(choice.home)
    if store is not None and not view.formats and console.has_screen():
        return _open_view(store, choice, view)
    with _uncollected():
        source = ListedRuns([]) if store is None else _read(store, choice, view)
        table = build_table(
            _first(source, view),
            columns=view.chosen_columns,
            is_unchanged_skipped=view.skip_unchanged,
        )
        _write(table, view)
    if not len(source):
        say_none_selected(choice)
    return 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Switch the search for reference cycles off: it is slow while many objects are made."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(store: Store, choice: Choice, view: View) -> Source:
    """Return the runs to compare; by column, which is faster, where no run is selected."""
    if choice.is_empty and not view.include_batch:
        return indexed_runs(store, attributes=(*CORE, *view.attributes))
    return ListedRuns(chosen_runs(read_runs(store), choice, is_with_batches=view.include_batch))


def _open_view(store: Store, choice: Choice, view: View) -> int:
    """Show the live view until the user quits it."""
    # Textual takes a quarter of a second to import, and only the live view needs it
    from tunesmith.cli.view.app import show
    from tunesmith.cli.view.run_feed import StoreSource
    from tunesmith.cli.view.sheet import Order, Sheet

    live = LiveChoice(store=store, choice=choice, is_with_batches=view.include_batch)
    # sorting and resolving columns need all runs
    is_whole = view.order is not None or view.columns is not None
    runs = live.read_first(n_latest=None if is_whole else N_FIRST)
    if not runs:
        say_none_selected(choice)
        return 0
    by = _sort_column(ListedRuns(runs), view)
    is_descending = view.highest is not None
    sheet = Sheet(
        runs,
        columns=resolve_columns(view.chosen_columns, ListedRuns(runs)),
        is_unchanged_hidden=view.skip_unchanged,
        order=None if by is None else Order(column=by, is_descending=is_descending),
        top=view.top,
    )
    show(StoreSource(live=live), sheet)
    return 0


def _sort_column(source: Source, view: View) -> Column | None:
    """Return the column to sort by; None for the original order.

    Raises:
        QueryError: None of the runs has the column.
    """
    return None if view.order is None else column_named(view.order, source)


def _first(source: Source, view: View) -> Source:
    """Return the first rows, sorted as the options say.

    Raises:
        QueryError: None of the runs has the column to sort by.
    """
    column = _sort_column(source, view)
    if column is not None:
        cells = source.cells(column)
        is_descending = view.highest is not None
        return source.picked(order_of(column, cells, is_descending=is_descending)[: view.top])
    return source if view.top is None else source.picked(range(min(view.top, len(source))))


def _write(table: Table, view: View) -> None:
    """Print or write the table in the output format that was given."""
    if view.csv == "-":
        console.answer(table_to_csv(table).removesuffix("\n"))
        console.say(f"Wrote {table.n_rows} row(s) to stdout")
    elif view.csv is not None:
        write_output_file(Path(view.csv), table_to_csv(table))
        console.say(f"Wrote {table.n_rows} row(s) to {view.csv}")
    elif view.parquet is not None:
        write_parquet(Path(view.parquet), table_to_columns(table))
        console.say(f"Wrote {table.n_rows} row(s) to {view.parquet}")
    elif view.is_json:
        console.answer(json.dumps(table_to_plain(table), indent=1, ensure_ascii=False))
    elif view.is_markdown:
        console.answer(render_markdown(table))
    elif table.n_rows:
        text, n_left_out = render_table(table, width=console.terminal_width())
        console.answer(text)
        if n_left_out:
            console.say(
                f"{count(n_left_out, 'column')} omitted, since the terminal is too narrow: choose "
                "columns with --columns, or omit equal ones with --skip-unchanged"
            )
