"""``tunesmith tag``: the tags of runs."""

import time
from collections.abc import Sequence

import click

from tunesmith.cli import console
from tunesmith.cli.options.selection import Choice, select_latest, selecting_options
from tunesmith.cli.options.store import open_store
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError
from tunesmith.flags.display import shortened
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import Run, short_id


@click.command(cls=SectionedCommand)
@selecting_options
@click.option("--add", multiple=True, metavar="TAG", help="Add TAG; may be repeated.")
@click.option("--remove", multiple=True, metavar="TAG", help="Remove TAG; may be repeated.")
def tag(*, choice: Choice, add: tuple[str, ...], remove: tuple[str, ...]) -> int:
    """Add or remove tags of runs; of the latest run unless some are named."""
    _check(add, remove)
    store = open_store(choice.home)
    runs = select_latest(store, choice)
    for action, names in ((EditAction.UNTAG, remove), (EditAction.TAG, add)):
        _write(store, action, names, runs)
    for run in runs:
        now = [*(name for name in run.tags if name not in remove)]
        now += [name for name in add if name not in now]
        shown = f"tags {shortened(', '.join(now))}" if now else "no tags"
        console.say(f"{short_id(run.id)}  {run.operation}  {shown}")
    return 0


def _check(add: Sequence[str], remove: Sequence[str]) -> None:
    """Refuse tags that a list of tags could not show.

    Raises:
        UsageError: There is no tag, an invalid one, or one to be both added and removed.
    """
    if not add and not remove:
        raise UsageError("no tag is given: use --add TAG or --remove TAG")
    for name in (*add, *remove):
        if not name.isprintable() or not name or any(mark in name for mark in " ,"):
            raise UsageError(f"{name!r} is not a tag: a tag has no spaces and no commas")
    for name in add:
        if name in remove:
            raise UsageError(f"{name!r} is both added and removed: choose one")


def _write(store: Store, action: EditAction, names: Sequence[str], runs: Sequence[Run]) -> None:
    ids = tuple(run.id for run in runs)
    for name in names:
        store.add_edit(Edit(action=action, runs=ids, value=name, time=time.time()))
