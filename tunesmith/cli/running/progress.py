"""The progress of a batch on stderr: redrawn in place on a terminal, else a line per trial."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.running.failure import show_first_failure
from tunesmith.cli.running.live_progress import LiveProgress, drawn
from tunesmith.cli.running.tally import Tally
from tunesmith.cli.running.trial_text import describe_outcome
from tunesmith.executor.observer import Observer, SilentObserver
from tunesmith.ranking import best_of
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import PlannedTrial, TrialRecord, short_id


class PlainProgress(SilentObserver):
    """Prints one line on stderr for each finished trial."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Count the trial as running, also one that has ended before and runs to its end."""
        self._tally.start(planned, run_id)

    def trial_finished(self, record: TrialRecord) -> None:
        """Print the trial's line."""
        self._tally.finish(record)
        mark = self._tally.mark(record)
        n_total, n_done = self._tally.n_total, len(self._tally.finished)
        console.say(
            f"[{n_done}/{n_total}] {short_id(record.id)}  {self._tally.varied(record.flags)}  "
            f"{describe_outcome(self._tally.spec, record)}{'  ' if mark else ''}{mark}"
        )
        show_first_failure(self._tally, record)

    def note(self, text: str) -> None:
        """Print a warning."""
        console.warn(text)

    def changed(self, spec: BatchSpec, n_more: int) -> None:
        """Count to another total from now on."""
        self._tally.change(spec, n_more)

    def phase(self, text: str) -> None:
        """Print what the batch does now."""
        console.say(text)


class QuietProgress(SilentObserver):
    """Prints warnings only."""

    def note(self, text: str) -> None:
        """Print a warning."""
        console.warn(text)


@contextmanager
def progress_shown(
    spec: BatchSpec,
    layout: Layout,
    *,
    n_total: int,
    is_quiet: bool,
    earlier: Sequence[TrialRecord] = (),
) -> Iterator[Observer]:
    """Show the progress of a batch on stderr while the body runs, and give its observer.

    Args:
        spec: The specification of the batch.
        layout: The layout of the store, which gives the output of a trial.
        n_total: How many trials the command runs.
        is_quiet: Whether to show warnings only.
        earlier: The trials before a restart.
    """
    tally = Tally(
        spec=spec,
        layout=layout,
        n_total=n_total,
        best=best_of(spec, earlier),
        earlier=earlier if spec.repeats is not None else (),
    )
    if is_quiet:
        yield QuietProgress()
    elif console.is_live():
        live = LiveProgress(tally)
        with drawn(live):
            yield live
    else:
        yield PlainProgress(tally)
