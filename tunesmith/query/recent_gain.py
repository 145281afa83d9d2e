"""What the latest trials of a search have gained, and in how many seconds."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tunesmith.batch import BatchSpec
from tunesmith.ranking import best_of
from tunesmith.trial import Run

SHARE = 3
"""The latest of so many equal parts of the trials."""
LEAST_TRIALS = 6
"""With fewer trials nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentGain:
    """What the last third of a batch's trials has gained."""

    n_trials: int
    seconds: float
    """What these trials took, in seconds of one job."""
    before: float
    """The best objective of the trials before them."""
    after: float
    """The best objective of all."""

    @property
    def gain(self) -> float:
        """By how much the best objective has become better; 0 or more."""
        return abs(self.after - self.before)


def recent_gain(spec: BatchSpec, trials: Iterable[Run]) -> RecentGain | None:
    """Return what the last third of the trials has gained, by the order in which they ended.

    None where there are too few trials, several objectives, or none of the earlier ones has its
    objective.
    """
    ended = [run for run in trials if run.status.is_finished and run.stopped is not None]
    ended.sort(key=lambda run: (run.stopped or 0.0, run.number))
    n = len(ended) // SHARE
    if len(ended) < LEAST_TRIALS or spec.more_objectives:
        return None
    before, after = best_of(spec, ended[:-n]), best_of(spec, ended)
    if before is None or after is None or before.objective is None or after.objective is None:
        return None
    seconds = (run.seconds for run in ended[-n:] if run.seconds is not None)
    return RecentGain(
        n_trials=n,
        seconds=math.fsum(max(0.0, one) for one in seconds if math.isfinite(one)),
        before=before.objective,
        after=after.objective,
    )
