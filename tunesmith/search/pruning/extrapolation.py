"""Where a learning curve will be at its end, from its beginning alone.

A mixture of curves ``a + b f(t)`` that fall towards ``a``: powers and exponentials of the point t,
fitted by least squares in which later points weigh more. Plain floats, added in one order: the
same curve gives the same numbers, to the bit, and nothing heavy is imported.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

POWERS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Exponents p of t^-p."""
DECAYS = (2.0, 4.0, 8.0, 16.0, 32.0)
"""How many times exp(-t) falls by e until the horizon."""
MEMORY = 0.5
"""The weight of a point beside the next one's."""
MIN_POINTS = 3
"""Fewer say nothing of a curve's shape."""
FLOOR = 1e-6
"""The least standard deviation of the residuals, as a share of the curve's height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a curve's cost at the horizon is expected to be."""

    change: float
    """The mean, as the difference from the last finite cost: below 0 where it falls."""
    sd: float
    """The standard deviation; 0 of a curve that never changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One shape of curve at the points that are known, ready for a fit."""

    slopes: tuple[float, ...]
    """Of each point its weight times f(t) - mean(f), divided by ``spread``: with the costs it
    adds up to b."""
    spread: float
    """The weighted sum of (f(t) - mean(f))²."""
    ahead: float
    """f(horizon) - mean(f)."""


def forecast(costs: Sequence[float], horizon: int) -> Forecast | None:
    """Return what a curve's cost at the horizon is expected to be; None where too little is known.

    Args:
        costs: The cost at each point from the first on; what is not finite is left out.
        horizon: The point to foretell, counted from 1.
    """
    times = tuple(t for t, cost in enumerate(costs, 1) if math.isfinite(cost))
    if len(times) < MIN_POINTS:
        return None
    last = costs[times[-1] - 1]
    heights = [costs[t - 1] - last for t in times]
    scale = max(map(abs, heights))
    if scale == 0.0:
        return Forecast(change=0.0, sd=0.0)
    if not math.isfinite(scale):
        return None  # a curve as high as floats go
    mean, sd = _mixed([height / scale for height in heights], times, horizon)
    return Forecast(change=mean * scale, sd=sd * scale)


def _mixed(heights: Sequence[float], times: tuple[int, ...], horizon: int) -> tuple[float, float]:
    """Return mean and standard deviation of the mixture, the members weighed by likelihood."""
    weights, members = _design(times, horizon)
    total = sum(weights)
    center = sum(map(mul, weights, heights)) / total
    around = sum(w * (height - center) ** 2 for w, height in zip(weights, heights, strict=True))
    means, variances, logs = [], [], []
    for member in members:
        b = max(0.0, sum(map(mul, member.slopes, heights)))
        residual = max(around - b * b * member.spread, 0.0)
        variance = residual / max(total - 2.0, 1.0) + FLOOR**2
        means.append(center + b * member.ahead)
        variances.append(variance * (1.0 + 1.0 / total + member.ahead**2 / member.spread))
        logs.append(-0.5 * total * math.log(variance))
    highest = max(logs)
    shares = [math.exp(log - highest) for log in logs]
    whole = sum(shares)
    mean = sum(map(mul, shares, means)) / whole
    variance = (
        sum(s * (v + (m - mean) ** 2) for s, v, m in zip(shares, variances, means, strict=True))
        / whole
    )
    return mean, math.sqrt(variance)


@lru_cache(maxsize=512)
def _design(times: tuple[int, ...], horizon: int) -> tuple[tuple[float, ...], tuple[Member, ...]]:
    """Return the points' weights and the members; trials are looked at at the same points."""
    weights = tuple(MEMORY ** (times[-1] - t) for t in times)
    shapes = [[t**-p for t in (*times, horizon)] for p in POWERS]
    shapes += [[math.exp(-k * t / horizon) for t in (*times, horizon)] for k in DECAYS]
    return weights, tuple(_member(weights, shape[:-1], shape[-1]) for shape in shapes)


def _member(weights: Sequence[float], values: Sequence[float], at_horizon: float) -> Member:
    center = sum(map(mul, weights, values)) / sum(weights)
    offsets = [value - center for value in values]
    spread = sum(w * offset**2 for w, offset in zip(weights, offsets, strict=True))
    slopes = tuple(w * offset / spread for w, offset in zip(weights, offsets, strict=True))
    return Member(slopes=slopes, spread=spread, ahead=at_horizon - center)
