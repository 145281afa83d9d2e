"""A finished trial in a few words."""

from tunesmith.batch import BatchSpec
from tunesmith.durations import format_duration
from tunesmith.flags.display import format_point
from tunesmith.query.results import describe_misses, describe_results
from tunesmith.trial import TrialRecord, TrialStatus, short_id


def describe_outcome(spec: BatchSpec, record: TrialRecord) -> str:
    """Return the outcome of a finished trial: its objective, or how it failed."""
    if record.status is not TrialStatus.COMPLETED:
        end = f"signal {record.signal}" if record.signal else f"exit {record.exit_code}"
        return f"{record.status}: {record.reason or end}  {format_duration(record.seconds)}"
    missed = describe_misses(spec, record)
    misses = f"  misses {missed}" if missed else ""
    return f"{describe_results(spec, record)}  {format_duration(record.seconds)}{misses}"


def describe_best(spec: BatchSpec, best: TrialRecord) -> str:
    """Return the best trial: its objective, its flags and its number."""
    flags = format_point(spec.varied(best.flags))
    results = describe_results(spec, best)
    return f"{results}  {flags}  trial {best.number} ({short_id(best.id)})"
