"""A comparison in its output format: printed, or written to a file."""

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path

from tunesmith.cli import console
from tunesmith.cli.looking.compare_options import CompareOptions
from tunesmith.cli.text.tables import render_markdown, render_table
from tunesmith.flags.display import shortened
from tunesmith.output_file import write_output_file
from tunesmith.query.cell_source import Source
from tunesmith.query.cells import cell_text, count, one_line
from tunesmith.query.columns import Column
from tunesmith.query.csv_text import table_to_columns, table_to_csv, table_to_plain
from tunesmith.query.table import Table
from tunesmith.storage.records.table_file import write_parquet

N_NAMED = 8
"""How many columns with one value are named."""


def write_table(table: Table, options: CompareOptions) -> None:
    """Print or write the table in the output format that was given."""
    if options.csv == "-":
        console.answer(table_to_csv(table).removesuffix("\n"))
        console.say(f"Wrote {table.n_rows} row(s) to stdout")
    elif options.csv is not None:
        write_output_file(Path(options.csv), table_to_csv(table))
        console.say(f"Wrote {table.n_rows} row(s) to {options.csv}")
    elif options.parquet is not None:
        write_parquet(Path(options.parquet), table_to_columns(table))
        console.say(f"Wrote {table.n_rows} row(s) to {options.parquet}")
    elif options.is_json:
        console.answer(json.dumps(table_to_plain(table), indent=1, ensure_ascii=False))
    elif options.is_markdown:
        console.answer(render_markdown(table))
    elif table.n_rows:
        text, n_left_out = render_table(table, width=console.terminal_width())
        console.answer(text)
        if n_left_out:
            console.say(
                f"{count(n_left_out, 'column')} omitted, since the terminal is too narrow: choose "
                "columns with --columns"
            )


def say_left_out(source: Source, columns: Sequence[Column]) -> None:
    """Say which columns have one value in all rows, and which value, so that none is lost.

    Args:
        source: The rows.
        columns: The columns that are left out; empty ones are not worth a word.
    """
    texts = []
    for column in columns if len(source) else ():
        text = one_line(shortened(cell_text(column, source.cells(column)[0])))
        texts += [f"{column.header} {text}"] if text else []
    if texts:
        more = [f"{len(texts) - N_NAMED} more"] if len(texts) > N_NAMED else []
        line = f"same in all rows: {', '.join([*texts[:N_NAMED], *more])} (--all-columns)"
        width = console.terminal_width() or len(line)
        console.say(textwrap.fill(line, width, subsequent_indent="  ", break_on_hyphens=False))
