"""A line on stderr for each finished trial, for programs that ask for it."""

import sys

from tunesmith.batch import BatchSpec
from tunesmith.flags.display import format_point, format_value
from tunesmith.trial import PlannedTrial, TrialRecord, short_id


class LineObserver:
    """Prints what the command line prints where it cannot redraw the screen."""

    def __init__(self, spec: BatchSpec) -> None:
        """Take the batch, for the flags in which its trials differ."""
        self._spec = spec
        self._n_finished = 0

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        """Say nothing yet."""

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        """Say nothing yet."""

    def trial_finished(self, record: TrialRecord) -> None:
        """Print the trial's line."""
        self._n_finished += 1
        column = self._spec.objective.column
        value = "" if record.objective is None else f"  {column} {format_value(record.objective)}"
        flags = format_point(self._spec.varied(record.flags))
        sys.stderr.write(
            f"[{self._n_finished}] {short_id(record.id)}  {flags}{value}  {record.status}\n"
        )

    def note(self, text: str) -> None:
        """Print a warning."""
        sys.stderr.write(f"warning: {text}\n")

    def phase(self, text: str) -> None:
        """Print what is done now."""
        sys.stderr.write(f"{text}\n")
