"""``tunesmith import``: the runs of archives, taken into the store."""

from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.export import describe
from tunesmith.cli.opening import open_or_create_store
from tunesmith.errors import NotFoundError
from tunesmith.storage.archive import read_archive


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.pass_context
def import_(ctx: click.Context, *, files: tuple[str, ...]) -> int:
    """Take the runs of archives that tunesmith export wrote; what is known already stays."""
    for name in files:
        if not Path(name).is_file():
            raise NotFoundError(f"there is no file {name}: write one with tunesmith export")
    store = open_or_create_store(console.chosen_home(ctx))
    for name in files:
        done = read_archive(Path(name), store)
        known = f" ({done.n_known} known already)" if done.n_known else ""
        console.say(f"Imported {describe(done)} from {name}{known}")
    return 0
