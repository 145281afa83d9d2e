"""The view of a batch at work, on stderr: live on a terminal, a line a trial elsewhere."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.durations import format_duration
from tunesmith.executor.observer import Observer
from tunesmith.executor.output_log import tail_lines
from tunesmith.flags.display import format_point, format_value
from tunesmith.flags.values import Flags
from tunesmith.ranking import is_better
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, short_id

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

REFRESHES_PER_SECOND = 8
N_SHOWN = 5
"""Finished trials that the live view lists."""
N_TAIL = 6
"""Lines of the first failing trial's output that are shown."""


@dataclass(slots=True)
class _Running:
    """A trial that runs now, and the last value of its objective."""

    planned: PlannedTrial
    run_id: str
    began: float
    value: float | None = None
    step: int = 0


@dataclass(slots=True)
class Tally:
    """What is known of a batch while it runs; fed by the trials' threads, read by the view."""

    spec: BatchSpec
    layout: Layout
    n_total: int
    """Trials that this command runs."""
    began: float = field(default_factory=time.monotonic)
    running: dict[int, _Running] = field(default_factory=dict)
    finished: list[TrialRecord] = field(default_factory=list)
    best: TrialRecord | None = None
    phase: str = ""
    """What is done once the trials have ended."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, planned: PlannedTrial, run_id: str) -> None:
        """Note that a trial runs."""
        with self.lock:
            self.running[planned.number] = _Running(planned, run_id, time.monotonic())

    def report(self, number: int, tag: str, step: int, value: float) -> None:
        """Note a value of the objective."""
        tail = self.spec.objective.column.tag.rsplit("#", 1)[-1]
        with self.lock:
            if tag.endswith(tail) and (running := self.running.get(number)) is not None:
                running.value, running.step = value, step

    def finish(self, record: TrialRecord) -> bool:
        """Note a finished trial, and return whether it is the best so far."""
        with self.lock:
            self.running.pop(record.number, None)
            self.finished.append(record)
            is_best = is_better(self.spec, record, self.best)
            if is_best:
                self.best = record
        return is_best

    @property
    def n_failed(self) -> int:
        """Finished trials that did not complete."""
        return sum(record.status is not TrialStatus.COMPLETED for record in self.finished)

    @property
    def left_s(self) -> float | None:
        """An estimate of the seconds that are left, from the median trial; None before one."""
        if not self.finished:
            return None
        times = sorted(record.seconds for record in self.finished)
        n_left = max(0, self.n_total - len(self.finished))
        return times[len(times) // 2] * n_left / max(1, self.spec.execution.jobs)

    def varied(self, flags: Flags) -> str:
        """Return the flags in which trials differ."""
        return format_point(self.spec.varied(flags))


class PlainProgress:
    """One line on stderr for each finished trial."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Say nothing yet."""

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        """Say nothing yet."""

    def trial_finished(self, record: TrialRecord) -> None:
        """Print the trial's line."""
        is_best = self._tally.finish(record)
        n_total, n_done = self._tally.n_total, len(self._tally.finished)
        console.say(
            f"[{n_done}/{n_total}] {short_id(record.id)}  {self._tally.varied(record.flags)}  "
            f"{describe_outcome(self._tally.spec, record)}{'  best' if is_best else ''}"
        )
        show_first_failure(self._tally, record)

    def note(self, text: str) -> None:
        """Print a note."""
        console.warn(text)

    def phase(self, text: str) -> None:
        """Print what is done now."""
        console.say(text)


class LiveProgress:
    """A view that is redrawn in place: counts, the last trials, those that run, the best."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Show the trial as running."""
        self._tally.start(planned, run_id)

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        """Show the value beside its trial."""
        self._tally.report(number, tag, step, value)

    def trial_finished(self, record: TrialRecord) -> None:
        """Show the trial as finished."""
        self._tally.finish(record)
        show_first_failure(self._tally, record)

    def note(self, text: str) -> None:
        """Print a note above the view."""
        console.warn(text)

    def phase(self, text: str) -> None:
        """Show what is done now."""
        self._tally.phase = text

    def __rich__(self) -> "RenderableType":
        """Draw the view as it is now."""
        from rich.console import Group  # rich is imported where a live view is drawn

        with self._tally.lock:
            return Group(self._headline(), self._trials(), self._best_line())

    def _headline(self) -> "RenderableType":
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        tally = self._tally
        n_done = len(tally.finished)
        now = tally.phase or f"{len(tally.running)} running"
        facts = [f"{n_done}/{tally.n_total}", now]
        if tally.n_failed:
            facts.append(f"{tally.n_failed} failed")
        facts.append(f"elapsed {format_duration(time.monotonic() - tally.began)}")
        if tally.left_s:
            facts.append(f"left {format_duration(tally.left_s)}")
        row = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(tally.n_total, 1), completed=n_done, width=24)
        row.add_row(tally.spec.batch_operation, bar, "  ".join(facts))
        return row

    def _trials(self) -> "Table":
        from rich.table import Table

        tally, table = self._tally, Table.grid(padding=(0, 2))
        for record in tally.finished[-N_SHOWN:]:
            style = "" if record.status is TrialStatus.COMPLETED else "red"
            best = "best" if record is tally.best else ""
            table.add_row(
                f"{record.number:>4}",
                short_id(record.id),
                record.origin,
                tally.varied(record.flags),
                describe_outcome(tally.spec, record),
                best,
                style=style,
            )
        for number, running in sorted(tally.running.items()):
            value = "" if running.value is None else format_value(running.value)
            table.add_row(
                f"{number:>4}",
                short_id(running.run_id),
                running.planned.origin,
                tally.varied(running.planned.flags),
                f"running  {value}".rstrip(),
                format_duration(time.monotonic() - running.began),
                style="cyan",
            )
        return table

    def _best_line(self) -> "RenderableType":
        from rich.text import Text

        best = self._tally.best
        if best is None:
            return Text("  no result yet", style="dim")
        return Text(f"  best  {describe_best(self._tally.spec, best)}", style="green")


def show_first_failure(tally: Tally, record: TrialRecord) -> None:
    """Print the last lines of the first trial that failed: whoever waits may want to stop."""
    if record.status is TrialStatus.COMPLETED or tally.n_failed != 1:
        return
    output = tally.layout.output(record.batch, record.id)
    console.say(f"trial {record.number} failed ({describe_outcome(tally.spec, record)})")
    for line in tail_lines(output, N_TAIL):
        console.say(f"  | {line}")
    console.say(f"  all of its output: {output}")


class _Drawn(Protocol):
    """A view that rich draws."""

    def __rich__(self) -> "RenderableType": ...


def describe_outcome(spec: BatchSpec, record: TrialRecord) -> str:
    """Return a finished trial's outcome in a few words: its objective, or how it failed."""
    if record.status is not TrialStatus.COMPLETED:
        end = f"signal {record.signal}" if record.signal else f"exit {record.exit_code}"
        return f"{record.status}: {record.reason or end}  {format_duration(record.seconds)}"
    value = "none" if record.objective is None else format_value(record.objective)
    return f"{spec.objective.column} {value}  {format_duration(record.seconds)}"


def describe_best(spec: BatchSpec, best: TrialRecord) -> str:
    """Return the best trial in a few words."""
    flags = format_point(spec.varied(best.flags))
    value = "" if best.objective is None else f" {format_value(best.objective)}"
    return f"{spec.objective.column}{value}  {flags}  trial {best.number} ({short_id(best.id)})"


@contextmanager
def progress_shown(
    spec: BatchSpec, layout: Layout, *, n_total: int, is_quiet: bool, best: TrialRecord | None
) -> Iterator[Observer]:
    """Show a batch's progress on stderr while the body runs, and give its observer.

    Args:
        spec: The batch.
        layout: Where the store keeps the output of trials.
        n_total: How many trials the command runs.
        is_quiet: Whether nothing but warnings is to be shown.
        best: The best trial of earlier generations; None if there is none.
    """
    tally = Tally(spec=spec, layout=layout, n_total=n_total, best=best)
    if is_quiet:
        yield QuietProgress()
    elif console.is_live():
        live = LiveProgress(tally)
        with _drawn(live):
            yield live
    else:
        yield PlainProgress(tally)


class QuietProgress:
    """Warnings only."""

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Say nothing."""

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        """Say nothing."""

    def trial_finished(self, record: TrialRecord) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Print a warning."""
        console.warn(text)

    def phase(self, text: str) -> None:
        """Say nothing."""


@contextmanager
def _drawn(view: _Drawn) -> Iterator[None]:
    from rich.console import Console
    from rich.live import Live

    screen = Console(stderr=True, highlight=False)
    with Live(
        get_renderable=view.__rich__, console=screen, refresh_per_second=REFRESHES_PER_SECOND
    ):
        yield
