"""``tunesmith compare``: runs side by side, as a table, CSV, JSON or Markdown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.files import write_whole
from tunesmith.cli.opening import open_store_if_any, read_runs
from tunesmith.cli.rendering import count
from tunesmith.cli.runs import say_none_selected
from tunesmith.cli.selecting import Choice, filter_runs, name_runs, selecting_options, trials_of
from tunesmith.cli.tables import render_markdown, render_table
from tunesmith.errors import QueryError, UsageError
from tunesmith.query.columns import parse_columns
from tunesmith.query.csv_text import table_to_csv, table_to_plain
from tunesmith.query.table import Table, build_table, resolve_columns, sort_runs
from tunesmith.trial import Run


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
    columns: str | None
    skip_unchanged: bool
    lowest: str | None
    """The column to sort by, the lowest value first."""
    highest: str | None
    """The column to sort by, the highest value first."""
    top: int | None
    include_batch: bool

    def __post_init__(self) -> None:
        forms = {
            "--table": self.is_table,
            "--csv": self.csv is not None,
            "--json": self.is_json,
            "--md": self.is_markdown,
        }
        named = [option for option, is_wanted in forms.items() if is_wanted]
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named)} are two forms of the answer: choose one")
        if self.lowest is not None and self.highest is not None:
            raise UsageError("--min and --max are two orders: choose one")


@click.command()
@selecting_options
@click.option("--table", "is_table", is_flag=True, help="Print a table.")
@click.option("--csv", metavar="FILE", help="Write CSV to FILE, or to stdout for -.")
@click.option("--json", "is_json", is_flag=True, help="Print a JSON array, one object a run.")
@click.option("--md", "is_markdown", is_flag=True, help="Print a Markdown table.")
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

    Batches are left out; naming one, as train.py+gp, means its trials.
    """
    view = View(**options)
    store = open_store_if_any(choice.home)
    every = [] if store is None else read_runs(store)
    runs = _chosen(every, choice, is_with_batches=view.include_batch)
    table = build_table(
        _sorted(runs, view)[: view.top],
        columns=() if view.columns is None else parse_columns(view.columns),
        is_unchanged_skipped=view.skip_unchanged,
    )
    _write(table, view)
    if not runs:
        say_none_selected(choice)
    return 0


def _chosen(every: Sequence[Run], choice: Choice, *, is_with_batches: bool) -> list[Run]:
    """Return the runs to compare; an index counts in the list that ``tunesmith runs`` shows.

    Batches are left out, but a selection of nothing but batches stands for their trials.
    """
    chosen = name_runs(filter_runs(every, choice), choice)
    if is_with_batches:
        return chosen
    if not all(run.is_batch for run in chosen):
        return [run for run in chosen if not run.is_batch]
    trials = trials_of(every, chosen)
    own = choice.trial_filter
    return [trial for batch in chosen for trial in trials[batch.id] if own.matches(trial)]


def _sorted(runs: list[Run], view: View) -> list[Run]:
    """Return the runs in the order that was asked for.

    Raises:
        QueryError: No run has the column.
    """
    text = view.lowest if view.highest is None else view.highest
    if text is None:
        return runs
    columns = parse_columns(text)
    if len(columns) != 1:
        raise QueryError(f"{text!r} names {len(columns)} columns to sort by: name one")
    (column,) = resolve_columns(columns, runs)
    return sort_runs(runs, column, is_descending=view.highest is not None)


def _write(table: Table, view: View) -> None:
    """Write the table in the form that was asked for."""
    if view.csv == "-":
        console.answer(table_to_csv(table).removesuffix("\n"))
        console.say(f"Wrote {len(table.rows)} row(s) to stdout")
    elif view.csv is not None:
        write_whole(Path(view.csv), table_to_csv(table))
        console.say(f"Wrote {len(table.rows)} row(s) to {view.csv}")
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
