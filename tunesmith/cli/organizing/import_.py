"""``tunesmith import``: runs from archives, added to the store."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.options.byte_size import ByteSize
from tunesmith.cli.options.store import open_or_create_store
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.organizing.export import describe, to_plain
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import NotFoundError
from tunesmith.storage.archives.archive import read_archive
from tunesmith.storage.archives.unpacking import MAX_DEPTH, Limits
from tunesmith.storage.objects.os_errors import explained

N_WARNED = 5
"""How many damaged objects of an archive are named."""


@click.command(cls=SectionedCommand, name="import")
@console.json_option("what was imported")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--max-size",
    "n_bytes",
    type=ByteSize(),
    metavar="SIZE",
    help="Largest size of an unpacked archive, such as 500MB.  "
    "[default: 2GB, or 20 times the archive]",
)
@click.option(
    "--max-files",
    "n_files",
    type=WholeNumber(min=1),
    default=Limits().n_files,
    metavar="N",
    help="Most files in an archive.  [default: 1000000]",
)
@click.option(
    "--max-depth",
    "depth",
    type=WholeNumber(min=1, max=MAX_DEPTH),
    default=Limits().depth,
    metavar="N",
    help="Deepest level of nested folders, up to 400.  [default: 100]",
)
@click.pass_context
def import_(ctx: click.Context, /, *, files: tuple[str, ...], **limits: Any) -> int:
    """Import runs from archives that tunesmith export wrote.

    Runs that the store has already are left as they are. An archive beyond one of the limits is
    refused.
    """
    for name in files:
        with explained("read", Path(name)):
            is_there = Path(name).is_file()
        if not is_there:
            raise NotFoundError(f"there is no file {name}: write one with tunesmith export")
    store = open_or_create_store(console.chosen_home(ctx))
    plain = []
    for name in files:
        done = read_archive(Path(name), store, limits=Limits(**limits), now=time.time())
        _warn(name, done.warnings)
        known = f" ({done.n_known} already in the store)" if done.n_known else ""
        console.say(f"Imported {describe(done)} from {name}{known}")
        plain.append({"path": name, **to_plain(done), "known": done.n_known})
    if console.wants_json():
        console.answer_json(plain)
    return 0


def _warn(archive: str, warnings: Sequence[str]) -> None:
    """Print the first warnings about an archive, and how many more there are."""
    for warning in warnings[:N_WARNED]:
        console.warn(f"{archive}: {warning}")
    if len(warnings) > N_WARNED:
        console.warn(f"{archive}: {len(warnings) - N_WARNED} more damaged objects")
