"""``tunesmith export``: runs as one file that another store can take."""

from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.options.selection import Choice, filter_runs, name_runs, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.errors import NotFoundError, UsageError
from tunesmith.query.cells import count
from tunesmith.storage.files.archive import write_archive
from tunesmith.storage.files.transfer import Transferred
from tunesmith.storage.objects.os_errors import explained

DEFAULT = "tunesmith-export.tar.gz"


@click.command()
@selecting_options
@click.option("-o", "--output", default=DEFAULT, metavar="FILE", help=f"[default: {DEFAULT}]")
@click.option("--no-files", is_flag=True, help="Leave out the runs' folders: only results.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def export(*, choice: Choice, output: str, no_files: bool, force: bool) -> int:
    """Write runs into an archive: all unless some are named; a batch with all its trials."""
    path = Path(output)
    with explained("write to", path):
        is_there = path.is_file()
    if is_there and not force:
        raise UsageError(f"{path} exists already: name another file, or add --force")
    store = open_store(choice.home)
    chosen = name_runs(filter_runs(read_runs(store), choice), choice)
    if not chosen:
        raise NotFoundError("there is nothing to export: see all runs with tunesmith runs --all")
    done = write_archive(store, [run.id for run in chosen], path, with_files=not no_files)
    console.say(f"Wrote {path}: {describe(done)} ({path.stat().st_size / 1000:.0f} KB)")
    if done.n_unfinished:
        console.say(f"note: {count(done.n_unfinished, 'trial')} left out, not finished yet")
    return 0


def describe(done: Transferred) -> str:
    """Return how many batches and runs a transfer copied."""
    batches = [count(done.n_batches, "batch", "batches")] if done.n_batches else []
    return ", ".join([*batches, count(done.n_runs, "run")])
