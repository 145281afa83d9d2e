"""How much of its runs' scalars a log directory holds: what TensorBoard shows, quickly written.

Every point stays in the store, whatever is left out here.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from tunesmith.scalar import MAX_DRAWN
from tunesmith.tensorboard.hparams import TIME
from tunesmith.trial import Run

MAX_TAGS = 1_000
"""Scalars that are shown; TensorBoard draws a card for each."""
MAX_POINTS = 100_000
"""Points that are written at once for all runs together: three seconds' worth."""


def max_tags(runs: Collection[Run]) -> int:
    """Return how many scalars are shown of runs: each run has at least one."""
    return max(1, min(MAX_TAGS, MAX_POINTS // max(1, len(runs))))


def chosen_tags(runs: Sequence[Run], *, first: Collection[str]) -> list[str]:
    """Return the scalars that are shown, by name; of too many, those that most runs have.

    One that is called ``time`` gives way to the wall time.

    Args:
        runs: Whose scalars they are.
        first: Scalars that are shown before any other.
    """
    n_runs = Counter(tag for run in runs for tag in run.scalars if tag != TIME)
    ranked = sorted(n_runs, key=lambda tag: (tag not in first, -n_runs[tag], tag))
    return sorted(ranked[: max_tags(runs)])


def max_points(runs: Collection[Run], *, n_tags: int) -> int:
    """Return how many points of each series are written.

    Args:
        runs: Whose series are about to be written.
        n_tags: Scalars that are shown.
    """
    n_series = sum(min(n_tags, len(run.scalars)) for run in runs)
    return max(1, min(MAX_DRAWN, MAX_POINTS // max(1, n_series)))
