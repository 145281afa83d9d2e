"""``tunesmith export``: runs as one archive that another store can import."""

from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.options.chosen_runs import choose_runs
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import NotFoundError, UsageError
from tunesmith.query.cells import count
from tunesmith.storage.archives.archive import write_archive
from tunesmith.storage.archives.transfer import Transferred
from tunesmith.storage.objects.os_errors import explained

DEFAULT = "tunesmith-export.tar.gz"


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("what was written")
@click.option(
    "-o",
    "--output",
    default=DEFAULT,
    metavar="FILE",
    help=f"Archive to write.  [default: {DEFAULT}]",
)
@click.option("--no-files", is_flag=True, help="Export results only, without the runs' folders.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def export(*, choice: Choice, output: str, no_files: bool, force: bool) -> int:
    """Export runs to an archive; all of them unless some are named.

    A batch is exported with all its trials. tunesmith import reads the archive.
    """
    path = Path(output)
    with explained("write to", path):
        is_there = path.is_file()
    if is_there and not force:
        raise UsageError(f"{path} already exists: name another file, or add --force")
    store = open_store(choice.home)
    chosen = choose_runs(read_runs(store), choice)
    if not chosen:
        raise NotFoundError("no run to export: list all runs with tunesmith runs --all")
    done = write_archive(store, [run.id for run in chosen], path, with_files=not no_files)
    n_bytes = path.stat().st_size
    console.say(f"Wrote {path}: {describe(done)} ({n_bytes / 1000:.0f} KB)")
    if console.wants_json():
        console.answer_json({"path": str(path), "bytes": n_bytes, **to_plain(done)})
    if done.n_unfinished:
        console.say(f"note: {count(done.n_unfinished, 'unfinished trial')} left out")
    return 0


def to_plain(done: Transferred) -> dict[str, int]:
    """Return how many batches and runs a transfer copied, as JSON values."""
    return {"batches": done.n_batches, "runs": done.n_runs}


def describe(done: Transferred) -> str:
    """Return how many batches and runs a transfer copied."""
    batches = [count(done.n_batches, "batch", "batches")] if done.n_batches else []
    return ", ".join([*batches, count(done.n_runs, "run")])
