"""``tunesmith compare``: runs side by side, live, as a table, CSV, JSON, Markdown or Parquet."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.comparing import LiveChoice, chosen_runs
from tunesmith.cli.files import write_whole
from tunesmith.cli.opening import open_store_if_any, read_runs
from tunesmith.cli.runs import say_none_selected
from tunesmith.cli.selecting import Choice, selecting_options
from tunesmith.cli.tables import render_markdown, render_table
from tunesmith.errors import UsageError
from tunesmith.query.cells import count
from tunesmith.query.columns import Column, parse_columns
from tunesmith.query.csv_text import table_to_columns, table_to_csv, table_to_plain
from tunesmith.query.table import (
    Table,
    build_table,
    column_named,
    resolve_columns,
    sort_runs,
)
from tunesmith.storage.store import Store
from tunesmith.storage.table_file import write_parquet
from tunesmith.trial import Run

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
        return self.lowest is not None or self.highest is not None


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
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Only the first N rows.")
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
    every = [] if store is None else read_runs(store)
    runs = chosen_runs(every, choice, is_with_batches=view.include_batch)
    table = build_table(
        _sorted(runs, view)[: view.top],
        columns=() if view.columns is None else parse_columns(view.columns),
        is_unchanged_skipped=view.skip_unchanged,
    )
    _write(table, view)
    if not runs:
        say_none_selected(choice)
    return 0


def _open_view(store: Store, choice: Choice, view: View) -> int:
    """Show the comparison on the whole terminal until the user leaves it."""
    # Textual takes a quarter of a second, and only this needs it
    from tunesmith.cli.view.app import show
    from tunesmith.cli.view.sheet import Order, Sheet
    from tunesmith.cli.view.source import StoreSource

    live = LiveChoice(store=store, choice=choice, is_with_batches=view.include_batch)
    # an order or a choice of columns has to know all runs
    is_whole = view.is_sorted or view.columns is not None
    runs = live.read_first(n_latest=None if is_whole else N_FIRST)
    if not runs:
        say_none_selected(choice)
        return 0
    columns = () if view.columns is None else parse_columns(view.columns)
    by = _sort_column(runs, view)
    is_descending = view.highest is not None
    sheet = Sheet(
        runs,
        columns=resolve_columns(columns, runs),
        is_unchanged_hidden=view.skip_unchanged,
        order=None if by is None else Order(column=by, is_descending=is_descending),
        top=view.top,
    )
    show(StoreSource(live=live), sheet)
    return 0


def _sort_column(runs: Sequence[Run], view: View) -> Column | None:
    """Return the column to sort by; None for the original order.

    Raises:
        QueryError: No run has the column.
    """
    text = view.lowest if view.highest is None else view.highest
    return None if text is None else column_named(text, runs)


def _sorted(runs: list[Run], view: View) -> list[Run]:
    """Return the runs in the order that was asked for; raise as ``_sort_column`` does."""
    column = _sort_column(runs, view)
    if column is None:
        return runs
    return sort_runs(runs, column, is_descending=view.highest is not None)


def _write(table: Table, view: View) -> None:
    """Write the table in the form that was asked for."""
    if view.csv == "-":
        console.answer(table_to_csv(table).removesuffix("\n"))
        console.say(f"Wrote {len(table.rows)} row(s) to stdout")
    elif view.csv is not None:
        write_whole(Path(view.csv), table_to_csv(table))
        console.say(f"Wrote {len(table.rows)} row(s) to {view.csv}")
    elif view.parquet is not None:
        write_parquet(Path(view.parquet), table_to_columns(table))
        console.say(f"Wrote {len(table.rows)} row(s) to {view.parquet}")
    elif view.is_json:
        console.answer(json.dumps(table_to_plain(table), indent=1, ensure_ascii=False))
    elif view.is_markdown:
        console.answer(render_markdown(table))
    elif table.rows:
        text, n_left_out = render_table(table, width=console.terminal_width())
        console.answer(text)
        if n_left_out:
            console.say(
                f"{count(n_left_out, 'column')} left out, since the terminal is narrow: choose "
                "with --columns, or leave out what does not differ with --skip-unchanged"
            )
