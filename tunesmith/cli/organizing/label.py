"""``tunesmith label``: the label of runs."""

import click

from tunesmith.cli import console
from tunesmith.cli.options.chosen_runs import select_latest
from tunesmith.cli.options.edits import write_edit
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError
from tunesmith.flags.display import shortened
from tunesmith.query.cells import one_line
from tunesmith.storage.records.edits import EditAction
from tunesmith.trial import short_id


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the labels")
@click.option("--set", "text", metavar="TEXT", help="Set the label to TEXT.")
@click.option("--clear", "is_clear", is_flag=True, help="Remove the label.")
def label(*, choice: Choice, text: str | None, is_clear: bool) -> int:
    """Set or clear the label of runs; of the latest run unless some are named."""
    if (text is None) == (not is_clear):
        raise UsageError("a label is either set or cleared: give --set TEXT or --clear")
    store = open_store(choice.home)
    runs = select_latest(store, choice)
    value = text or ""
    write_edit(store, EditAction.LABEL, runs, value)
    if console.wants_json():
        console.answer_json([{"id": run.id, "label": value} for run in runs])
    for run in runs:
        was = f" (was {_shown(run.label)})" if run.label else ""
        now = f"label {_shown(value)}" if value else "no label"
        console.say(f"{short_id(run.id)}  {run.operation}  {now}{was}")
    return 0


def _shown(text: str) -> str:
    return f"'{one_line(shortened(text))}'"
