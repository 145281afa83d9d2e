"""``tunesmith compare``: runs side by side, in a live view or in an output format."""

from functools import partial
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.garbage import collection_off
from tunesmith.cli.looking.candidate_rows import one_a_candidate, repeats_marks
from tunesmith.cli.looking.compare_options import CompareOptions
from tunesmith.cli.looking.compare_output import say_left_out, write_table
from tunesmith.cli.looking.comparing import (
    LiveChoice,
    chosen_runs,
    front_marks,
    hold_marks,
    indexed_runs,
    is_of_trials,
    objectives,
    on_front,
)
from tunesmith.cli.looking.runs import say_none_selected
from tunesmith.cli.options.completers import complete_columns
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store_if_any, read_runs
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.query.cell_source import ListedRuns, Source
from tunesmith.query.columns import Column, ColumnKind
from tunesmith.query.interest import Ordered, by_interest
from tunesmith.query.known import column_named, resolve_columns
from tunesmith.query.table import CORE, Table, build_table, order_of, with_marks
from tunesmith.search.repeating import REPEAT
from tunesmith.storage.store import Store

N_FIRST = 300
"""How many runs the live view shows before the others are read."""

ID = Column(kind=ColumnKind.ATTRIBUTE, name="id")
ORIGIN = Column(kind=ColumnKind.ATTRIBUTE, name="origin")

_sorting = partial(click.option, metavar="COL", shell_complete=complete_columns)


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
    "[default: those that differ; all for CSV, JSON, Markdown and Parquet]",
)
@click.option(
    "--all-columns", is_flag=True, help="Show empty columns and those with one value as well."
)
@click.option(
    "--skip-unchanged", is_flag=True, help="Omit columns with the same value in all rows."
)
@_sorting("--min", "lowest", help="Sort by COL, lowest first.")
@_sorting("--max", "highest", help="Sort by COL, highest first.")
@click.option(
    "--top", type=WholeNumber(min=1), metavar="N", help="Show the first N rows.  [default: all]"
)
@click.option(
    "--pareto",
    is_flag=True,
    help="Show only the trials that no other one of their batch beats in all objectives.",
)
@click.option(
    "--all-runs",
    is_flag=True,
    help="Show each run of the candidates that a batch repeats, not their means.",
)
@click.option("--include-batch", is_flag=True, help="Show batches as well as their trials.")
def compare(*, choice: Choice, **given: Any) -> int:
    """Compare runs: their flags and results, one row per run, newest first.

    On a terminal this opens a live view (press ? for its keys), unless an output format is given.

    Batches are not shown; if RUN is a batch, such as train.py+gp, its trials are.
    """
    options = CompareOptions(**given)
    store = open_store_if_any(choice.home)
    if store is not None and not options.formats and console.has_screen():
        return _open_view(store, choice, options)
    with collection_off():
        marks: dict[str, dict[str, str]] = {}
        source = ListedRuns([]) if store is None else _read(store, choice, options, marks)
        first = _first(source, options)
        ordered = None
        if store is not None and options.is_by_interest:
            ordered = by_interest(first, objectives(store, first.batches()))
        table = _table(first, ordered, options)
        if ordered is not None or options.pareto:
            for name, found in marks.items():
                marked = [found.get(str(one), "") for one in first.cells(ID)]
                table = with_marks(table, name, marked) if any(marked) else table
        write_table(table, options)
        if ordered is not None and not options.all_columns:
            say_left_out(first, [one for one in ordered.columns if one in ordered.idle])
    if not len(source):
        say_none_selected(choice)
    return 0


def _read(
    store: Store, choice: Choice, options: CompareOptions, marks: dict[str, dict[str, str]]
) -> Source:
    """Return the runs to compare; by column, which is faster, where no run is selected.

    Args:
        store: The store.
        choice: What the command line selects.
        options: How they are shown.
        marks: Gets columns of marks by id: who is on the front of a batch, who meets constraints.
    """
    if choice.is_empty and not (options.include_batch or options.pareto):
        found = indexed_runs(store, attributes=(*CORE, "batch", "origin", *options.attributes))
        if not options.is_by_candidate or REPEAT not in found.cells(ORIGIN):
            return found
    every = read_runs(store)
    chosen = chosen_runs(every, choice, is_with_batches=options.include_batch)
    if options.is_by_candidate and not is_of_trials(every, choice):
        chosen = one_a_candidate(store, chosen, every)
    if options.pareto or options.is_by_interest:  # what programs read has no marks
        marks["mean of"] = repeats_marks(chosen)
        marks["holds"] = hold_marks(store, chosen)
        marks["front"] = front_marks(store, every, chosen)
    return ListedRuns(on_front(chosen, marks["front"]) if options.pareto else chosen)


def _table(source: Source, ordered: Ordered | None, options: CompareOptions) -> Table:
    columns = options.chosen_columns
    if ordered is not None:
        columns = ordered.columns if options.all_columns else ordered.telling
    return build_table(source, columns=columns, is_unchanged_skipped=options.skip_unchanged)


def _open_view(store: Store, choice: Choice, options: CompareOptions) -> int:
    """Show the live view until the user quits it."""
    # Textual takes a quarter of a second to import, and only the live view needs it
    from tunesmith.cli.looking.view.app import show
    from tunesmith.cli.looking.view.run_feed import StoreSource
    from tunesmith.cli.looking.view.sheet import Order, Sheet

    live = LiveChoice(
        store=store,
        choice=choice,
        is_with_batches=options.include_batch,
        is_front_only=options.pareto,
        is_by_candidate=options.is_by_candidate,
    )
    # sorting and resolving columns need all runs
    is_whole = options.order is not None or options.columns is not None or options.pareto
    runs = live.read_first(n_latest=None if is_whole else N_FIRST)
    if not runs:
        say_none_selected(choice)
        return 0
    feed = StoreSource(live=live)
    by = _sort_column(ListedRuns(runs), options)
    is_descending = options.highest is not None
    sheet = Sheet(
        runs,
        columns=resolve_columns(options.chosen_columns, ListedRuns(runs)),
        is_unchanged_hidden=options.skip_unchanged
        or (options.is_by_interest and not options.all_columns),
        order=None if by is None else Order(column=by, is_descending=is_descending),
        top=options.top,
        objectives_of=feed.objectives_of,
    )
    show(feed, sheet)
    return 0


def _sort_column(source: Source, options: CompareOptions) -> Column | None:
    """Return the column to sort by; None for the original order.

    Raises:
        QueryError: None of the runs has the column.
    """
    return None if options.order is None else column_named(options.order, source)


def _first(source: Source, options: CompareOptions) -> Source:
    """Return the first rows, sorted as the options say.

    Raises:
        QueryError: None of the runs has the column to sort by.
    """
    column = _sort_column(source, options)
    if column is not None:
        is_descending = options.highest is not None
        return source.picked(order_of(column, source, is_descending=is_descending)[: options.top])
    return source if options.top is None else source.picked(range(min(options.top, len(source))))
