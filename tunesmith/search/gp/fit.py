"""Hyper-parameters by their highest posterior probability, with analytic gradients."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

from tunesmith.search.gp.kernel import Array, Kernel, Mask, differences, matern_and_slope
from tunesmith.search.gp.prior import Prior

JITTER = 1e-8
"""Added to the diagonal, in units of the targets' variance."""
MAX_ITERATIONS = 40
TOLERANCE = 1e-6
"""The relative gain of an iteration below which the search ends."""
GRADIENT_TOLERANCE = 1e-2
MANY = 40
"""Points from which one start of the search for hyper-parameters is enough."""
_FAILED = 1e25
"""The cost of hyper-parameters whose matrix is not positive definite."""
_LOG_BOUNDS = (-7.0, 7.0)
_NOISE_BOUNDS = (-14.0, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A kernel, and the variance of the noise in squared units of the targets."""

    kernel: Kernel
    noise: float
    evidence: float = 0.0
    """The log likelihood of the targets, up to the same constant for all fits of them."""


def fit(points: Array, targets: Array, is_categorical: Mask, prior: Prior) -> Fit:
    """Return the most probable hyper-parameters (MAP).

    Args:
        points: Shape (n, d), see ``kernel``.
        targets: Shape (n,), with mean 0 and variance 1.
        is_categorical: Shape (d,).
        prior: Of the hyper-parameters.
    """
    d = points.shape[1]
    squares = differences(points, is_categorical).reshape(d, -1)
    problem = _Problem(targets, squares, prior.means(d), prior.sds(d))
    bounds = [_LOG_BOUNDS] * (d + 1) + [_NOISE_BOUNDS]
    starts = [prior.means(d)]
    if len(points) < MANY:
        starts.append(prior.means(d) + np.array([-1.0] * d + [0.0, 2.0]))
    found = [
        minimize(
            problem.cost,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": MAX_ITERATIONS, "ftol": TOLERANCE, "gtol": GRADIENT_TOLERANCE},
        )
        for start in starts
    ]
    best = min(found, key=lambda one: float(one.fun)).x
    off = (best - problem.means) / problem.sds
    evidence = 0.5 * float(off @ off) - problem.cost(best)[0]
    kernel = Kernel(
        weights=np.exp(-2.0 * best[:d]),
        amplitude=float(np.exp(best[d])),
        is_categorical=is_categorical,
    )
    return Fit(kernel=kernel, noise=float(np.exp(best[d + 1])), evidence=evidence)


@dataclass(frozen=True, slots=True)
class _Problem:
    """Minus the log posterior of the hyper-parameters, up to a constant."""

    targets: Array
    """Shape (n,)."""
    differences: Array
    """Shape (d, n * n)."""
    means: Array
    sds: Array

    def cost(self, parameters: Array) -> tuple[float, Array]:
        """Return the cost and its gradient (Rasmussen and Williams, 2006, eq. 2.30, 5.9)."""
        d, n = len(parameters) - 2, len(self.targets)
        weights = np.exp(-2.0 * parameters[:d])
        amplitude, noise = np.exp(parameters[d]), np.exp(parameters[d + 1])
        signal, slope = matern_and_slope(weights @ self.differences)
        signal *= amplitude
        covariance = signal.reshape(n, n).copy()
        covariance.flat[:: n + 1] += noise + JITTER
        factor, info = lapack.dpotrf(covariance, lower=1, overwrite_a=1, clean=1)
        if info:
            return _FAILED, np.zeros_like(parameters)
        solved = lapack.dpotrs(factor, self.targets, lower=1)[0]
        outer = _doubled(lapack.dpotri(factor, lower=1)[0], solved)
        off = (parameters - self.means) / self.sds
        fit_cost = 0.5 * self.targets @ solved + np.log(factor.flat[:: n + 1]).sum()
        flat = outer.ravel()
        gradient = off / self.sds
        gradient[:d] -= amplitude * weights * (self.differences @ (flat * slope))
        gradient[d] += 0.5 * flat @ signal
        gradient[d + 1] += 0.5 * noise * flat[:: n + 1].sum()
        return float(fit_cost + 0.5 * off @ off), gradient


def _doubled(lower: Array, solved: Array) -> Array:
    """Return K⁻¹ - aaᵀ as a lower triangle whose products with symmetric matrices are the whole.

    Args:
        lower: K⁻¹ as LAPACK gives it, the upper triangle empty.
        solved: a = K⁻¹ y, shape (n,).
    """
    n = len(solved)
    doubled: Array = np.ascontiguousarray(lower) * 2.0
    doubled.flat[:: n + 1] *= 0.5
    doubled -= np.outer(solved, solved)
    return doubled
