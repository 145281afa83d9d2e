"""Expected hypervolume improvement, by its logarithm, with gradients.

For minimization of two or three costs whose posteriors are independent (Yang, Emmerich, Deutz and
Bäck, 2019, "Efficient computation of expected hypervolume improvement using box decomposition
algorithms"; logarithms as Ament et al., 2023, "Unexpected Improvements to Expected Improvement").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from tunesmith.search.gp.acquisition import log_h
from tunesmith.search.gp.boxes import Boxes
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.posterior import Posterior

_LOG_ROOT_2PI = 0.5 * float(np.log(2.0 * np.pi))
_LEAST_SHARE = 1e-13
"""What is left of a difference of two nearly equal numbers, relative to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedPosterior:
    """Several models of one cost as one normal distribution, of the same mean and variance."""

    parts: tuple[Posterior, ...]
    shares: Array
    """Shape (k,): the models' shares, which sum to 1."""

    def predict(self, at: Array) -> tuple[Array, Array]:
        """Return mean and variance at points (m, d), shape (m,) each."""
        found = [part.predict(at) for part in self.parts]
        means = np.array([mean[:, 0] for mean, _ in found])
        variances = np.array([variance for _, variance in found])
        mean: Array = self.shares @ means
        return mean, self.shares @ variances + self.shares @ (means - mean) ** 2

    def gradient(self, at: Array) -> tuple[Array, Array, Array, Array]:
        """Return mean and variance at points, shape (m,), and their derivatives, shape (m, d)."""
        found = [part.gradient(at) for part in self.parts]
        means = np.array([mean[:, 0] for mean, _, _, _ in found])
        variances = np.array([variance for _, variance, _, _ in found])
        by_means = np.array([by_mean[0] for _, _, by_mean, _ in found])
        by_variances = np.array([by_variance for _, _, _, by_variance in found])
        mean = self.shares @ means
        off = means - mean
        by_mean = np.tensordot(self.shares, by_means, 1)
        by_variance = np.tensordot(self.shares, by_variances, 1)
        by_variance += 2.0 * np.einsum("k,km,kmd->md", self.shares, off, by_means - by_mean)
        return mean, self.shares @ variances + self.shares @ off**2, by_mean, by_variance


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedHypervolumeImprovement:
    """The logarithm of the volume by which a point is expected to improve on a front.

    Of a box [l, u] a point dominates the product over the costs y of (u - y)⁺ - (l - y)⁺, whose
    expectation is that of the factors, since the posteriors are independent.
    """

    posteriors: tuple[MixedPosterior, ...]
    """One for each cost."""
    boxes: Boxes
    """What the front does not dominate."""

    def values(self, at: Array) -> Array:
        """Return log EHVI at points (m, d), shape (m,)."""
        found = [one.predict(at) for one in self.posteriors]
        sides = [self._side(k, mean, variance) for k, (mean, variance) in enumerate(found)]
        values: Array = _log_sum(_total(sides))
        return values

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return log EHVI at points, and its derivatives, shape (m, d)."""
        slopes = np.zeros_like(at)
        found = [one.gradient(at) for one in self.posteriors]
        sides = [self._side(k, one[0], one[1]) for k, one in enumerate(found)]
        logs = _total(sides)
        values = _log_sum(logs)
        shares = np.exp(logs - values[:, None])
        for side, (_, _, by_mean, by_variance) in zip(sides, found, strict=True):
            along_mean, along_sd = side.derivatives(shares)
            slopes += along_mean[:, None] * by_mean
            slopes += (along_sd / (2.0 * side.sds))[:, None] * by_variance
        return values, slopes

    def _side(self, k: int, mean: Array, variance: Array) -> "_Side":
        """Return what one cost contributes to each box, at points."""
        sds = np.sqrt(variance)[:, None]
        lower = (self.boxes.lower[:, k] - mean[:, None]) / sds
        upper = (self.boxes.upper[:, k] - mean[:, None]) / sds
        logs = _log_difference(_log_psi(upper), _log_psi(lower)) + np.log(sds)
        return _Side(logs=logs, lower=lower, upper=upper, sds=sds[:, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """The factor of one cost: log E[(u - y)⁺ - (l - y)⁺], at m points for b boxes."""

    logs: Array
    """Shape (m, b)."""
    lower: Array
    """Shape (m, b): (l - mean) / sd; minus infinity where a box has no end."""
    upper: Array
    """Shape (m, b): (u - mean) / sd."""
    sds: Array
    """Shape (m,)."""

    def derivatives(self, shares: Array) -> tuple[Array, Array]:
        """Return the derivatives of the whole logarithm by mean and standard deviation.

        With ψ(e) = E[(e - y)⁺] they are -Φ and φ, so that those of a factor are the differences
        over its value.

        Args:
            shares: Shape (m, b): of each box in the sum over all.
        """
        by_mean = _difference(log_ndtr, self, shares)
        by_sd = _difference(_log_density, self, shares)
        return -by_mean, by_sd


def _difference(function: Callable[[Array], Array], side: _Side, shares: Array) -> Array:
    """Return the sum over the boxes of the differences of a function, by its logarithm."""
    upper = np.exp(function(side.upper) - side.logs)
    lower = np.exp(function(side.lower) - side.logs)
    total: Array = (shares * (upper - lower)).sum(axis=1)
    return total


def _log_psi(z: Array) -> Array:
    """Return log h(z); minus infinity for minus infinity, where nothing is left."""
    logs = np.full(z.shape, -np.inf)
    is_finite = np.isfinite(z)
    logs[is_finite] = log_h(z[is_finite])
    return logs


def _log_density(z: Array) -> Array:
    density: Array = -0.5 * z**2 - _LOG_ROOT_2PI
    return density


def _log_difference(larger: Array, smaller: Array) -> Array:
    """Return log(exp(a) - exp(b)) for a ≥ b."""
    with np.errstate(invalid="ignore"):
        rest = -np.expm1(np.minimum(smaller - larger, 0.0))
    difference: Array = larger + np.log(np.maximum(rest, _LEAST_SHARE))
    return difference


def _total(sides: Sequence[_Side]) -> Array:
    """Return the logarithm of the product of all factors, for each box."""
    total: Array = np.sum([side.logs for side in sides], axis=0)
    return total


def _log_sum(logs: Array) -> Array:
    top = logs.max(axis=1)
    total: Array = top + np.log(np.exp(logs - top[:, None]).sum(axis=1))
    return total
