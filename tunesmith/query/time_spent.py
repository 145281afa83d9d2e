"""Where the time of a batch went, from what is recorded of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tunesmith.job_time import JobTime
from tunesmith.trial import Run, TrialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpent:
    """Where the time of a batch went, in seconds of one job; none is negative.

    All but ``whole`` add up to it.
    """

    whole: float
    """The seconds that the batch ran, without the pauses between its restarts, times its jobs."""
    completed: float
    """The seconds of the trials that completed."""
    pruned: float
    failed: float
    waiting: float
    """Jobs without a trial since the batch was paused, or waited for a GPU or a worker."""
    proposing: float
    """Jobs without a trial since the next ones were being proposed."""
    overhead: float
    """The rest: trials prepared, started and recorded, attempts that ran again, jobs for which
    no trial was left."""
    is_noted: bool
    """Whether each generation noted how long its jobs proposed and waited. One that runs, that was
    killed or that an earlier Tunesmith ran did not: then both are counted as overhead, and the
    whole is at least what the trials took."""


def time_spent(
    trials: Iterable[Run], noted: Sequence[JobTime | None], *, seconds: float, jobs: int
) -> TimeSpent:
    """Return where the time of a batch went.

    Trials may have overlapped more than there were jobs, as imported ones: then the whole is the
    sum of their times.

    Args:
        trials: The batch's trials, each with its last attempt.
        noted: What each generation noted of its jobs; None for one that did not.
        seconds: How long the batch ran, for the generations that noted nothing.
        jobs: How many trials ran at once, for the same.
    """
    by_status = dict.fromkeys(TrialStatus, 0.0)
    for run in trials:
        if run.seconds is not None and math.isfinite(run.seconds):
            by_status[run.status] += max(0.0, run.seconds)
    known = [one for one in noted if one is not None]
    is_noted = bool(noted) and len(known) == len(noted)
    whole = math.fsum(one.available for one in known)
    if not is_noted and math.isfinite(seconds):
        whole = max(whole, seconds * max(1, jobs))
    completed, pruned = by_status[TrialStatus.COMPLETED], by_status[TrialStatus.PRUNED]
    failed = by_status[TrialStatus.ERROR] + by_status[TrialStatus.TERMINATED]
    taken = math.fsum((completed, pruned, failed))
    whole = max(whole, taken)
    left = whole - taken
    waiting = min(left, math.fsum(one.waiting for one in known))
    proposing = min(left - waiting, math.fsum(one.proposing for one in known))
    return TimeSpent(
        whole=whole,
        completed=completed,
        pruned=pruned,
        failed=failed,
        waiting=waiting,
        proposing=proposing,
        overhead=left - waiting - proposing,
        is_noted=is_noted,
    )
