"""What became of the finished trials that were where a running one is now.

Where all curves lie on a plateau until some of them fall, a curve's own beginning says nothing of
its end; that others have fallen from there does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.search.pruner import Curve

WIDTH = 0.3
"""How near a peer is, in standard deviations of the finished trials' costs at that point."""
MIN_PEERS = 2
"""Fewer finished trials have no spread."""
MIN_WEIGHT = 1e-6
"""Peers that weigh less together are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the peers of a trial tell."""

    chance: float
    """The probability to end below the limit."""
    usual: float
    """The same for any trial, from all that have finished."""
    weight: float
    """How many peers there were, those further away counted in part."""


def ask_peers(
    curve: Curve, finished: Sequence[Curve], *, horizon: int, below: float
) -> Verdict | None:
    """Return how likely a trial ends below a limit if it does as its peers did.

    Args:
        curve: The trial that runs; its last cost is a finite number.
        finished: Those that have finished.
        horizon: The number of points that the trial will have. Of trials with another number
            the point counts that is as far on their way.
        below: The limit.
    """
    here = curve.costs[-1]
    nears, rests = [], []
    for one in finished:
        at = point_of(one, len(curve.costs), horizon)
        if not 1 <= at <= len(one.costs):
            continue
        near, rest = one.costs[at - 1] - here, one.costs[-1] - below
        if math.isfinite(near) and math.isfinite(rest):
            nears.append(near)
            rests.append(rest)
    if len(nears) < MIN_PEERS:
        return None
    weights = _weights(nears)
    total = sum(weights)
    if total < MIN_WEIGHT:
        return None
    usual = _chance([1.0] * len(rests), rests)
    return Verdict(chance=_chance(weights, rests), usual=usual, weight=total)


def point_of(one: Curve, n_points: int, horizon: int) -> int:
    """Return the point at which a finished trial was as far on its way as one that runs.

    Args:
        one: The finished trial.
        n_points: The points of the one that runs.
        horizon: How many it will have.
    """
    length = len(one.costs)
    return n_points if length == horizon else round(n_points * length / horizon)


def _weights(nears: Sequence[float]) -> list[float]:
    """Return how near each peer is, in [0, 1]: a normal kernel of the differences in cost."""
    scale = max(map(abs, nears))
    if scale == 0.0:
        return [1.0] * len(nears)
    steps = [near / scale for near in nears]
    middle = sum(steps) / len(steps)
    sd = WIDTH * math.sqrt(sum((step - middle) ** 2 for step in steps) / len(steps))
    if sd == 0.0:
        return [0.0] * len(nears)  # all the others are at one cost, which is not this one's
    return [math.exp(-0.5 * (step / sd) ** 2) for step in steps]


def _chance(weights: Sequence[float], rests: Sequence[float]) -> float:
    """Return the normal probability of an end at 0 or below, from weighted ends of peers."""
    scale = max(map(abs, rests))
    if scale == 0.0:
        return 0.5
    ends, total = [rest / scale for rest in rests], sum(weights)
    mean = sum(w * end for w, end in zip(weights, ends, strict=True)) / total
    spread = sum(w * (end - mean) ** 2 for w, end in zip(weights, ends, strict=True)) / total
    sd = math.sqrt(spread * (total + 1.0) / max(total, 0.5))
    return probability_below(0.0, mean, sd)


def probability_below(limit: float, mean: float, sd: float) -> float:
    """Return the probability that a normal variable is below a limit, 0.5 where it is equal."""
    if sd <= 0.0:
        return 0.5 if mean == limit else float(mean < limit)
    return 0.5 * math.erfc((mean - limit) / (sd * math.sqrt(2.0)))
