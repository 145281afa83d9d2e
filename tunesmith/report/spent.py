"""The part of a report that says where the time of its batch went."""

from tunesmith.query.recent_gain import recent_gain
from tunesmith.query.time_spent import TimeSpent, time_spent
from tunesmith.query.time_text import MEANINGS, NOT_NOTED, describe_gain, shares
from tunesmith.report.facts import BatchFacts


def rows(facts: BatchFacts) -> list[list[str]]:
    """Return a row for each part of the time: its name, duration, share and meaning."""
    return [[*part, MEANINGS[part[0]]] for part in shares(_spent(facts))]


def notes(facts: BatchFacts) -> list[str]:
    """Return what the latest trials have gained, and what is not known."""
    notes = [] if _spent(facts).is_noted else [NOT_NOTED]
    gain = recent_gain(facts.spec, facts.trials)
    if gain is not None:
        said = describe_gain(gain, facts.objective)
        notes.insert(0, f"{said[0].upper()}{said[1:]}.")
    return notes


def _spent(facts: BatchFacts) -> TimeSpent:
    jobs = facts.spec.execution.jobs
    return time_spent(facts.trials, facts.job_times, seconds=facts.seconds, jobs=jobs)
