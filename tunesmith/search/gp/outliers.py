"""Costs that have exploded, as that of a trial that diverged: bad, but no measure of others."""

import numpy as np

from tunesmith.search.gp.kernel import Array

FACTOR = 100.0
"""A cost has exploded that lies so many times as far above the lowest as the next lower one."""
MOST_EXPLODED = 1 / 4
"""The share of the costs that may: of more, how bad they are is what the function is like."""


def tamed(costs: Array) -> Array:
    """Return finite costs, shape (n,), where those that exploded count as the worst of the others.

    A single cost of a million beside others of one would leave no room for the differences
    between these, whatever its logarithm. Another unit or an offset of the costs changes nothing.
    """
    n = len(costs)
    fewest = n - int(n * MOST_EXPLODED)
    low = float(costs.min())
    with np.errstate(over="ignore"):
        over = np.sort(costs) - low
        steps = (over[fewest - 1 : -1] > 0) & (over[fewest:] / FACTOR > over[fewest - 1 : -1])
    if not steps.any():
        return costs
    worst = float(over[fewest - 1 + int(np.argmax(steps))])
    return np.minimum(costs, low + worst)
