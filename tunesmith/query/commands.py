"""The commands that a view tells its user to type."""

import shlex

from tunesmith.batch import BatchSpec
from tunesmith.flags.display import format_assignments, format_value
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.objective import Objective
from tunesmith.trial import Run, TrialRecord, short_id


def run_command(run: Run | TrialRecord) -> str:
    """Return the command that runs the script once with a run's flags, in full precision."""
    return f"tunesmith run {shlex.quote(run.script)} {format_assignments(run.flags)}".rstrip()


def restart_command(batch: str) -> str:
    """Return the command that goes on with a batch."""
    return f"tunesmith run --restart {short_id(batch)}"


def batch_command(spec: BatchSpec) -> str:
    """Return the command that runs a whole batch again from its start, with the same seed."""
    settings = {name: spec.settings[name] for name in sorted(spec.given_names)}
    fixed = {
        name: value
        for name, value in settings.items()
        if not isinstance(value, Choices | Distribution)
    }
    words = [
        shlex.quote(f"{name}={setting.text}")
        for name, setting in settings.items()
        if isinstance(setting, Choices | Distribution)
    ]
    words += [format_assignments(fixed)] if fixed else []
    if spec.optimizer is not None and spec.optimizer.name != "grid":
        words += ["--optimizer", spec.optimizer.name, "--max-trials", str(spec.n_trials)]
        words += ["--random-seed", str(spec.seed)]
        for name, value in spec.optimizer.settings.items():
            words += ["-Fo", shlex.quote(f"{name}={format_value(value, is_exact=True)}")]
    if spec.objective != Objective():
        column = shlex.quote(str(spec.objective.column))
        words += [f"--{spec.objective.direction}", column]
    return " ".join(["tunesmith", "run", shlex.quote(spec.script), *words])
