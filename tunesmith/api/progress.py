"""The progress of a batch that a program runs: in a notebook, or on stderr."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.executor.observer import Observer, SilentObserver
from tunesmith.flags.display import format_point, format_value
from tunesmith.query.cells import one_line
from tunesmith.ranking import best_after, best_of
from tunesmith.request.change import n_to_run
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, short_id

UPDATE_S = 0.2
"""Seconds between two updates in a notebook, at least."""


@contextmanager
def progress_shown(spec: BatchSpec, store: Store, *, is_wanted: bool | None) -> Iterator[Observer]:
    """Show the progress of a batch while the body runs, and give its observer.

    Args:
        spec: The specification of the batch.
        store: Its store, which has the earlier trials of a batch that goes on.
        is_wanted: Whether to show it; None for where somebody watches: a notebook, a terminal.
    """
    display = _notebook_display()
    if is_wanted is None:
        is_wanted = display is not None or (sys.stderr is not None and sys.stderr.isatty())
    if not is_wanted:
        yield SilentObserver()
        return
    records = store.records(spec.id).records
    n_total = n_to_run(spec, store.plan(spec.id), records)
    if display is None:
        yield LineObserver(spec, n_total)
    else:
        observer = NotebookObserver(spec, n_total, display, earlier=records)
        try:
            yield observer
        finally:
            observer.phase("")


class LineObserver(SilentObserver):
    """Prints what the command line prints where it cannot redraw the screen."""

    def __init__(self, spec: BatchSpec, n_total: int) -> None:
        """Take the batch, for the flags in which its trials differ, and how many will run."""
        self._spec, self._n_total = spec, n_total
        self._finished: set[int] = set()

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Count a trial that runs once more, to its end, as not finished."""
        self._finished.discard(planned.number)

    def changed(self, spec: BatchSpec, n_more: int) -> None:
        """Count to another total from now on."""
        self._spec, self._n_total = spec, self._n_total + n_more

    def trial_finished(self, record: TrialRecord) -> None:
        """Print the trial's line."""
        self._finished.add(record.number)
        told = f"{short_id(record.id)}  {_describe(self._spec, record)}"
        told += "" if record.status is TrialStatus.PRUNED else f"  {record.status}"
        sys.stderr.write(f"[{len(self._finished)}/{self._n_total}] {told}\n")

    def note(self, text: str) -> None:
        """Print a warning."""
        sys.stderr.write(f"warning: {text}\n")

    def phase(self, text: str) -> None:
        """Print what is done now."""
        sys.stderr.write(f"{text}\n")


class NotebookObserver(SilentObserver):
    """Draws a bar, the counts and the best trial in the output of a notebook's cell."""

    def __init__(
        self,
        spec: BatchSpec,
        n_total: int,
        display: Callable[..., Any],
        *,
        earlier: Sequence[TrialRecord] = (),
    ) -> None:
        """Begin to show a batch.

        Args:
            spec: Its specification.
            n_total: How many trials will run.
            display: IPython's function that displays.
            earlier: The trials that ran before.
        """
        self._spec, self._n_total = spec, n_total
        self._lock = threading.Lock()
        self._statuses: dict[int, TrialStatus] = {}
        """How each finished trial ended, by its number."""
        self._best = best_of(spec, earlier)
        self._ended = [*earlier] if spec.repeats is not None else []
        self._notes: list[str] = []
        self._phase = "starting"
        self._drawn = time.monotonic()
        self._handle = display(self._bundle(), raw=True, display_id=True)

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Show that trials run."""
        with self._lock:
            self._phase = ""
            self._statuses.pop(planned.number, None)  # it runs once more, to its end
            self._draw()

    def changed(self, spec: BatchSpec, n_more: int) -> None:
        """Count to another total from now on."""
        with self._lock:
            self._spec, self._n_total = spec, self._n_total + n_more
            self._draw(is_due=True)

    def trial_finished(self, record: TrialRecord) -> None:
        """Show the trial among the counts, or as the best one."""
        with self._lock:
            self._statuses[record.number] = record.status
            if self._spec.repeats is not None:
                self._ended.append(record)
            self._best = best_after(self._spec, record, self._best, self._ended)
            self._draw()

    def note(self, text: str) -> None:
        """Show a warning."""
        with self._lock:
            self._notes.append(text)
            self._draw(is_due=True)

    def phase(self, text: str) -> None:
        """Show what is done now; nothing for an empty text."""
        with self._lock:
            self._phase = text
            self._draw(is_due=True)

    def _draw(self, *, is_due: bool = False) -> None:
        now = time.monotonic()
        if is_due or now - self._drawn >= UPDATE_S or len(self._statuses) == self._n_total:
            self._drawn = now
            self._handle.update(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, str]:
        lines = self._lines()
        bar = f'<progress value="{len(self._statuses)}" max="{max(1, self._n_total)}"></progress>'
        texts = [escape(one_line(line)) for line in lines]
        return {"text/plain": "\n".join(lines), "text/html": "<br>".join([bar, *texts])}

    def _lines(self) -> list[str]:
        spec, ends = self._spec, list(self._statuses.values())
        n_failed, n_pruned = sum(end.is_failed for end in ends), ends.count(TrialStatus.PRUNED)
        facts = [f"{len(ends)}/{self._n_total} trials"]
        facts += [f"{n_failed} failed"] if n_failed else []
        facts += [f"{n_pruned} pruned"] if n_pruned else []
        facts += [self._phase] if self._phase else []
        lines = [f"{spec.batch_operation} {short_id(spec.id)}: {', '.join(facts)}"]
        lines += [] if self._best is None else [f"best: {_describe(spec, self._best)}"]
        return [*lines, *(f"warning: {note}" for note in self._notes[-3:])]


def _describe(spec: BatchSpec, record: TrialRecord) -> str:
    """Return the flags of a trial that vary, and its objective, or why it was pruned."""
    flags = format_point(spec.varied(record.flags))
    if record.status is TrialStatus.PRUNED:
        return f"{flags}  {record.status}: {record.reason}"
    if record.objective is None:
        return flags
    return f"{flags}  {spec.objective.column} {format_value(record.objective)}"


def _notebook_display() -> Callable[..., Any] | None:
    """Return IPython's function that displays; None where this is no notebook's kernel."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from importlib import import_module  # IPython is there: this is its kernel

    display: Callable[..., Any] = import_module("IPython.display").display
    return display
