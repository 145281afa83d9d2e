"""What an attempt has reported: in its output, in event files, in files with metrics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.child_process import ChildOutcome
from tunesmith.executor.events import find_unreadable, read_events_until
from tunesmith.executor.trial_watch import TrialWatch
from tunesmith.output.metric_files import find_unwritten, read_metric_files
from tunesmith.output.scalars import OutputScalars
from tunesmith.output.series import ScalarPoint
from tunesmith.scalar import ScalarSeries
from tunesmith.scalar_names import folded
from tunesmith.storage.files.layout import METADATA

READ_S = 1.0
"""Seconds after the grace time in which event files are still read, if all is to end now."""


def reader_of(spec: BatchSpec) -> OutputScalars:
    """Return what reads the lines of one attempt."""
    return OutputScalars(
        flag_names=_flag_names(spec),
        patterns=spec.execution.output_scalars,
        wanted=spec.wanted_tags,
    )


@dataclass(frozen=True, slots=True)
class Reports:
    """Passes on what a running trial prints: to its scalars, its watch and the observer."""

    context: BatchContext
    number: int
    """The trial's number."""
    scalars: OutputScalars
    watch: TrialWatch | None

    def take_line(self, line: str, time: float) -> None:
        """Take a line of output, printed at a time in seconds since 1970, UTC."""
        self._pass_on(self.scalars.feed(line, time))

    def take_state(self, state: str, time: float) -> None:
        """Take what a line was before it was overwritten."""
        self._pass_on(self.scalars.feed_state(state, time))

    def _pass_on(self, points: Iterable[ScalarPoint]) -> None:
        for point in points:
            observer = self.context.observer
            observer.scalar_reported(self.number, point.tag, point.step, point.value)
            if self.watch is not None:
                self.watch.take(point)


def read_written(
    context: BatchContext, number: int, directory: Path, outcome: ChildOutcome
) -> tuple[list[ScalarSeries], ChildOutcome]:
    """Return the scalars in the files of an attempt, and its outcome, which says if some miss.

    Whoever was told to end now has no time for more of them than fit into the grace time. What
    cannot be read as an event file is left out with a note.

    Args:
        context: The batch.
        number: The trial.
        directory: Where it ran.
        outcome: How it ended.
    """
    execution = context.spec.execution
    seconds = execution.grace_s + READ_S
    series, is_whole = read_events_until(directory, lambda: context.stop.left_s(seconds) == 0)
    if not is_whole:
        reasons = outcome.reason or context.stop.reason, "the rest of its event files was not read"
        outcome = replace(outcome, reason="; ".join(reasons))
    if odd := find_unreadable(directory):
        text = f"its scalars in {odd[0].relative_to(directory)} are left out: it cannot be read"
        context.observer.note(f"trial {number}: {text}")
    flags = {folded(name) for name in _flag_names(context.spec)}
    place = Path(context.spec.project) if execution.is_in_place else directory
    if execution.is_in_place and not execution.metrics:
        return series, outcome  # other trials write there, too
    files = read_metric_files(
        place,
        since=outcome.started,
        named=execution.metrics,
        is_flag=flags.__contains__,
        skipped=METADATA,
    )
    _note_unwritten(context, number, place, outcome)
    return merged(files, series), outcome


def _note_unwritten(
    context: BatchContext, number: int, place: Path, outcome: ChildOutcome
) -> None:
    """Say once a batch which file with metrics a trial that ended well has not written."""
    named = context.spec.execution.metrics
    if outcome.exit_code != 0 or not named:
        return
    for pattern in find_unwritten(place, since=outcome.started, named=named):
        if pattern not in context.missed_metrics:
            context.missed_metrics.add(pattern)
            context.observer.note(
                f"trial {number} wrote no {pattern}, which --metrics names: its scalars are those "
                "of its output and of its event files"
            )


def merged(
    printed: Sequence[ScalarSeries], written: Sequence[ScalarSeries], *, judged: str = ""
) -> list[ScalarSeries]:
    """Return one series for each tag, sorted.

    Files win, since they have their steps, but not with a single point over a whole curve.

    Args:
        printed: The series of the output.
        written: Those of files.
        judged: The tag by whose printed points trials are pruned, which are kept for a restart to
            judge by the same ones.
    """
    series = {folded(one.tag): one for one in printed}
    for one in written:
        other = series.get(folded(one.tag))
        if other is not None and other.tag == judged:
            continue
        if other is None or len(one.values) > 1 or len(other.values) <= 1:
            series[folded(one.tag)] = one
    return sorted(series.values(), key=lambda one: one.tag)


def _flag_names(spec: BatchSpec) -> set[str]:
    """Return the names under which a script may print its flags."""
    flags = spec.script_flags.settable
    return {*spec.given_names, *(name for flag in flags for name in (flag.name, *flag.aliases))}
