"""The time of jobs: what a generation of a batch had, and where it stood idle.

A job is room for one trial at a time. Its time is counted in seconds of one job, so that a minute
of a batch with four jobs has 240.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTime:
    """The seconds that the jobs of one generation had, and those without a trial.

    Raises:
        ValueError: A number is negative, infinite or NaN.
    """

    available: float
    """The number of jobs times the seconds that the generation took."""
    proposing: float = 0.0
    """Seconds without a trial since the next ones were being proposed."""
    waiting: float = 0.0
    """Seconds without a trial since the batch was paused, or waited for a GPU or a worker."""

    def __post_init__(self) -> None:
        numbers = (self.available, self.proposing, self.waiting)
        if not all(math.isfinite(one) and one >= 0 for one in numbers):
            raise ValueError(f"the times of jobs are {numbers}: expected seconds of 0 or more")
