"""``tunesmith compare``: runs side by side, live, as a table, CSV, JSON, Markdown or Parquet."""

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
from tunesmith.storage.files.table_file import write_parquet
from tunesmith.storage.store import Store

N_FIRST = 300
"""Runs that the live view shows before the others are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a comparison is shown.

    Raises:
        UsageError: Two options contradict each other.
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
        if len(self.forms) > 1:
            named = " and ".join(self.forms)
            raise UsageError(f"{named} are two forms of the answer: choose one")
        if self.lowest is not None and self.highest is not None:
            raise UsageError("--min and --max are two orders: choose one")

    @property
    def forms(self) -> list[str]:
        """The forms of the answer that were asked for, as options."""
        forms = {
            "--table": self.is_table,
            "--csv": self.csv is not None,
            "--json": self.is_json,
            "--md": self.is_markdown,
            "--parquet": self.parquet is not None,
        }
        return [option for option, is_wanted in forms.items() if is_wanted]

    @property
    def is_sorted(self) -> bool:
        """Whether an order was asked for."""
        return self.order is not None

    @property
    def order(self) -> str | None:
        """The column to sort by; None for the original order."""
        return self.lowest if self.highest is None else self.highest

    @property
    def asked(self) -> tuple[Column, ...]:
        """The columns that were asked for; none for the default ones.

        Raises:
            QueryError: They cannot be read.
        """
        return () if self.columns is None else parse_columns(self.columns)

    @property
    def attributes(self) -> list[str]:
        """The attributes that the columns may mean, beside those that every table shows."""
        order = () if self.order is None else parse_columns(self.order)
        return [column.name for column in (*self.asked, *order) if column.name in ATTRIBUTES]


@click.command()
@selecting_options
@click.option("--table", "is_table", is_flag=True, help="Print a table.")
@click.option("--csv", metavar="FILE", help="Write CSV to FILE, or to stdout for -.")
@click.option("--json", "is_json", is_flag=True, help="Print a JSON array, one object a run.")
@click.option("--md", "is_markdown", is_flag=True, help="Print a Markdown table.")
@click.option("--parquet", metavar="FILE", help="Write a Parquet file, values in their types.")
@click.option(
    "--columns", metavar="SPEC", help="Columns to show: 'min loss, =x, .label, val#acc step as s'."
)
@click.option("--skip-unchanged", is_flag=True, help="Leave out columns that do not differ.")
@click.option("--min", "lowest", metavar="COL", help="Sort by a column, the lowest first.")
@click.option("--max", "highest", metavar="COL", help="Sort by a column, the highest first.")
@click.option("--top", type=WholeNumber(min=1), metavar="N", help="Only the first N rows.")
@click.option("--include-batch", is_flag=True, help="Show batches too, not only their trials.")
def compare(*, choice: Choice, **options: Any) -> int:
    """Compare runs: flags and results, one row a run, newest first.

    On a terminal it opens a live view (? shows its keys), unless a form is chosen.

    Batches are left out; naming one, as train.py+gp, means its trials.
    """
    view = View(**options)
    store = open_store_if_any(choice.home)
    if store is not None and not view.forms and console.has_screen():
        return _open_view(store, choice, view)
    with _uncollected():
        source = ListedRuns([]) if store is None else _read(store, choice, view)
        table = build_table(
            _first(source, view), columns=view.asked, is_unchanged_skipped=view.skip_unchanged
        )
        _write(table, view)
    if not len(source):
        say_none_selected(choice)
    return 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make many objects without Python looking, again and again, for cycles among them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(store: Store, choice: Choice, view: View) -> Source:
    """Return the runs to compare: by column where none is singled out, which is quicker."""
    if choice.is_empty and not view.include_batch:
        return indexed_runs(store, attributes=(*CORE, *view.attributes))
    return ListedRuns(chosen_runs(read_runs(store), choice, is_with_batches=view.include_batch))


def _open_view(store: Store, choice: Choice, view: View) -> int:
    """Show the comparison on the whole terminal until the user leaves it."""
    # Textual takes a quarter of a second, and only this needs it
    from tunesmith.cli.view.app import show
    from tunesmith.cli.view.run_feed import StoreSource
    from tunesmith.cli.view.sheet import Order, Sheet

    live = LiveChoice(store=store, choice=choice, is_with_batches=view.include_batch)
    # an order or a choice of columns has to know all runs
    is_whole = view.is_sorted or view.columns is not None
    runs = live.read_first(n_latest=None if is_whole else N_FIRST)
    if not runs:
        say_none_selected(choice)
        return 0
    by = _sort_column(ListedRuns(runs), view)
    is_descending = view.highest is not None
    sheet = Sheet(
        runs,
        columns=resolve_columns(view.asked, ListedRuns(runs)),
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
    """Return the rows in the order that was asked for; raise as ``_sort_column`` does."""
    column = _sort_column(source, view)
    if column is not None:
        cells = source.cells(column)
        is_descending = view.highest is not None
        return source.picked(order_of(column, cells, is_descending=is_descending)[: view.top])
    return source if view.top is None else source.picked(range(min(view.top, len(source))))


def _write(table: Table, view: View) -> None:
    """Write the table in the form that was asked for."""
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
                f"{count(n_left_out, 'column')} left out, since the terminal is narrow: choose "
                "with --columns, or leave out what does not differ with --skip-unchanged"
            )
