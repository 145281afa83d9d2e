"""``tunesmith tag``: the tags of runs."""

from collections.abc import Sequence

import click

from tunesmith.cli import console
from tunesmith.cli.options.chosen_runs import select_latest
from tunesmith.cli.options.edits import check_tags, write_tags
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError
from tunesmith.flags.display import shortened
from tunesmith.trial import short_id


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the tags")
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
    tags = {run.id: _changed(run.tags, add, remove) for run in runs}
    if console.wants_json():
        console.answer_json([{"id": run, "tags": now} for run, now in tags.items()])
    for run in runs:
        now = tags[run.id]
        shown = f"tags {shortened(', '.join(now))}" if now else "no tags"
        console.say(f"{short_id(run.id)}  {run.operation}  {shown}")
    return 0


def _changed(tags: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> list[str]:
    kept = [name for name in tags if name not in remove]
    return list(dict.fromkeys([*kept, *add]))
