"""Limits of a log directory: how many scalars and points TensorBoard can show.

The store keeps every point, whatever is left out here.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from tunesmith.scalar import MAX_DRAWN
from tunesmith.tensorboard.hparams import TIME
from tunesmith.trial import Run

MAX_TAGS = 1_000
"""The most scalars that are shown; TensorBoard draws a card for each."""
MAX_POINTS = 100_000
"""The most points that are written at once for all runs; this takes three seconds."""


def max_tags(runs: Collection[Run]) -> int:
    """Return how many scalars are shown for some runs, at least one."""
    return max(1, min(MAX_TAGS, MAX_POINTS // max(1, len(runs))))


def chosen_tags(runs: Sequence[Run], *, first: Collection[str]) -> list[str]:
    """Return the names of the scalars that are shown; of too many, those that most runs have.

    A scalar called ``time`` is left out, since that is the name of the wall time.

    Args:
        runs: The runs that reported the scalars.
        first: Scalars that are preferred to all others.
    """
    n_runs = Counter(tag for run in runs for tag in run.scalars if tag != TIME)
    ranked = sorted(n_runs, key=lambda tag: (tag not in first, -n_runs[tag], tag))
    return sorted(ranked[: max_tags(runs)])


def max_points(runs: Collection[Run], *, n_tags: int) -> int:
    """Return how many points of each series are written.

    Args:
        runs: The runs whose series are about to be written.
        n_tags: How many scalars are shown.
    """
    n_series = sum(min(n_tags, len(run.scalars)) for run in runs)
    return max(1, min(MAX_DRAWN, MAX_POINTS // max(1, n_series)))
