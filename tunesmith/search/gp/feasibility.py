"""Whether a trial succeeds and meets its constraints: what a point's acquisition is weighed by.

The probability of each, as the constrained expected improvement of Gardner, Kusner, Xu, Weinberger
and Cunningham (2014, "Bayesian Optimization with Inequality Constraints", eq. 4) does.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from tunesmith.search.gp.acquisition import LOG_ROOT_2PI, Acquisition, Feasible
from tunesmith.search.gp.fit import fit
from tunesmith.search.gp.kernel import Array, Mask
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.prior import LONG, SHORT
from tunesmith.search.gp.sampling import MAX_FITTED, sampled
from tunesmith.search.gp.training_data import TrainingData

CAUTION = 15.0
"""The power of the probability of success. With 1 a search whose optimum lies at the edge of what
fails spends half of its trials beyond it; with 30 it may stay in a corner of what succeeds, and
between 10 and 20 it hardly matters (docs/benchmarks.md)."""
MIN_KNOWN = 2
"""With fewer trials of which a margin is known nothing is expected of the others."""


def feasible(data: TrainingData, acquisition: Acquisition) -> Acquisition:
    """Return an acquisition times the probability of success and of meeting each constraint.

    What can be learnt of a constraint counts alone as long as no trial meets all of them: there is
    nothing to improve on.
    """
    if not data.holds.any():
        acquisition = Flat()
    for margin in _margins(data):
        acquisition = Holding(acquisition=acquisition, margin=margin)
    for classifier in _classifiers(data):
        acquisition = Feasible(acquisition=acquisition, classifier=classifier, power=CAUTION)
    return acquisition


def _classifiers(data: TrainingData) -> Iterator[Posterior]:
    """Yield a process of whether trials succeed for each cause of failures.

    What ends where memory does depends on other flags than what diverges: one process of both
    would have to find a region that is neither's.
    """
    for cause in sorted(set(data.causes)):
        failed = data.failed[[one == cause for one in data.causes]]
        rows = np.vstack([data.rows, failed])
        labels = np.concatenate([np.ones(len(data.rows)), -np.ones(len(failed))])
        chosen = sampled(-labels, MAX_FITTED, np.arange(len(rows)))
        (found,) = data.fit(rows[chosen], labels[chosen], [SHORT])
        yield Posterior.of(found, rows[chosen], labels[chosen][:, None])


def _margins(data: TrainingData) -> Iterator["Margin"]:
    """Yield a process of each constraint's margin, of the trials of which it is known."""
    rows = np.vstack([data.rows, data.failed])
    for margins in data.margins.T:
        known = np.flatnonzero(np.isfinite(margins))
        if len(known) >= MIN_KNOWN:
            values = margins[known]
            basis = sampled(np.abs(values), MAX_FITTED, np.arange(len(known)))
            yield Margin.of(rows[known][basis], values[basis], data.cube.is_categorical)


@dataclass(frozen=True, slots=True)
class Flat:
    """An acquisition that is the same everywhere: what weighs it decides alone."""

    def values(self, at: Array) -> Array:
        """Return 0 at points (m, d)."""
        return np.zeros(len(at))

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return 0, and no slope."""
        return np.zeros(len(at)), np.zeros_like(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """A process of a constraint's margin."""

    posterior: Posterior
    mean: float
    """What its targets are less than the margins, which are not centred: at 0 a constraint begins
    to hold."""

    @classmethod
    def of(cls, rows: Array, margins: Array, is_categorical: Mask) -> "Margin":
        """Return the process of margins, shape (n,), at rows (n, d).

        They are taken as they are, or as the logarithm of what lies far from 0, whichever makes
        them more likely: a latency grows with a size, and memory by decades.
        """
        found = [_fitted(rows, *one, is_categorical) for one in _scales(margins)]
        return max(found, key=lambda pair: pair[0])[1]


def _scales(margins: Array) -> Iterator[tuple[Array, float]]:
    """Yield margins on a scale, and the logarithm of the density that it has at them."""
    size = np.abs(margins[margins != 0.0])
    spread = float(margins.std()) or (float(size.max()) if size.size else 1.0)
    yield margins / spread, -len(margins) * math.log(spread)
    if size.size:
        usual = float(np.median(size))
        logs = np.arcsinh(margins / usual)
        spread = float(logs.std()) or 1.0
        slopes = np.log(usual) + 0.5 * np.log1p((margins / usual) ** 2) + math.log(spread)
        yield logs / spread, -float(slopes.sum())


def _fitted(
    rows: Array, targets: Array, log_density: float, is_categorical: Mask
) -> tuple[float, Margin]:
    """Return a process of margins on a scale, and how likely it makes them."""
    mean = float(targets.mean())
    (found,) = fit(rows, targets - mean, is_categorical, [LONG])
    posterior = Posterior.of(found, rows, (targets - mean)[:, None])
    return found.evidence + log_density, Margin(posterior=posterior, mean=mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An acquisition times the probability that a constraint holds: Φ(-mean / sd) of its margin.

    The noise counts too, since a trial has to meet the constraint as it is observed.
    """

    acquisition: Acquisition
    margin: Margin

    def values(self, at: Array) -> Array:
        """Return the values at points (m, d)."""
        means, variances = self.margin.posterior.predict(at)
        spread = np.sqrt(variances + self.margin.posterior.noise)
        chance: Array = log_ndtr(-(means[:, 0] + self.margin.mean) / spread)
        return self.acquisition.values(at) + chance

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return the values at points, and their derivatives."""
        values, slopes = self.acquisition.gradient(at)
        means, variances, by_mean, by_variance = self.margin.posterior.gradient(at)
        spread = np.sqrt(variances + self.margin.posterior.noise)
        z = -(means[:, 0] + self.margin.mean) / spread
        chance = log_ndtr(z)
        ratio = np.exp(-0.5 * z**2 - LOG_ROOT_2PI - chance) / spread
        by_z = -by_mean[0] - by_variance * (0.5 * z / spread)[:, None]
        return values + chance, slopes + ratio[:, None] * by_z
