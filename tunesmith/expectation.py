"""What is expected of candidates that ran several times: less of those that were lucky.

Results of one candidate scatter around its mean; means of candidates scatter around a common one.
Both are normal here: the posterior of a mean is then pulled towards the common one, the more the
fewer runs it has (empirical Bayes; Efron and Morris, 1975).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pvariance

PRIOR_RUNS = 4.0
"""How many runs the scatter that all candidates share counts for, beside a candidate's own."""
GUESSED_RUNS = 2.0
"""How many runs the guess of that scatter counts for."""
LEAST_PEERS = 4
"""Candidates without which nothing is known of how they differ: none is pulled anywhere."""
LEAST_SPREAD = 0.05
"""The variance of the candidates' true means, at least, as a share of that of their averages."""
MOST_RIVALS = 60
"""Candidates that may be the best, at most: all others hardly are."""
_NODES = [-4.0 + 0.1 * k for k in range(81)]
_WEIGHTS = [math.exp(-0.5 * z * z) for z in _NODES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of the mean of one candidate, in the unit of its results."""

    mean: float
    sd: float
    """NaN where no candidate ran twice: then nothing is known of chance."""
    noise_sd: float
    """The standard deviation of one run; NaN as above."""


def expect(results: Sequence[Sequence[float]]) -> list[Expected]:
    """Return what is expected of each candidate.

    Args:
        results: Of each candidate, the results of its runs, at least one; lower ones are better.
    """
    means = [fmean(one) for one in results]
    squares = [
        math.fsum((x - mean) ** 2 for x in one) for one, mean in zip(results, means, strict=True)
    ]
    better = sorted(range(len(means)), key=means.__getitem__)[: max(LEAST_PEERS, len(means) // 2)]
    seen = _variance([means[place] for place in better])
    shared = _shared_variance(results, squares, better, seen)
    if shared is None:
        return [Expected(mean=mean, sd=math.nan, noise_sd=math.nan) for mean in means]
    noise = [
        (PRIOR_RUNS * shared + square) / (PRIOR_RUNS + len(one) - 1)
        for one, square in zip(results, squares, strict=True)
    ]
    errors = [variance / len(one) for variance, one in zip(noise, results, strict=True)]
    center, spread = _common(means, errors, better)
    found = []
    for mean, variance, error in zip(means, noise, errors, strict=True):
        share = 1.0
        if mean < center.mean and error:
            # what is worse than the common mean is no candidate for the best: it stays as observed
            share = spread / (spread + error) if math.isfinite(spread) else 1.0
        pulled = center.mean + share * (mean - center.mean) if share < 1.0 else mean
        doubt = share * error + ((1.0 - share) * center.sd) ** 2  # of the common mean as well
        found.append(Expected(mean=pulled, sd=math.sqrt(doubt), noise_sd=math.sqrt(variance)))
    return found


def _shared_variance(
    results: Sequence[Sequence[float]],
    squares: Sequence[float],
    better: Sequence[int],
    seen: float,
) -> float | None:
    """Return the variance within candidates, of the better half where that is known.

    Of few runs it is hardly known: it begins at that between the candidates, which noise is part
    of, for as long as a search has seen little else.
    """
    for places in (better, range(len(results))):
        freedom = sum(len(results[place]) - 1 for place in places)
        if freedom:
            within = math.fsum(squares[place] for place in places)
            return (within + GUESSED_RUNS * seen) / (freedom + GUESSED_RUNS) if within else 0.0
    return None


def _variance(values: Sequence[float]) -> float:
    return pvariance(values) * len(values) / (len(values) - 1) if len(values) > 1 else 0.0


def _common(
    means: Sequence[float], errors: Sequence[float], better: Sequence[int]
) -> tuple[Expected, float]:
    """Return the common mean of the better candidates, and the variance of their true means."""
    if len(means) < LEAST_PEERS:
        return Expected(mean=-math.inf, sd=0.0, noise_sd=0.0), math.inf
    n = len(better)
    seen = _variance([means[place] for place in better])
    by_chance = fmean(errors[place] for place in better)
    spread = max(seen - by_chance, LEAST_SPREAD * seen)
    mean = fmean(means[place] for place in better)
    sd = math.sqrt((spread + by_chance) / n)
    return Expected(mean=mean, sd=sd, noise_sd=math.sqrt(by_chance)), spread


def chances(expected: Sequence[Expected]) -> list[float]:
    """Return the probability of each candidate that its mean is the lowest; they sum to 1.

    All are NaN where nothing is known of chance, since no candidate ran twice.
    """
    if any(math.isnan(one.sd) for one in expected):
        return [math.nan] * len(expected)
    order = sorted(range(len(expected)), key=lambda place: expected[place].mean)
    rivals = order[:MOST_RIVALS]
    found = [0.0] * len(expected)
    for place in rivals:
        one, others = expected[place], [expected[other] for other in rivals if other != place]
        found[place] = math.fsum(
            weight * math.prod(_above(one.mean + one.sd * z, other) for other in others)
            for z, weight in zip(_NODES, _WEIGHTS, strict=True)
        )
    total = math.fsum(found)
    return [chance / total for chance in found]


def _above(x: float, one: Expected) -> float:
    """Return the probability that the mean of a candidate is above a value."""
    if not one.sd:
        return 0.5 if x == one.mean else float(x < one.mean)
    return 0.5 * math.erfc((x - one.mean) / (one.sd * math.sqrt(2.0)))
