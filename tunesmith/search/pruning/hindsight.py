"""How wrong the extrapolation would have been about the trials that have finished.

Where all of them did better in the end than their beginnings foretold, as after a warm-up of the
learning rate, a trial that runs may as well.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from tunesmith.search.pruner import Curve
from tunesmith.search.pruning.extrapolation import Forecast, forecast
from tunesmith.search.pruning.peers import point_of, probability_below

MIN_ERRORS = 2
"""Fewer have no spread."""
FLOOR = 1e-6
"""The least spread of the errors, as a share of the largest."""


def corrected_chance(
    curve: Curve, expected: Forecast, finished: Sequence[Curve], *, horizon: int, below: float
) -> float | None:
    """Return how likely a trial ends below a limit if it is foretold as wrongly as the others.

    Args:
        curve: The trial that runs; its last cost is a finite number.
        expected: What is foretold of it.
        finished: Those that have finished, which are foretold from the point that is as far on
            their way.
        horizon: The number of points that the trial will have.
        below: The limit.

    Returns:
        None where too few have finished.
    """
    errors = [
        error
        for one in finished
        for error in _error(one, point_of(one, len(curve.costs), horizon))
        if math.isfinite(error)
    ]
    # all as differences from the last cost, which no shift of the costs changes
    rest = below - curve.costs[-1] - expected.change
    scale = max(map(abs, (rest, *errors)))
    if len(errors) < MIN_ERRORS or not math.isfinite(scale):
        return None
    if scale == 0.0:
        return 0.5
    shares = [error / scale for error in errors]
    mean = sum(shares) / len(shares)
    variance = sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)
    sd = math.sqrt(variance * (1.0 + 1.0 / len(shares)) + FLOOR**2)
    return probability_below(rest / scale, mean, sd)


def _error(one: Curve, at: int) -> list[float]:
    """Return by how much a finished trial ended above what was foretold at a point, if any."""
    if not 1 <= at < len(one.costs):
        return []
    found = _foretold(tuple(one.costs[:at]), len(one.costs))
    return [] if found is None else [one.costs[-1] - one.costs[at - 1] - found.change]


@lru_cache(maxsize=4096)
def _foretold(costs: tuple[float, ...], horizon: int) -> Forecast | None:
    """Return a forecast; those of finished trials are asked for again and again."""
    return forecast(costs, horizon)
