"""What trials reported of a batch's objectives, and the front of several, for every view."""

from collections.abc import Iterable
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.flags.display import format_point, format_value
from tunesmith.objective import Objective
from tunesmith.query.cells import count
from tunesmith.ranking import Front
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import Repeated, Run, TrialRecord, short_id

MOST_SHOWN = 10
"""Trials of a front that are listed."""
KNEE = "knee"
ON_FRONT = "front"


def result_columns(spec: BatchSpec) -> tuple[ScalarColumn, ...]:
    """Return the scalars that decide on a trial: those of objectives, then of constraints."""
    constrained = (column for one in spec.constraints for column in one.columns)
    return tuple(dict.fromkeys([*(one.column for one in spec.objectives), *constrained]))


def describe_results(spec: BatchSpec, trial: Run | TrialRecord) -> str:
    """Return the scalars that decide on a trial: ``loss 0.31, seconds 12.5``.

    A missing one is ``none``.
    """
    first, *more = result_columns(spec)
    values = [(first, format_objective(trial))]
    values += [(column, _text(Objective(column=column).read(trial))) for column in more]
    return ", ".join(f"{column} {text}" for column, text in values)


def format_objective(trial: Run | TrialRecord) -> str:
    """Return the objective of a trial; of a candidate its mean and error: ``0.31 ± 0.02 (3)``.

    The number in parentheses is that of its runs with a result.
    """
    text = _text(trial.objective)
    return text if trial.repeated is None else f"{text} {format_error(trial.repeated)}"


def format_error(repeated: Repeated) -> str:
    """Return the standard error of a mean, and of how many runs it is one: ``± 0.02 (3)``."""
    error = "" if repeated.se is None else f"± {repeated.se:.2g} "
    return f"{error}({len(repeated.values)})"


def _text(value: float | None) -> str:
    return "none" if value is None else format_value(value)


def describe_runs(repeated: Repeated) -> str:
    """Return the runs of a candidate and their results: ``trials 7, 8, 9: 0.31, 0.29, 0.35``."""
    numbers = ", ".join(map(str, repeated.numbers))
    return f"trials {numbers}: {', '.join(map(format_value, repeated.values))}"


def describe_misses(spec: BatchSpec, trial: Run | TrialRecord) -> str:
    """Return the constraints that a trial misses; empty where it meets all."""
    missed = dict.fromkeys(one.text for one in spec.constraints if one.violation(trial))
    return ", ".join(missed)


def nearest_to_plain(spec: BatchSpec, trial: Run | TrialRecord) -> dict[str, Any]:
    """Return the trial that misses the constraints by least as a JSON object."""
    return {
        "id": trial.id,
        "number": trial.number,
        "violation": spec.violation(trial),
        "margins": [[one.text, one.margin(trial)] for one in spec.constraints],
    }


def front_lines(spec: BatchSpec, front: Front[Any]) -> list[str]:
    """Return a line for each trial of a front, for some of many, and how many are left out."""
    shown = front.shown(MOST_SHOWN)
    lines = [_front_line(spec, trial, is_knee=trial is front.knee) for trial in shown]
    left = len(front.trials) - len(shown)
    return [*lines, f"and {count(left, 'trial')} between them"] if left else lines


def _front_line(spec: BatchSpec, trial: Run | TrialRecord, *, is_knee: bool) -> str:
    results, flags = (
        describe_results(spec, trial),
        format_point(spec.varied(trial.flags)),
    )
    knee = f"  ({KNEE})" if is_knee else ""
    return f"{results}  {flags}  trial {trial.number} ({short_id(trial.id)}){knee}"


def front_to_plain(spec: BatchSpec, front: Front[Any]) -> list[dict[str, Any]]:
    """Return the trials of a front as JSON objects, the best by the first objective first."""
    return [
        {
            "id": trial.id,
            "number": trial.number,
            "values": {str(one.column): one.read(trial) for one in spec.objectives},
            "knee": trial is front.knee,
        }
        for trial in front.trials
    ]


def marks_of(spec: BatchSpec, trials: Iterable[Run]) -> dict[str, str]:
    """Return the mark of each trial on the front of a batch, by id: ``front`` or ``knee``."""
    front = Front.of(spec, trials)
    return {one.id: KNEE if one is front.knee else ON_FRONT for one in front.trials}
