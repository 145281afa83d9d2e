"""``tunesmith tensorboard``: runs in TensorBoard, or exported as a log directory."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from tunesmith.cli import console
from tunesmith.cli.desktop import show_in_browser
from tunesmith.cli.looking.comparing import LiveChoice
from tunesmith.cli.looking.runs import NO_RUNS_YET
from tunesmith.cli.looking.scalars_file import write_scalars
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store_if_any
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import NotFoundError, TunesmithError, UsageError
from tunesmith.loopback import redirect_page
from tunesmith.processes import has_process
from tunesmith.query.cells import count
from tunesmith.tensorboard.log_directory import LogDirectory
from tunesmith.tensorboard.server import launch
from tunesmith.trial import Run

PREFIX = "tunesmith-tensorboard-"
UPDATE_S = 2.0
"""Seconds between two reads of the store, if reading is fast."""
REST_FACTOR = 10
"""The pause between two reads is at least this many times as long as a read took."""
TERMINATED = 143
N_NAMED = 8
"""How many columns a message names."""


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the address, or what was written,")
@click.option(
    "--port",
    type=WholeNumber(min=0, max=65535),
    default=0,
    metavar="N",
    help="Port to serve on.  [default: any free port]",
)
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@click.option(
    "--export", metavar="DIR", help="Write a log directory to the new folder DIR and exit."
)
@click.option(
    "--export-scalars",
    "scalars",
    metavar="FILE",
    help="Write all points of all scalars to FILE, .csv or .parquet, and exit.",
)
def tensorboard(
    *, choice: Choice, port: int, no_open: bool, export: str | None, scalars: str | None
) -> int:
    """Show runs in TensorBoard; all of them unless some are named.

    The HPARAMS page has a column for every flag and every scalar. New runs are added as they
    finish. If RUN is a batch, its trials are shown.
    """
    store = open_store_if_any(choice.home)
    if store is None:
        raise NotFoundError(NO_RUNS_YET)
    live = LiveChoice(store=store, choice=choice)
    runs = live.read_first()
    if not runs:
        raise NotFoundError("no run to show: list all runs with tunesmith runs --all")
    written: dict[str, object] = {}
    if scalars is not None:
        n_rows = write_scalars(store, runs, Path(scalars))
        console.say(f"Wrote {n_rows} row(s) to {scalars}")
        written |= {"scalars": scalars, "rows": n_rows}
    if export is not None:
        directory = _export(live, runs, Path(export))
        console.say(f"Wrote {_describe(directory)} to {export}")
        written |= {"directory": export, "runs": directory.n_runs}
    if written and console.wants_json():
        console.answer_json(written)
    if written:
        return 0
    return _serve(live, runs, port=port, is_opened=not no_open)


def _export(live: LiveChoice, runs: Sequence[Run], folder: Path) -> LogDirectory:
    """Write a log directory that can be moved.

    Raises:
        UsageError: The folder exists and is not empty.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} already exists: name a new or an empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        directory = LogDirectory(folder, live.store, is_copied=True)
        directory.update(runs)
        _tell(directory)
    except OSError as error:
        raise TunesmithError(
            f"{folder} cannot be written: {error.strerror or error}; name another folder"
        ) from error
    return directory


def _serve(live: LiveChoice, runs: Sequence[Run], *, port: int, is_opened: bool) -> int:
    """Serve the runs until Ctrl-C, and add newer ones meanwhile."""
    with _temporary_folder() as folder, _terminated() as is_terminated:
        directory = LogDirectory(folder, live.store)
        directory.update(runs)
        _tell(directory)
        url = launch(folder, port=port)
        console.say(f"Prepared {_describe(directory)}")
        console.answer(f"TensorBoard: {url}", {"url": url})
        console.say(
            "New runs are added as they finish: press the reload button. Stop with Ctrl-C."
        )
        if is_opened:
            page = folder / "open.html"  # only this user can read the folder
            page.write_text(redirect_page(url))
            show_in_browser(page.as_uri())
        try:
            _follow(live, directory, is_terminated)
        except KeyboardInterrupt:
            console.end_line()
            return 0
    return TERMINATED


def _follow(live: LiveChoice, directory: LogDirectory, is_ended: threading.Event) -> None:
    """Add new runs until the event is set."""
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
            console.say(f"note: restart the command to see {', '.join(sorted(new))} in HPARAMS")
        pause = max(UPDATE_S, REST_FACTOR * (time.monotonic() - began))


def _tell(directory: LogDirectory) -> None:
    """Print notes on what the log directory does not hold."""
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
    """Make a folder for the body alone, and remove those that killed commands have left."""
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
    """Give an event that SIGTERM sets, so that the folder is removed then too."""
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
