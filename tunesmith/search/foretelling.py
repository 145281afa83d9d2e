"""How well the results of another batch foretell those of this one, and with which offset.

Three explanations of a batch's own results are compared by their likelihoods (Bayesian model
selection; Kass and Raftery, 1995): the other batch has the same objective; the same but for an
offset; or one that has nothing to do with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular

from tunesmith.search.gp.fit import fit
from tunesmith.search.gp.kernel import Array, Mask
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.prior import LONG, SHORT

MAX_FITTED = 100
"""Results of another batch that a model is fitted to; of more, the best third, and an even sample
of the others."""
MAX_COMPARED = 40
"""Own results that are foretold; of more, an even sample."""
MAX_BATCHES = 32
"""Of which the models are kept from one proposal to the next."""
PRIORS = (LONG, SHORT)
N_OFFSETS = 7
"""Offsets that are tried, from the smallest to the largest by which a result was missed."""
LOG_ODDS_OF_OFFSET = -2.0
LOG_ODDS_OF_NOTHING = -3.0
"""How likely the other two explanations are before anything is known, beside the first."""
LEAST_NOISE = 1e-3
"""The variance that a prediction has at least: where a model knows much, it is too sure."""
SCALES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Standard deviations that unrelated results may have, in those of the other batch."""
MEAN_VARIANCE = 4.0
"""Of the unknown mean of unrelated results, in their own variances."""
MOST = 1e150
"""No cost counts as larger, so that nothing overflows."""
LEAST_LENGTH = 1e-12
"""What counts as no distance from the lowest cost to the median, relative to these two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From costs to numbers of the order of 1: of the worse half only the logarithm counts."""

    knee: float
    length: float
    mean: float
    sd: float

    @classmethod
    def of(cls, costs: Array) -> "Scale":
        """Return the scale on which these costs have the mean 0 and the deviation 1."""
        knee, low, high = float(np.median(costs)), float(costs.min()), float(costs.max())
        least = LEAST_LENGTH * max(abs(low), abs(knee))
        lengths = (knee - low, high - knee, abs(knee))
        length = next((one for one in lengths if one > least), 1.0)
        plain = cls(knee=knee, length=length, mean=0.0, sd=1.0)
        values = plain.values(costs)
        return replace(plain, mean=float(values.mean()), sd=float(values.std()) or 1.0)

    def values(self, costs: Array) -> Array:
        """Return the numbers of costs."""
        over = self._over(costs)
        found: Array = np.minimum(over, 0.0) + np.log1p(np.maximum(over, 0.0))
        return (found - self.mean) / self.sd

    def costs(self, values: Array) -> Array:
        """Return the costs of numbers."""
        over = values * self.sd + self.mean
        found: Array = np.minimum(over, 0.0) + np.expm1(np.clip(over, 0.0, 300.0))
        return self.knee + self.length * found

    def log_slopes(self, costs: Array) -> Array:
        """Return the logarithm of a number's derivative by the cost, up to a constant."""
        slopes: Array = -np.log1p(np.maximum(self._over(costs), 0.0))
        return slopes

    def _over(self, costs: Array) -> Array:
        """Return the distances from the knee in lengths."""
        with np.errstate(over="ignore"):
            over: Array = np.clip((costs - self.knee) / self.length, -MOST, MOST)
        return over


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretelling:
    """Models of another batch's results, with which those of this batch are foretold."""

    scale: Scale
    models: tuple[Posterior, ...]
    """One for each of ``PRIORS``, which are as likely: one alone is too sure of itself."""

    @classmethod
    def of(cls, rows: Array, costs: Array, is_categorical: Mask) -> "Foretelling":
        """Return the models of results (n, d) and (n,), see ``gp/kernel.py``."""
        costs = np.clip(costs, -MOST, MOST)
        scale, chosen = Scale.of(costs), _sampled(costs)
        targets = scale.values(costs[chosen])
        models = _models(rows[chosen].tobytes(), targets.tobytes(), is_categorical.tobytes())
        return cls(scale=scale, models=models)

    def offset(self, at: Array, costs: Array) -> float | None:
        """Return what to add to the other batch's costs; None where they foretell nothing.

        Args:
            at: This batch's results, shape (n, d).
            costs: Shape (n,), not empty.
        """
        chosen = evenly(len(costs), MAX_COMPARED)
        try:
            return self._likeliest(at[chosen], np.clip(costs[chosen], -MOST, MOST))
        except LinAlgError:  # rounding: nothing speaks against them
            return 0.0

    def _likeliest(self, at: Array, costs: Array) -> float | None:
        beliefs = [_Belief.of(model, at) for model in self.models]
        missed = costs - np.mean([self.scale.costs(one.mean) for one in beliefs], axis=0)
        spread = np.linspace(0.0, 1.0, min(N_OFFSETS, len(missed)))
        offsets = [0.0, *np.quantile(missed, spread).tolist()]
        related, unrelated = [], []
        for offset in offsets:
            values = self.scale.values(costs - offset)
            slopes = float(self.scale.log_slopes(costs - offset).sum())
            related.append(_log_mean([one.log_related(values) for one in beliefs]) + slopes)
            unrelated.append(_log_mean([one.log_unrelated(values) for one in beliefs]) + slopes)
        best = 1 + int(np.argmax(related[1:]))
        of_offset = related[best] + LOG_ODDS_OF_OFFSET - 0.5 * math.log(len(at))
        of_nothing = max(unrelated) + LOG_ODDS_OF_NOTHING
        if related[0] >= max(of_offset, of_nothing):
            return 0.0
        return offsets[best] if of_offset >= of_nothing else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Belief:
    """What a model expects of results at n points, noise included."""

    mean: Array
    """Shape (n,)."""
    covariance: Array
    """Shape (n, n)."""
    prior: Array
    """Shape (n, n): the covariance of results of which nothing is known."""

    @classmethod
    def of(cls, model: Posterior, at: Array) -> "_Belief":
        """Return what a model expects at points (n, d)."""
        cross = model.kernel.matrix(at, model.points)
        half = solve_triangular(model.factor, cross.T, lower=True, check_finite=False)
        prior = model.kernel.matrix(at, at)
        prior[np.diag_indices(len(at))] += max(model.noise, LEAST_NOISE)
        mean: Array = (cross @ model.solved)[:, 0]
        return cls(mean=mean, covariance=prior - half.T @ half, prior=prior)

    def log_related(self, values: Array) -> float:
        """Return the log density of results that the model foretells."""
        return _log_density(values - self.mean, self.covariance)

    def log_unrelated(self, values: Array) -> float:
        """Return that of results as smooth, of any mean and scale."""
        covariance = self.prior + MEAN_VARIANCE
        return _log_mean(
            [
                _log_density(values / scale, covariance) - len(values) * math.log(scale)
                for scale in SCALES
            ]
        )


def _log_mean(logs: Sequence[float]) -> float:
    """Return the logarithm of the mean of the numbers with these logarithms."""
    return float(np.logaddexp.reduce(logs)) - math.log(len(logs))


def _log_density(off: Array, covariance: Array) -> float:
    """Return the log density of a normal distribution, but for its constant."""
    factor = cholesky(covariance, lower=True, check_finite=False)
    solved = cho_solve((factor, True), off, check_finite=False)
    return float(-0.5 * off @ solved - np.log(factor.diagonal()).sum())


@lru_cache(maxsize=MAX_BATCHES)
def _models(rows: bytes, targets: bytes, is_categorical: bytes) -> tuple[Posterior, ...]:
    """Return models of another batch, whose results stay the same while this one runs."""
    mask = np.frombuffer(is_categorical, dtype=bool)
    points, values = np.frombuffer(rows).reshape(-1, len(mask)), np.frombuffer(targets)
    return tuple(
        Posterior.of(found, points, values[:, None]) for found in fit(points, values, mask, PRIORS)
    )


def _sampled(costs: Array) -> list[int]:
    """Return the places of the best third, and of an even sample of the others, in order."""
    order: list[int] = np.argsort(costs, kind="stable").tolist()
    n_best = MAX_FITTED // 3
    rest = order[n_best:]
    return sorted([*order[:n_best], *(rest[k] for k in evenly(len(rest), MAX_FITTED - n_best))])


def evenly(n: int, most: int) -> list[int]:
    """Return up to so many places of n, from the first to the last."""
    places: list[int] = np.linspace(0, n - 1, min(n, most)).round().astype(int).tolist()
    return places
