"""What a batch came to: the words and the JSON at its end."""

import json
from collections.abc import Collection
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.cli.looking.advice import Advice
from tunesmith.cli.running.progress import describe_best
from tunesmith.durations import format_duration
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.flags.display import format_point
from tunesmith.flags.values import to_plain
from tunesmith.query.cells import one_line
from tunesmith.query.commands import compare_command, restart_command
from tunesmith.trial import TrialStatus, short_id

_ENDS = {
    "": "completed",
    "exhausted": "completed, since every point of the search space has been tried",
    "stopped": "stopped",
    "failures": "ended early",
    "no-objective": "ended early",
}


def summarize(spec: BatchSpec, outcome: BatchOutcome, advice: Advice | None = None) -> str:
    """Return the summary: how it ended, the counts, the best trials, and what to type next.

    Args:
        spec: The batch.
        outcome: How it ended.
        advice: The recommended trial, which is named where it is not the best observed one.
    """
    batch = short_id(spec.id)
    end = _ENDS[outcome.end] + (f" ({outcome.reason})" if outcome.reason else "")
    lines = [
        f"Batch {batch} {end}: {_trials(outcome.n_run)} in "
        f"{format_duration(outcome.seconds)}; {_in_all(outcome)}{outcome.describe()}"
    ]
    if outcome.best is not None:
        lines.append(f"  best:     {describe_best(spec, outcome.best)}")
    elif outcome.counts.get(TrialStatus.COMPLETED):
        lines.append(f"  best:     {_no_best(spec, outcome)}")
    if outcome.n_outside:
        lines.append(f"  space:    {_outside(outcome.n_outside)}")
    if advice is not None and (outcome.best is None or advice.trial.id != outcome.best.id):
        lines.append(f"  recommended: {_describe_advice(spec, advice)}")
    lines.append(f"  compare:  {compare_command(spec, is_sorted=outcome.best is not None)}")
    lines.append(f"  report:   tunesmith report {batch} --open")
    if _has_more(spec, outcome):
        lines.append(f"  go on:    {_go_on(spec, outcome)}")
    return "\n".join(map(one_line, lines))


def _has_more(spec: BatchSpec, outcome: BatchOutcome) -> bool:
    """Return whether a restart would run anything: of a complete grid it would not."""
    is_grid = spec.optimizer is not None and spec.optimizer.name == "grid"
    if spec.objective.suggest(_reported(outcome)):  # by which its trials are read again
        return True
    if outcome.end == "" and sum(outcome.counts.values()) < (spec.n_trials or 0):
        return True  # the failed ones alone were run again
    is_whole = outcome.end in ("", "exhausted") and not outcome.has_failures
    return not (is_whole and (is_grid or outcome.end == "exhausted"))


def _no_best(spec: BatchSpec, outcome: BatchOutcome) -> str:
    """Return why there is no best trial, in a batch with completed ones."""
    column, silent = spec.objective.column, outcome.silent
    if silent is None:
        where = " of what is searched now" if outcome.n_outside else ""
        return f"none, since no trial{where} reported a finite {column}"
    if outcome.end == "no-objective":  # which has said the rest
        return f"none, since no trial reported {column}"
    return f"none: trial {silent.number} {spec.objective.describe_missing(silent.scalars)}"


def _outside(count: int) -> str:
    """Return which trials the best one was not chosen from."""
    return f"{_trials(count)} of before, outside of what is searched now, left out of the best"


def _go_on(spec: BatchSpec, outcome: BatchOutcome) -> str:
    """Return the command that goes on with a batch, with an objective that there is."""
    n_finished = sum(outcome.counts.values())
    return restart_command(spec, n_finished=n_finished, reported=_reported(outcome))


def _reported(outcome: BatchOutcome) -> Collection[str]:
    """Return what a trial reported in the place of the objective; nothing where that came."""
    return () if outcome.silent is None else outcome.silent.scalars


def _describe_advice(spec: BatchSpec, advice: Advice) -> str:
    trial = advice.trial
    flags = format_point(spec.varied(trial.flags))
    column = spec.objective.column
    return f"{column} {advice.expected}  {flags}  trial {trial.number} ({short_id(trial.id)})"


def summary_to_json(spec: BatchSpec, outcome: BatchOutcome, advice: Advice | None = None) -> str:
    """Return the summary as a JSON object, ids and numbers in full."""
    best: dict[str, Any] | None = None
    if outcome.best is not None:
        best = {
            "id": outcome.best.id,
            "number": outcome.best.number,
            "objective": outcome.best.objective,
            "flags": {name: to_plain(value) for name, value in outcome.best.flags.items()},
        }
    plain = {
        "id": spec.id,
        "operation": spec.batch_operation,
        "end": outcome.end or "completed",
        "reason": outcome.reason,
        "counts": {str(status): count for status, count in outcome.counts.items()},
        "trials_run": outcome.n_run,
        "seconds": outcome.seconds,
        "seed": spec.seed,
        "best": best,
        "outside": outcome.n_outside,
        "recommended": None if advice is None else advice.to_plain(),
    }
    return json.dumps(plain)


def _in_all(outcome: BatchOutcome) -> str:
    n_all = sum(outcome.counts.values())
    return "" if n_all == outcome.n_run else f"{n_all} in all, "


def _trials(count: int) -> str:
    return f"{count} trial" if count == 1 else f"{count} trials"
