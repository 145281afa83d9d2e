"""The commands that a view tells its user to type."""

import shlex

from tunesmith.flags.display import format_assignments
from tunesmith.trial import Run, TrialRecord, short_id


def run_command(run: Run | TrialRecord) -> str:
    """Return the command that runs the script once with a run's flags, in full precision."""
    return f"tunesmith run {shlex.quote(run.script)} {format_assignments(run.flags)}".rstrip()


def restart_command(batch: str) -> str:
    """Return the command that goes on with a batch."""
    return f"tunesmith run --restart {short_id(batch)}"
