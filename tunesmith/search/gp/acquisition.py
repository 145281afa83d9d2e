"""Acquisition functions, by their logarithms, with gradients.

For minimization. Logarithms, since expected improvement itself underflows far from the incumbent
and then tells no direction (Ament et al., 2023, "Unexpected Improvements to Expected
Improvement").
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr

from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.posterior import Posterior

LOG_ROOT_2PI = 0.5 * float(np.log(2.0 * np.pi))
_ROOT_HALF = float(np.sqrt(0.5))
_ROOT_HALF_PI = float(np.sqrt(np.pi / 2.0))
_FAR = -1e5
"""Below this h(z) = φ(z) / z² to double precision."""


def incumbents(posterior: Posterior) -> Array:
    """Return the value to improve on in each fantasy, shape (f,).

    It is the higher of the lowest posterior mean at the points and the lowest target: either
    alone is too optimistic under noise.
    """
    best: Array = np.maximum(posterior.means_at_points().min(0), posterior.targets.min(0))
    return best


class Acquisition(Protocol):
    """What is maximized over the cube: how promising a point is."""

    def values(self, at: Array) -> Array:
        """Return the values at points (m, d), shape (m,)."""
        ...

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return the values at points (m, d), shape (m,), and their derivatives, shape (m, d)."""
        ...


def log_h(z: Array) -> Array:
    """Return log(φ(z) + z Φ(z)), accurate for any z (Ament et al., 2023, eq. 9).

    Expected improvement is s h(z) with z = (incumbent - mean) / s, s the standard deviation.
    """
    is_near = z > -1.0
    if is_near.all():  # a branch is computed where it is needed: they are not cheap
        return _log_h_near(z)
    if not is_near.any():
        return _log_h_far(z)
    return np.where(is_near, _log_h_near(np.maximum(z, -1.0)), _log_h_far(np.minimum(z, -1.0)))


def _log_h_near(z: Array) -> Array:
    near: Array = np.log(np.exp(-0.5 * z**2 - LOG_ROOT_2PI) + z * ndtr(z))
    return near


def _log_h_far(z: Array) -> Array:
    """Return log φ(z) + log(h / φ), z at most -1."""
    mid = np.maximum(z, _FAR)
    ratio = 1.0 + mid * _ROOT_HALF_PI * erfcx(mid * -_ROOT_HALF)
    log_ratio = np.log(np.maximum(ratio, np.finfo(float).tiny))
    log_ratio = np.where(z > -1e4, log_ratio, -2.0 * np.log(-z))
    far: Array = log_ratio - 0.5 * z**2 - LOG_ROOT_2PI
    return far


def log_h_slope(z: Array, log_h_of_z: Array) -> Array:
    """Return the derivative of ``log_h``: Φ(z) / h(z)."""
    slope: Array = np.exp(log_ndtr(z) - log_h_of_z)
    return slope


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedImprovement:
    """The logarithm of expected improvement (Jones, Schonlau and Welch, 1998, eq. 15).

    Augmented, it is EI(x) (1 - √(noise / (variance + noise))), which does not ask for the
    incumbent again and again (Huang, Allen, Notz and Zeng, 2006, eq. 13).
    """

    posterior: Posterior
    incumbents: Array
    """Shape (f,): one for each fantasy."""
    noise: float = 0.0
    """The variance of the noise that it is augmented for; 0 for plain EI."""

    def values(self, at: Array) -> Array:
        """Return log EI, averaged over the fantasies, at points (m, d)."""
        means, variances = self.posterior.predict(at)
        sds = np.sqrt(variances)
        logs = log_h((self.incumbents - means) / sds[:, None])
        values: Array = _log_mean(logs, axis=1) + np.log(sds)
        return values + np.log1p(-self._share(variances))

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return log EI at points, and their derivatives."""
        means, variances, by_mean, by_variance = self.posterior.gradient(at)
        sds = np.sqrt(variances)
        z = (self.incumbents - means) / sds[:, None]
        logs = log_h(z)
        values = _log_mean(logs, axis=1)
        by_z = np.exp(logs - values[:, None]) * log_h_slope(z, logs) / logs.shape[1]
        # z = (incumbent - mean) / sd of each fantasy, and the logarithm of sd itself
        slopes = -_sum_fantasies(by_z, by_mean) / sds[:, None]
        by_log_sd = 1.0 - (by_z * z).sum(1)
        share = self._share(variances)
        augmented = share / ((variances + self.noise) * np.maximum(1.0 - share, 1e-300))
        slopes += by_variance * (0.5 * (by_log_sd / variances + augmented))[:, None]
        return values + np.log(sds) + np.log1p(-share), slopes

    def _share(self, variances: Array) -> Array:
        """Return √(noise / (variance + noise)), below 1."""
        share: Array = np.sqrt(self.noise / (variances + self.noise))
        return np.minimum(share, 1.0 - 1e-15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityOfImprovement:
    """The logarithm of the probability to be lower than the incumbent by ``xi``."""

    posterior: Posterior
    incumbents: Array

    def values(self, at: Array) -> Array:
        """Return the log probability at points (m, d), averaged over the fantasies."""
        means, variances = self.posterior.predict(at)
        z = (self.incumbents - means) / np.sqrt(variances)[:, None]
        values: Array = _log_mean(log_ndtr(z), axis=1)
        return values

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return the log probability at points, and their derivatives."""
        means, variances, by_mean, by_variance = self.posterior.gradient(at)
        sds = np.sqrt(variances)
        z = (self.incumbents - means) / sds[:, None]
        logs = log_ndtr(z)
        values = _log_mean(logs, axis=1)
        # the derivative of log Φ is φ / Φ, and a fantasy's share in the mean Φ over that mean
        by_z = np.exp(-0.5 * z**2 - LOG_ROOT_2PI - values[:, None]) / logs.shape[1]
        slopes = -_sum_fantasies(by_z, by_mean) / sds[:, None]
        slopes -= by_variance * ((by_z * z).sum(1) / (2.0 * variances))[:, None]
        return values, slopes


@dataclass(frozen=True, slots=True, kw_only=True)
class LowerBound:
    """Minus the lower confidence bound, mean - kappa s (Cox and John, 1997)."""

    posterior: Posterior
    kappa: float

    def values(self, at: Array) -> Array:
        """Return minus the bound at points (m, d), averaged over the fantasies."""
        means, variances = self.posterior.predict(at)
        values: Array = self.kappa * np.sqrt(variances) - means.mean(1)
        return values

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return minus the bound at points, and their derivatives."""
        means, variances, by_mean, by_variance = self.posterior.gradient(at)
        sds = np.sqrt(variances)
        slopes = by_variance * (0.5 * self.kappa / sds)[:, None] - by_mean.mean(0)
        return self.kappa * sds - means.mean(1), slopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """The logarithm of what several models expect on average, each given by its logarithm."""

    parts: tuple[Acquisition, ...]
    log_weights: Array
    """Shape (k,): the logarithms of the models' weights, which sum to 1."""

    def values(self, at: Array) -> Array:
        """Return the log mean at points (m, d)."""
        logs = np.array([part.values(at) for part in self.parts]) + self.log_weights[:, None]
        values: Array = _log_sum(logs, axis=0)
        return values

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return the log mean at points, and their derivatives."""
        found = [part.gradient(at) for part in self.parts]
        logs = np.array([values for values, _ in found]) + self.log_weights[:, None]
        values: Array = _log_sum(logs, axis=0)
        shares = np.exp(logs - values)
        slopes = shares[:, :, None] * np.array([slopes for _, slopes in found])
        return values, slopes.sum(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feasible:
    """An acquisition times the probability that a trial does not fail.

    The probability is that of a process that was fitted to labels, 1 for a trial with a result
    and -1 for one without: Φ(mean / √(variance + noise)).
    """

    acquisition: Acquisition
    classifier: Posterior
    power: float = 1.0
    """Of the probability: above 1 a point that may fail has to promise more."""

    def values(self, at: Array) -> Array:
        """Return the values at points (m, d)."""
        means, variances = self.classifier.predict(at)
        chance: Array = log_ndtr(means[:, 0] / np.sqrt(variances + self.classifier.noise))
        return self.acquisition.values(at) + self.power * chance

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return the values at points, and their derivatives."""
        values, slopes = self.acquisition.gradient(at)
        means, variances, by_mean, by_variance = self.classifier.gradient(at)
        spread = np.sqrt(variances + self.classifier.noise)
        z = means[:, 0] / spread
        chance = log_ndtr(z)
        ratio = np.exp(-0.5 * z**2 - LOG_ROOT_2PI - chance) / spread
        by_z = by_mean[0] - by_variance * (0.5 * z / spread)[:, None]
        return values + self.power * chance, slopes + self.power * ratio[:, None] * by_z


def _sum_fantasies(by_z: Array, by_mean: Array) -> Array:
    """Return Σ_f of factors (m, f) times derivatives (f, m, d), shape (m, d)."""
    total: Array = (by_z.T[:, :, None] * by_mean).sum(0)
    return total


def _log_mean(logs: Array, *, axis: int) -> Array:
    """Return the logarithm of the mean of numbers that are given by theirs."""
    if logs.shape[axis] == 1:
        return np.squeeze(logs, axis=axis)
    mean: Array = _log_sum(logs, axis=axis) - np.log(logs.shape[axis])
    return mean


def _log_sum(logs: Array, *, axis: int) -> Array:
    """Return the logarithm of the sum of numbers that are given by theirs."""
    top = logs.max(axis=axis, keepdims=True)
    total: Array = np.log(np.exp(logs - top).sum(axis=axis)) + np.squeeze(top, axis=axis)
    return total
