"""``tunesmith cat``: the output of a run, or one of its files."""

import click

from tunesmith.cli import console
from tunesmith.cli.looking.run_files import file_of, files_in, folder_of, output_of
from tunesmith.cli.options.chosen_runs import select_one
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.terminal_text import stdout_writer
from tunesmith.errors import TunesmithError, UsageError
from tunesmith.query.cells import one_line

CHUNK_BYTES = 256 * 1024


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the output, or the files,")
@click.option("--path", metavar="FILE", help="Print this file from the run's folder instead.")
@click.option("--list", "is_list", is_flag=True, help="List the files in the run's folder.")
@click.option(
    "--attempt",
    type=WholeNumber(min=1),
    metavar="N",
    help="Print the output of attempt N.  [default: the latest]",
)
def cat(*, choice: Choice, path: str | None, is_list: bool, attempt: int | None) -> int:
    """Print the output of a run; of the latest run unless one is named."""
    if sum([path is not None, is_list, attempt is not None]) > 1:
        raise UsageError("--path, --list and --attempt exclude each other: choose one")
    store = open_store(choice.home)
    run = select_one(read_runs(store), choice)
    if is_list:
        names = list(files_in(folder_of(store, run)))
        console.answer("\n".join(map(one_line, names)), {"id": run.id, "files": names})
        return 0
    if path is None:
        source = output_of(store, run, attempt=attempt)
    else:
        source = file_of(folder_of(store, run), path)
    if source.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if not source.is_file():
        raise UsageError(f"{path} is not a regular file: pipes and devices are not read")
    write = stdout_writer()
    try:
        if console.wants_json():
            text = source.read_bytes().decode(errors="replace")
            console.answer_json({"id": run.id, "path": str(source), "text": text})
            return 0
        with source.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                write(chunk)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TunesmithError(f"{source} cannot be read: {error.strerror or error}") from error
    write(b"")
    return 0
