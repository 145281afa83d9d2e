"""``tunesmith watch``: follow the output of a run until it ends."""

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import click

from tunesmith.cli import console
from tunesmith.cli.options.chosen_runs import select_one
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.terminal_text import stdout_writer
from tunesmith.query.cells import format_clock
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id

POLL_S = 0.2
LOOK_S = 1.0
"""Seconds between two checks of whether the run has ended."""
N_FIRST = 20
"""How many lines of the earlier output are shown."""
_MAX_HEAD = 64 * 1024

Wait = Callable[[float], object]
"""Waits for a number of seconds."""


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the run at its end, without its output,")
@click.option(
    "--all",
    "is_whole",
    is_flag=True,
    help=f"Show all earlier output.  [default: the last {N_FIRST} lines]",
)
def watch(*, choice: Choice, is_whole: bool) -> int:
    """Follow the output of a run until it ends; of the latest running one unless one is named.

    If RUN is a batch, its trials are followed one after another.
    """
    store = open_store(choice.home)
    runs = read_runs(store)
    run = _running(runs) if choice.is_empty else select_one(runs, choice)
    if run is None:
        run = select_one(runs, choice)
    is_shown, wait = not console.wants_json(), threading.Event().wait
    watcher = Watcher(store, wait) if is_shown else Watcher(store, wait, write=len)
    if run.is_batch:
        watcher.follow_batch(run)
    else:
        watcher.follow(run, is_whole=is_whole)
    if not is_shown:
        from tunesmith.cli.looking.plain import run_to_plain  # needed for --json only

        ended = next((one for one in store.list_runs().runs if one.id == run.id), run)
        console.answer_json(run_to_plain(ended, store.layout))
    return 0


@dataclass(frozen=True, slots=True)
class Watcher:
    """Follows runs of a store."""

    store: Store
    wait: Wait
    write: Callable[[bytes], object] = field(default_factory=stdout_writer)
    """Takes the output; nothing at the end of each run's."""

    def follow(self, run: Run, *, is_whole: bool = True) -> None:
        """Print a run's output as it is written, and its status at the end."""
        tail = _Tail(self.store.layout.output(run.batch, run.id), self.write)
        tail.start(n_lines=None if is_whole else N_FIRST)
        for now in self._states(run):
            run = now
            tail.read()
        tail.end()
        seconds = "" if run.seconds is None else f" after {format_clock(run.seconds)}"
        cause = run.reason if run.status.is_finished else "its process is gone"
        reason = f" ({cause})" if cause else ""
        console.say(f"{short_id(run.id)} {run.status}{seconds}{reason}")

    def follow_batch(self, batch: Run) -> None:
        """Follow the trials of a batch, each from its start, until the batch ends."""
        seen: set[str] = set()
        while True:
            has_ended = not self.store.is_alive(batch.id)  # first: then the list is final
            every = self._read()
            batch = next((run for run in every if run.id == batch.id), batch)
            trials = [run for run in every if run.batch == batch.id and run.is_trial]
            fresh = [run for run in trials if run.id not in seen and run.started is not None]
            running = [run for run in fresh if run.status is TrialStatus.RUNNING]
            if has_ended:
                running = [] if seen else fresh[:1]
            if running:
                oldest = min(running, key=lambda run: run.number)
                seen.add(oldest.id)
                console.say(f"trial {oldest.number} ({short_id(oldest.id)})")
                self.follow(oldest)
            elif has_ended:
                console.say(f"{short_id(batch.id)} {batch.status}")
                return
            else:
                self.wait(POLL_S)

    def _states(self, run: Run) -> Iterator[Run]:
        """Yield the state of a run repeatedly, until and including its final state.

        Trials that a dead batch never started stay pending, so their status alone shows no end.
        """
        looked, is_alive = float("-inf"), True
        while True:
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                is_alive = self.store.is_alive(run.batch)  # first: then the list is final
                run = next((one for one in self._read() if one.id == run.id), run)
            yield run
            if run.status.is_finished or not is_alive:
                return
            self.wait(POLL_S)

    def _read(self) -> list[Run]:
        return self.store.list_runs().runs


class _Tail:
    """Reads what is appended to a file; a new attempt starts a new file of the same name."""

    def __init__(self, path: Path, write: Callable[[bytes], object]) -> None:
        self._path = path
        self._write = write
        self._file: BinaryIO | None = None

    def start(self, *, n_lines: int | None) -> None:
        """Print the last lines of the file so far, or all of it for None."""
        self._open()
        if self._file is None or n_lines is None:
            return
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(max(0, size - _MAX_HEAD))
        lines = io.BytesIO(self._file.read()).readlines()  # a progress bar's \r ends no line
        self._write(b"".join(lines[-n_lines:]))

    def read(self) -> None:
        """Print what has been appended, first the rest of an attempt that was set aside."""
        is_replaced = self._is_replaced()
        self._drain()
        if is_replaced:
            self._close()
        if self._file is None:
            self._open()
            self._drain()

    def _drain(self) -> None:
        while self._file is not None and (chunk := self._file.read(_MAX_HEAD)):
            self._write(chunk)

    def end(self) -> None:
        """Print the rest, and close the file."""
        self.read()
        self._write(b"")
        self._close()

    def _open(self) -> None:
        try:
            self._file = self._path.open("rb")
        except OSError:  # the run has not started, or its folder is gone
            self._file = None

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _is_replaced(self) -> bool:
        if self._file is None:
            return False
        try:
            return self._path.stat().st_ino != os.fstat(self._file.fileno()).st_ino
        except OSError:  # set aside: the next attempt has not printed anything yet
            return False


def _running(runs: list[Run]) -> Run | None:
    """Return the latest running run that is not a batch; None if there is none."""
    return next(
        (run for run in runs if run.status is TrialStatus.RUNNING and not run.is_batch), None
    )
