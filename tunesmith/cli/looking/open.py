"""``tunesmith open``: a run's folder in the file manager, or in another program."""

import shlex
import shutil
import subprocess
import sys

import click

from tunesmith.cli import console
from tunesmith.cli.desktop import has_desktop
from tunesmith.cli.looking.run_files import file_of, folder_of
from tunesmith.cli.options.chosen_runs import select_one
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import NotFoundError, UsageError


@click.command(cls=SectionedCommand, name="open")
@selecting_options
@console.json_option("the path, and open nothing,")
@click.option("--path", metavar="FILE", help="Open this file of the run's folder instead.")
@click.option(
    "--with",
    "program",
    metavar="COMMAND",
    help="Open it with COMMAND.  [default: the system's opener]",
)
@click.option("--print", "is_printed", is_flag=True, help="Print the path and open nothing.")
def open_(*, choice: Choice, path: str | None, program: str | None, is_printed: bool) -> int:
    """Open a run's folder; that of the latest run unless one is named.

    If RUN is a batch, the folder with the folders of its trials is opened.
    """
    store = open_store(choice.home)
    run = select_one(read_runs(store), choice)
    target = folder_of(store, run)
    if path is not None:
        target = file_of(target, path)
    if is_printed or console.wants_json():
        console.answer(str(target), {"id": run.id, "path": str(target)})
        return 0
    command = _opener() if program is None else _split(program)
    if command is None:
        console.answer(str(target))
        console.say("there is no desktop to open it on: name a program with --with COMMAND")
        return 0
    try:
        return subprocess.run([*command, str(target)], check=False).returncode
    except OSError as error:
        raise NotFoundError(f"{command[0]} cannot be run: {error.strerror}") from error


def _opener() -> list[str] | None:
    """Return the system's command that opens any file or folder; None if there is none."""
    if not has_desktop():
        return None
    name = "open" if sys.platform == "darwin" else "xdg-open"
    return [name] if shutil.which(name) else None


def _split(program: str) -> list[str]:
    try:
        words = shlex.split(program)
    except ValueError as error:
        raise UsageError(f"--with {program!r} is not a shell command: {error}") from error
    if not words:
        raise UsageError("--with names no command: give one, as in --with ls")
    return words
