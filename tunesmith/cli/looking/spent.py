"""Where the time of a batch went, for the page of its details."""

from collections.abc import Sequence
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.durations import covered_seconds
from tunesmith.query.recent_gain import recent_gain
from tunesmith.query.time_spent import TimeSpent, time_spent
from tunesmith.query.time_text import describe_gain, describe_time, time_to_plain
from tunesmith.storage.store import Store
from tunesmith.trial import Run


def time_lines(store: Store, batch: Run, spec: BatchSpec, runs: Sequence[Run]) -> list[str]:
    """Return where the time went, and what the latest trials have gained.

    Args:
        store: The store.
        batch: The batch's own row.
        spec: Its specification.
        runs: All runs, or at least the trials of the batch.
    """
    trials = _trials(batch, runs)
    lines = [describe_time(_spent(store, batch, spec, trials))]
    gain = recent_gain(spec, trials)
    if gain is not None:
        lines.append(describe_gain(gain, spec.objective))
    return [line for line in lines if line]


def time_to_json(store: Store, batch: Run, spec: BatchSpec, runs: Sequence[Run]) -> dict[str, Any]:
    """Return the same as JSON values; the parameters are those of ``time_lines``."""
    trials = _trials(batch, runs)
    return time_to_plain(_spent(store, batch, spec, trials), recent_gain(spec, trials))


def _trials(batch: Run, runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.batch == batch.id and run.is_trial]


def _spent(store: Store, batch: Run, spec: BatchSpec, trials: Sequence[Run]) -> TimeSpent:
    noted = store.job_times(batch.id)
    seconds = batch.seconds
    if seconds is None:  # it runs
        seconds = covered_seconds((run.started or 0.0, run.seconds or 0.0) for run in trials)
    return time_spent(trials, noted, seconds=seconds, jobs=spec.execution.jobs)
