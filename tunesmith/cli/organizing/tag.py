"""``tunesmith tag``: the tags of runs."""

import click

from tunesmith.cli import console
from tunesmith.cli.options.edits import check_tags, write_tags
from tunesmith.cli.options.selection import Choice, select_latest, selecting_options
from tunesmith.cli.options.store import open_store
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError
from tunesmith.flags.display import shortened
from tunesmith.trial import short_id


@click.command(cls=SectionedCommand)
@selecting_options
@click.option("--add", multiple=True, metavar="TAG", help="Add TAG; may be repeated.")
@click.option("--remove", multiple=True, metavar="TAG", help="Remove TAG; may be repeated.")
def tag(*, choice: Choice, add: tuple[str, ...], remove: tuple[str, ...]) -> int:
    """Add or remove tags of runs; of the latest run unless some are named."""
    if not add and not remove:
        raise UsageError("no tag is given: use --add TAG or --remove TAG")
    check_tags(add, remove)
    store = open_store(choice.home)
    runs = select_latest(store, choice)
    write_tags(store, runs, add=add, remove=remove)
    for run in runs:
        now = [*(name for name in run.tags if name not in remove)]
        now += [name for name in add if name not in now]
        shown = f"tags {shortened(', '.join(now))}" if now else "no tags"
        console.say(f"{short_id(run.id)}  {run.operation}  {shown}")
    return 0
