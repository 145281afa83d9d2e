"""The progress of a batch on a terminal, redrawn in place."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.running.failure import show_first_failure
from tunesmith.cli.running.tally import Tally
from tunesmith.cli.running.trial_text import describe_best, describe_outcome
from tunesmith.durations import format_duration
from tunesmith.flags.display import format_value
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, short_id

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

REFRESHES_PER_SECOND = 8
N_SHOWN = 5
"""How many of the latest finished trials are listed."""
_STYLES = {TrialStatus.ERROR: "red", TrialStatus.TERMINATED: "red", TrialStatus.PRUNED: "yellow"}


class LiveProgress:
    """A display that is redrawn in place: counts, the latest and the running trials, the best."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def proposing(self) -> None:
        """Show that the optimizer is at work."""
        self._tally.propose()

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Show the trial as running."""
        self._tally.start(planned, run_id)

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        """Show the value beside its trial."""
        self._tally.report(number, tag, value)

    def trial_finished(self, record: TrialRecord) -> None:
        """Show the trial as finished."""
        self._tally.finish(record)
        show_first_failure(self._tally, record)

    def note(self, text: str) -> None:
        """Print a warning above the display."""
        console.warn(text)

    def changed(self, spec: BatchSpec, n_more: int) -> None:
        """Count to another total from now on."""
        self._tally.change(spec, n_more)

    def phase(self, text: str) -> None:
        """Show what the batch does now."""
        self._tally.end(text)

    def __rich__(self) -> "RenderableType":
        """Draw the current state."""
        from rich.console import Group  # rich is imported only where the display is drawn

        with self._tally.lock:
            return Group(self._headline(), self._trials(), self._best_line())

    def _headline(self) -> "RenderableType":
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        tally = self._tally
        n_done = len(tally.finished)
        facts = [f"{n_done}/{tally.n_total}", tally.state]
        if tally.n_failed:
            facts.append(f"{tally.n_failed} failed")
        if tally.n_pruned:
            facts.append(f"{tally.n_pruned} pruned")
        if tally.began is not None:
            facts.append(f"elapsed {format_duration(tally.elapsed_s)}")
        if tally.left_s and tally.ended is None:
            facts.append(f"about {format_duration(tally.left_s)} left")
        row = Table.grid(padding=(0, 1))
        row.add_column(no_wrap=True)
        row.add_column(max_width=24)  # on a narrow terminal the bar gives way to the facts
        row.add_column(no_wrap=True)
        bar = ProgressBar(total=max(tally.n_total, 1), completed=n_done)
        row.add_row(tally.spec.batch_operation, bar, "  ".join(facts))
        return row

    def _trials(self) -> "Table":
        from rich.table import Table

        tally, table = self._tally, Table.grid(padding=(0, 2))
        for record in tally.finished[-N_SHOWN:]:
            style = _STYLES.get(record.status, "")
            table.add_row(
                f"{record.number:>4}",
                short_id(record.id),
                record.origin,
                tally.varied(record.flags),
                describe_outcome(tally.spec, record),
                tally.mark(record),
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


@contextmanager
def drawn(progress: LiveProgress) -> Iterator[None]:
    """Draw the progress on stderr, repeatedly, while the body runs."""
    from rich.console import Console
    from rich.live import Live

    screen = Console(stderr=True, highlight=False)
    with Live(
        get_renderable=progress.__rich__, console=screen, refresh_per_second=REFRESHES_PER_SECOND
    ):
        yield
