"""How much a point is worth trying: acquisition functions, by their logarithms, with gradients.

For minimization. Logarithms, since expected improvement itself underflows far from the incumbent
and then tells no direction (Ament et al., 2023, "Unexpected Improvements to Expected
Improvement").
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import erfcx, log_ndtr

from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.posterior import Posterior

_LOG_ROOT_2PI = 0.5 * float(np.log(2.0 * np.pi))
_ROOT_HALF_PI = float(np.sqrt(np.pi / 2.0))
_FAR = -1e5
"""Below this h(z) = φ(z) / z² to double precision."""


def incumbents(posterior: Posterior) -> Array:
    """Return what is to be improved on in each world, shape (f,).

    It is the higher of the lowest posterior mean at the points and the lowest target: either
    alone is too optimistic under noise.
    """
    best: Array = np.maximum(posterior.means(posterior.points).min(0), posterior.targets.min(0))
    return best


class Acquisition(Protocol):
    """What is maximized over the cube."""

    def values(self, at: Array) -> Array:
        """Return the worth of points (m, d), shape (m,)."""
        ...

    def gradient(self, at: Array) -> tuple[float, Array]:
        """Return the worth of one point (d,), and its derivatives by the point, shape (d,)."""
        ...


def log_h(z: Array) -> Array:
    """Return log(φ(z) + z Φ(z)), accurate for any z (Ament et al., 2023, eq. 9).

    Expected improvement is s h(z) with z = (incumbent - mean) / s, s the standard deviation.
    """
    near = np.maximum(z, -1.0)
    high = np.log(np.exp(-(near**2) / 2 - _LOG_ROOT_2PI) + near * np.exp(log_ndtr(near)))
    mid = np.clip(z, _FAR, -1.0)
    ratio = 1.0 + mid * _ROOT_HALF_PI * erfcx(-mid / np.sqrt(2.0))  # h / φ
    middle = np.log(np.maximum(ratio, np.finfo(float).tiny))
    log_phi = -(np.minimum(z, -1.0) ** 2) / 2 - _LOG_ROOT_2PI
    far = -2.0 * np.log(np.maximum(-z, 1.0))
    low = log_phi + np.where(z > -1e4, middle, far)
    return np.where(z > -1.0, high, low)


def log_h_slope(z: Array) -> Array:
    """Return the derivative of ``log_h``: Φ(z) / h(z)."""
    slope: Array = np.exp(log_ndtr(z) - log_h(z))
    return slope


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedImprovement:
    """The logarithm of expected improvement (Jones, Schonlau and Welch, 1998, eq. 15).

    Augmented, it is EI(x) (1 - √(noise / (variance + noise))), which does not ask for the
    incumbent again and again (Huang, Allen, Notz and Zeng, 2006, eq. 13).
    """

    posterior: Posterior
    incumbents: Array
    """Shape (f,): one a world."""
    noise: float = 0.0
    """The variance of the noise that it is augmented for; 0 for plain EI."""

    def values(self, at: Array) -> Array:
        """Return log EI, averaged over the worlds, at points (m, d)."""
        means, variances = self.posterior.predict(at)
        sds = np.sqrt(variances)
        worlds = log_h((self.incumbents - means) / sds[:, None])
        values: Array = _log_mean(worlds, axis=1) + np.log(sds)
        return values + np.log1p(-self._share(variances))

    def gradient(self, at: Array) -> tuple[float, Array]:
        """Return log EI at one point, and its derivatives."""
        means, variance, by_mean, by_variance = self.posterior.gradient(at)
        sd = float(np.sqrt(variance))
        z = (self.incumbents - means) / sd
        worlds = log_h(z)
        value = float(_log_mean(worlds, axis=0))
        shares = np.exp(worlds - value) / len(worlds)
        log_sd = by_variance / (2.0 * variance)
        by_z = -by_mean / sd - np.outer(z, log_sd)
        slope: Array = log_sd + (shares * log_h_slope(z)) @ by_z
        share = float(self._share(np.array(variance)))
        total = variance + self.noise
        slope = slope + by_variance * (0.5 * share / total) / max(1.0 - share, 1e-300)
        return value + float(np.log(sd)) + float(np.log1p(-share)), slope

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
        """Return the log probability at points (m, d), averaged over the worlds."""
        means, variances = self.posterior.predict(at)
        z = (self.incumbents - means) / np.sqrt(variances)[:, None]
        values: Array = _log_mean(log_ndtr(z), axis=1)
        return values

    def gradient(self, at: Array) -> tuple[float, Array]:
        """Return the log probability at one point, and its derivatives."""
        means, variance, by_mean, by_variance = self.posterior.gradient(at)
        sd = float(np.sqrt(variance))
        z = (self.incumbents - means) / sd
        worlds = log_ndtr(z)
        value = float(_log_mean(worlds, axis=0))
        shares = np.exp(worlds - value) / len(worlds)
        by_z = -by_mean / sd - np.outer(z, by_variance / (2.0 * variance))
        ratio = np.exp(-(z**2) / 2 - _LOG_ROOT_2PI - worlds)
        slope: Array = (shares * ratio) @ by_z
        return value, slope


@dataclass(frozen=True, slots=True, kw_only=True)
class LowerBound:
    """Minus the lower confidence bound, mean - kappa s (Cox and John, 1997)."""

    posterior: Posterior
    kappa: float

    def values(self, at: Array) -> Array:
        """Return minus the bound at points (m, d), averaged over the worlds."""
        means, variances = self.posterior.predict(at)
        values: Array = self.kappa * np.sqrt(variances) - means.mean(1)
        return values

    def gradient(self, at: Array) -> tuple[float, Array]:
        """Return minus the bound at one point, and its derivatives."""
        means, variance, by_mean, by_variance = self.posterior.gradient(at)
        sd = float(np.sqrt(variance))
        slope: Array = self.kappa * by_variance / (2.0 * sd) - by_mean.mean(0)
        return self.kappa * sd - float(means.mean()), slope


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

    def gradient(self, at: Array) -> tuple[float, Array]:
        """Return the log mean at one point, and its derivatives."""
        found = [part.gradient(at) for part in self.parts]
        values = np.array([value for value, _ in found]) + self.log_weights
        value = float(_log_sum(values, axis=0))
        slope: Array = np.exp(values - value) @ np.array([one for _, one in found])
        return value, slope


@dataclass(frozen=True, slots=True, kw_only=True)
class Feasible:
    """An acquisition times the probability that a trial does not fail.

    The probability is that of a process that was fitted to labels, 1 for a trial with a result
    and -1 for one without: Φ(mean / √(variance + noise)).
    """

    worth: Acquisition
    labels: Posterior

    def values(self, at: Array) -> Array:
        """Return the worth of points (m, d)."""
        means, variances = self.labels.predict(at)
        chance: Array = log_ndtr(means[:, 0] / np.sqrt(variances + self.labels.noise))
        return self.worth.values(at) + chance

    def gradient(self, at: Array) -> tuple[float, Array]:
        """Return the worth of one point, and its derivatives."""
        value, slope = self.worth.gradient(at)
        means, variance, by_mean, by_variance = self.labels.gradient(at)
        spread = float(np.sqrt(variance + self.labels.noise))
        z = float(means[0]) / spread
        chance = float(log_ndtr(z))
        by_z = by_mean[0] / spread - z * by_variance / (2.0 * spread**2)
        ratio = float(np.exp(-(z**2) / 2 - _LOG_ROOT_2PI - chance))
        return value + chance, slope + ratio * by_z


def _log_mean(logs: Array, *, axis: int) -> Array:
    """Return the logarithm of the mean of numbers that are given by theirs."""
    mean: Array = _log_sum(logs, axis=axis) - np.log(logs.shape[axis])
    return mean


def _log_sum(logs: Array, *, axis: int) -> Array:
    """Return the logarithm of the sum of numbers that are given by theirs."""
    top = logs.max(axis=axis, keepdims=True)
    total: Array = np.log(np.exp(logs - top).sum(axis=axis)) + np.squeeze(top, axis=axis)
    return total
