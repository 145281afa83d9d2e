"""Where the time of a batch went, in words and as JSON values."""

import dataclasses
from typing import Any

from tunesmith.durations import format_duration
from tunesmith.flags.display import format_value
from tunesmith.objective import Direction, Objective
from tunesmith.query.cells import count
from tunesmith.query.recent_gain import RecentGain
from tunesmith.query.time_spent import TimeSpent

MEANINGS = {
    "completed": "trials that completed",
    "pruned": "trials that were stopped early",
    "failed": "trials that failed or were ended",
    "waiting": "paused, or waiting for a GPU or a worker",
    "proposing": "the next trials were being proposed",
    "overhead": "the rest: preparing, starting and recording trials, attempts that ran again",
}
"""What each part of the time is, in the order in which they are shown."""
NOT_NOTED = (
    "A generation that runs, was killed or is of an earlier version noted neither waiting nor "
    "proposing: they count as overhead, as far as they are known at all."
)


def shares(spent: TimeSpent) -> list[tuple[str, str, str]]:
    """Return the name, the duration and the share of each part that took any time."""
    parts = ((name, float(getattr(spent, name))) for name in MEANINGS)
    return [
        (name, format_duration(seconds), _percent(seconds, spent.whole))
        for name, seconds in parts
        if seconds > 0
    ]


def describe_time(spent: TimeSpent) -> str:
    """Return where the time went in one line; empty where none was spent."""
    parts = [f"{name} {seconds} ({share})" for name, seconds, share in shares(spent)]
    note = "" if spent.is_noted else " (waiting and proposing are not noted)"
    return ", ".join(parts) + note if parts else ""


def describe_gain(gain: RecentGain, objective: Objective) -> str:
    """Return what the latest trials have gained, in words."""
    latest = f"the last {count(gain.n_trials, 'trial')} ({format_duration(gain.seconds)})"
    best = f"the best {objective.column}"
    if not gain.gain:
        return f"{latest} found nothing better than {format_value(gain.before)}"
    verb = "lowered" if objective.direction is Direction.MINIMIZE else "raised"
    has_share = gain.before * gain.after > 0  # there is no share of a number of another sign
    share = f" ({_percent(gain.gain, abs(gain.before))})" if has_share else ""
    by = format_value(float(f"{gain.gain:.3g}"))
    return f"{latest} {verb} {best} by {by}{share}, to {format_value(gain.after)}"


def time_to_plain(spent: TimeSpent, gain: RecentGain | None) -> dict[str, Any]:
    """Return the fields of JSON: ``time_spent``, and ``recent_gain`` or null."""
    gained = None if gain is None else dataclasses.asdict(gain) | {"gain": gain.gain}
    return {"time_spent": dataclasses.asdict(spent), "recent_gain": gained}


def _percent(part: float, whole: float) -> str:
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 1 or not part else "< 1 %"
