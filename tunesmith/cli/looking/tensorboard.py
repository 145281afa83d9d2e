"""``tunesmith tensorboard``: runs in TensorBoard, live, or as a log directory to keep."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.looking.comparing import LiveChoice
from tunesmith.cli.looking.runs import NO_RUNS_YET
from tunesmith.cli.looking.scalars_file import write_scalars
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store_if_any
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.errors import NotFoundError, TunesmithError, UsageError
from tunesmith.loopback import leading_page
from tunesmith.processes import has_process
from tunesmith.query.cells import count
from tunesmith.tensorboard.log_directory import LogDirectory
from tunesmith.tensorboard.server import launch
from tunesmith.trial import Run

PREFIX = "tunesmith-tensorboard-"
UPDATE_S = 2.0
"""Seconds between two readings of the store, where one reading is quick."""
REST_FACTOR = 10
"""The store is left alone for at least this many times as long as a reading took."""
TERMINATED = 143
N_NAMED = 8
"""Columns that are named; of more only the number is told."""


@click.command()
@selecting_options
@click.option(
    "--port",
    type=WholeNumber(min=0, max=65535),
    default=0,
    metavar="N",
    help="Port  [default: free]",
)
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@click.option("--export", metavar="DIR", help="Only write the log directory, into a new folder.")
@click.option(
    "--export-scalars",
    "scalars",
    metavar="FILE",
    help="Only write run, path, tag, step, value: .csv or .parquet.",
)
def tensorboard(
    *, choice: Choice, port: int, no_open: bool, export: str | None, scalars: str | None
) -> int:
    """Show runs in TensorBoard: all, unless some are named; naming a batch means its trials.

    HPARAMS has every flag and every scalar; new runs are added as they finish.
    """
    store = open_store_if_any(choice.home)
    if store is None:
        raise NotFoundError(NO_RUNS_YET)
    live = LiveChoice(store=store, choice=choice)
    runs = live.read_first()
    if not runs:
        raise NotFoundError("there is nothing to show: see all runs with tunesmith runs --all")
    if scalars is not None:
        n_rows = write_scalars(store, runs, Path(scalars))
        console.say(f"Wrote {n_rows} row(s) to {scalars}")
    if export is not None:
        directory = _export(live, runs, Path(export))
        console.say(f"Wrote {_describe(directory)} to {export}")
    if scalars is not None or export is not None:
        return 0
    return _serve(live, runs, port=port, is_opened=not no_open)


def _export(live: LiveChoice, runs: Sequence[Run], folder: Path) -> LogDirectory:
    """Write a log directory that can be moved elsewhere.

    Raises:
        UsageError: Something stands there already.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} exists already: name a new or an empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        directory = LogDirectory(folder, live.store, is_copied=True)
        directory.update(runs)
        _tell(directory)
    except OSError as error:
        raise TunesmithError(
            f"{folder} cannot be written: {error.strerror or error}; name another place"
        ) from error
    return directory


def _serve(live: LiveChoice, runs: Sequence[Run], *, port: int, is_opened: bool) -> int:
    """Serve the runs until Ctrl-C, adding newer ones meanwhile."""
    with _temporary_folder() as folder, _terminated() as is_terminated:
        directory = LogDirectory(folder, live.store)
        directory.update(runs)
        _tell(directory)
        url = launch(folder, port=port)
        console.say(f"Prepared {_describe(directory)}")
        console.answer(f"TensorBoard: {url}")
        console.say("New runs are added as they finish: press the reload button. Ctrl-C ends it.")
        if is_opened:
            page = folder / "open.html"  # the folder is for this user's eyes only
            page.write_text(leading_page(url))
            webbrowser.open(page.as_uri())
        try:
            _follow(live, directory, is_terminated)
        except KeyboardInterrupt:
            return 0
    return TERMINATED


def _follow(live: LiveChoice, directory: LogDirectory, is_ended: threading.Event) -> None:
    """Add what is new, again and again."""
    told: set[str] = set()
    pause = UPDATE_S
    while not is_ended.wait(pause):
        began = time.monotonic()
        try:
            missing = directory.update(live.read_again())
        except TunesmithError as error:
            console.warn(str(error))
            missing = set()
        if new := missing - told:
            told |= new
            console.say(f"note: start it again to see {', '.join(sorted(new))} in HPARAMS as well")
        pause = max(UPDATE_S, REST_FACTOR * (time.monotonic() - began))


def _tell(directory: LogDirectory) -> None:
    """Say what the log directory does not hold."""
    for note in directory.notes:
        console.say(f"note: {note}")


def _describe(directory: LogDirectory) -> str:
    return (
        f"{count(directory.n_runs, 'run')} (flags: {_names(directory.flags)}; "
        f"metrics: {_names(directory.metrics)})"
    )


def _names(names: Sequence[str]) -> str:
    if len(names) <= N_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:N_NAMED])} and {len(names) - N_NAMED} more"


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Make a folder that is gone in the end, and remove what killed commands have left."""
    for leftover in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = leftover.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and not has_process(int(pid)):
            shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _terminated() -> Iterator[threading.Event]:
    """Give what is set at SIGTERM, so that the folder is removed then too."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    before = signal.signal(signal.SIGTERM, lambda *_: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGTERM, before)
        sys.stderr.flush()
