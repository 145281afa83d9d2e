"""The summary of a batch at its end, as text and as JSON."""

import json
from collections.abc import Collection
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.cli.looking.advice import Advice
from tunesmith.cli.looking.plain import plain_value
from tunesmith.cli.running.trial_text import describe_best
from tunesmith.durations import format_duration
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.flags.display import format_point
from tunesmith.query.cells import count, one_line
from tunesmith.query.commands import compare_command, restart_command
from tunesmith.query.expectations import Expectation, best_to_plain
from tunesmith.query.pruning_figures import PruningFigures
from tunesmith.query.results import (
    describe_misses,
    front_lines,
    front_to_plain,
    nearest_to_plain,
)
from tunesmith.ranking import Front
from tunesmith.stopping import ENDS
from tunesmith.trial import TrialRecord, TrialStatus, short_id

_NO_MORE = "completed, since no other point was found that --where allows"
_ENDS = {
    "": "completed",
    "exhausted": "completed, since every point of the search space has been tried",
    "stopped": "stopped",
    "failures": "ended early",
    "no-objective": "ended early",
    **dict.fromkeys(ENDS, "completed early"),
}


def summarize(
    spec: BatchSpec,
    outcome: BatchOutcome,
    advice: Advice | None = None,
    pruning: PruningFigures | None = None,
    expected: Expectation | None = None,
) -> str:
    """Return the summary: how the batch ended, the counts, the best trials, and next commands.

    Args:
        spec: The specification of the batch.
        outcome: How the batch ended.
        advice: The recommended trial, shown if it is not the best observed one; None for none.
        pruning: What pruning did; None if no trial was to be stopped early.
        expected: What is expected of the best candidate; None where that is not known.
    """
    batch = short_id(spec.id)
    is_searched = outcome.end == "exhausted" and spec.where
    end = (_NO_MORE if is_searched else _ENDS[outcome.end]) + (
        f" ({outcome.reason})" if outcome.reason else ""
    )
    lines = [
        f"Batch {batch} {end}: {count(outcome.n_run, 'trial')} in "
        f"{format_duration(outcome.seconds)}; {_in_all(outcome)}{outcome.describe()}"
    ]
    if outcome.front is not None and outcome.front.trials:
        lines += _front(spec, outcome.front)
    elif outcome.best is not None:
        lines.append(f"  best:     {describe_best(spec, outcome.best)}")
        lines += [] if expected is None else [f"  expected: {expected.describe()}"]
    elif outcome.counts.get(TrialStatus.COMPLETED):
        lines.append(f"  best:     {_no_best(spec, outcome)}")
    if outcome.n_outside:
        lines.append(f"  space:    {_outside(outcome.n_outside)}")
    if advice is not None and (outcome.best is None or advice.trial.id != outcome.best.id):
        lines.append(f"  recommended: {_describe_advice(spec, advice)}")
    if pruning is not None:
        lines.append(f"  pruning:  {pruning.describe()}")
    elif outcome.pruning_advice:
        lines.append(f"  pruning:  {outcome.pruning_advice}")
    lines.append(f"  compare:  {compare_command(spec, is_sorted=outcome.best is not None)}")
    lines.append(f"  report:   tunesmith report {batch} --open")
    lines.append(f"  prefect:  tunesmith server open {batch}")
    if _has_more(spec, outcome):
        lines.append(f"  go on:    {_continue(spec, outcome)}")
    return "\n".join(map(one_line, lines))


def _front(spec: BatchSpec, front: Front[TrialRecord]) -> list[str]:
    """Return the trials that no other one beats in all objectives."""
    first, *others = front_lines(spec, front)
    return [f"  front:    {first}", *(f"{'':12}{line}" for line in others)]


def _has_more(spec: BatchSpec, outcome: BatchOutcome) -> bool:
    """Return whether a restart would run anything; it would not for a complete grid."""
    is_grid = spec.optimizer is not None and spec.optimizer.name == "grid"
    if spec.objective.suggest(_reported(outcome)):  # its trials are read again by that scalar
        return True
    if outcome.end == "" and sum(outcome.counts.values()) < (spec.n_trials or 0):
        return True  # only failed trials were run again
    is_whole = outcome.end in ("", "exhausted") and not outcome.has_failures
    return not (is_whole and (is_grid or outcome.end == "exhausted"))


def _no_best(spec: BatchSpec, outcome: BatchOutcome) -> str:
    """Return why a batch with completed trials has no best one."""
    column, silent = spec.objective.column, outcome.silent
    if (nearest := outcome.nearest) is not None:
        return (
            f"none meets what it is subject to; the nearest: {describe_best(spec, nearest)} "
            f"misses {describe_misses(spec, nearest)}"
        )
    if silent is None:
        where = " in the current search space" if outcome.n_outside else ""
        return f"none, since no trial{where} reported a finite {column}"
    if outcome.end == "no-objective":  # its reason says the rest
        return f"none, since no trial reported {column}"
    return f"none: trial {silent.number} {spec.objective.describe_missing(silent.scalars)}"


def _outside(n: int) -> str:
    """Return how many earlier trials the best one was not chosen from."""
    return f"{count(n, 'trial')} outside the current search space, not considered for the best"


def _continue(spec: BatchSpec, outcome: BatchOutcome) -> str:
    """Return the command that continues a batch, with an objective that its trials report."""
    n_finished = sum(outcome.counts.values())
    return restart_command(spec, n_finished=n_finished, reported=_reported(outcome))


def _reported(outcome: BatchOutcome) -> Collection[str]:
    """Return the scalars reported instead of the objective; empty if that was reported."""
    return () if outcome.silent is None else outcome.silent.scalars


def _describe_advice(spec: BatchSpec, advice: Advice) -> str:
    trial = advice.trial
    flags = format_point(spec.varied(trial.flags))
    column = spec.objective.column
    return f"{column} {advice.expected}  {flags}  trial {trial.number} ({short_id(trial.id)})"


def summary_to_json(
    spec: BatchSpec,
    outcome: BatchOutcome,
    advice: Advice | None = None,
    pruning: PruningFigures | None = None,
    expected: Expectation | None = None,
) -> str:
    """Return the summary as a JSON object, with full ids and numbers."""
    best: dict[str, Any] | None = None
    if outcome.best is not None:
        best = {
            "id": outcome.best.id,
            "number": outcome.best.number,
            "objective": outcome.best.objective,
            "flags": plain_value(outcome.best.flags),
            **best_to_plain(outcome.best),
        }
    plain = {
        "id": spec.id,
        "operation": spec.batch_operation,
        "end": outcome.end or "completed",
        "reason": outcome.reason,
        "counts": {str(status): n for status, n in outcome.counts.items()},
        "trials_run": outcome.n_run,
        "seconds": outcome.seconds,
        "where": list(spec.where),
        "subject_to": list(spec.subject_to),
        "seed": spec.seed,
        "best": best,
        "front": None if outcome.front is None else front_to_plain(spec, outcome.front),
        "nearest": outcome.nearest and nearest_to_plain(spec, outcome.nearest),
        "outside": outcome.n_outside,
        "recommended": None if advice is None else advice.to_plain(),
        "pruning": None if pruning is None else pruning.to_plain(),
        "expected": None if expected is None else expected.to_plain(),
    }
    return json.dumps(plain)


def _in_all(outcome: BatchOutcome) -> str:
    n_all = sum(outcome.counts.values())
    return "" if n_all == outcome.n_run else f"{n_all} in all, "
