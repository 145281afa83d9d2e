"""Hyper-parameters by their highest posterior probability, with analytic gradients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

from tunesmith.search.gp.kernel import (
    LEVEL_SHARE,
    Array,
    Kernel,
    Mask,
    differences,
    matern_and_slope,
)
from tunesmith.search.gp.prior import Prior

JITTER = 1e-8
"""Added to the diagonal, in units of the targets' variance."""
MAX_ITERATIONS = 40
"""Iterations of one search for hyper-parameters."""
TOLERANCE = 1e-5
"""The relative gain of an iteration below which the search ends."""
GRADIENT_TOLERANCE = 5e-2
"""The gradient below which the search ends."""
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


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Targets, and the pairs of points i ≥ j: half of what a symmetric matrix holds."""

    targets: Array
    """Shape (n,)."""
    differences: Array
    """Shape (d, n (n + 1) / 2), of the pairs row by row."""
    places: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    """Where each pair is in a matrix of shape (n, n) that is read row by row."""
    multiplicities: Array
    """How often each pair is in the symmetric matrix: 2, or 1 on the diagonal."""
    is_deciding: "Mask | None" = None
    """Shape (d,), see ``kernel``."""

    @classmethod
    def of(cls, targets: Array, differences: Array, is_deciding: "Mask | None" = None) -> "_Pairs":
        """Return the pairs of n points, with their squared differences."""
        n = len(targets)
        left, right = np.tril_indices(n)
        multiplicities = np.where(left == right, 1.0, 2.0)
        return cls(targets, differences, left * n + right, multiplicities, is_deciding)

    def signal(self, weights: Array) -> "tuple[Array, Array, Array | None]":
        """Return the covariances of amplitude 1, and their derivatives by both r²."""
        signal, slope = matern_and_slope(weights @ self.differences)
        if self.is_deciding is None:
            return signal, slope, None
        level, by_level = matern_and_slope((weights * self.is_deciding) @ self.differences)
        signal = (1.0 - LEVEL_SHARE) * signal + LEVEL_SHARE * level
        return signal, (1.0 - LEVEL_SHARE) * slope, LEVEL_SHARE * by_level


@dataclass(frozen=True, slots=True)
class _Problem:
    """Minus the log posterior of the hyper-parameters, up to a constant."""

    pairs: _Pairs
    means: Array
    sds: Array

    def cost(self, parameters: Array) -> tuple[float, Array]:
        """Return the cost and its gradient (Rasmussen and Williams, 2006, eq. 2.30, 5.9)."""
        pairs = self.pairs
        d, n = len(parameters) - 2, len(pairs.targets)
        weights = np.exp(-2.0 * parameters[:d])
        amplitude, noise = np.exp(parameters[d]), np.exp(parameters[d + 1])
        signal, slope, by_level = pairs.signal(weights)
        signal *= amplitude
        covariance = np.zeros(n * n)
        covariance[pairs.places] = signal
        covariance[:: n + 1] += noise + JITTER
        # read column by column, as LAPACK does, what was written row by row is the upper triangle
        factor, info = lapack.dpotrf(covariance.reshape(n, n).T, lower=0, clean=0, overwrite_a=1)
        if info:
            return _FAILED, np.zeros_like(parameters)
        solved = lapack.dpotrs(factor, pairs.targets, lower=0)[0]
        off = (parameters - self.means) / self.sds
        diagonal = factor.diagonal()
        fit_cost = 0.5 * pairs.targets @ solved + np.log(diagonal).sum()
        # K⁻¹ - aaᵀ with a = K⁻¹ y, each pair as often as it is in the matrix
        inverse = lapack.dpotri(factor, lower=0, overwrite_c=1)[0]
        outer = inverse.T.ravel()[pairs.places] - np.outer(solved, solved).ravel()[pairs.places]
        trace = float(np.trace(inverse) - solved @ solved)
        outer *= pairs.multiplicities
        gradient = off / self.sds
        gradient[d] += 0.5 * outer @ signal
        gradient[d + 1] += 0.5 * noise * trace
        if by_level is not None and pairs.is_deciding is not None:
            of_level = pairs.differences @ (outer * by_level)
            gradient[:d] -= amplitude * weights * pairs.is_deciding * of_level
        outer *= slope
        gradient[:d] -= amplitude * weights * (pairs.differences @ outer)
        return float(fit_cost + 0.5 * off @ off), gradient


def fit(
    points: Array,
    targets: Array,
    is_categorical: Mask,
    priors: Sequence[Prior],
    *,
    is_deciding: "Mask | None" = None,
) -> list[Fit]:
    """Return the most probable hyper-parameters (MAP) by each of several priors.

    What one prior leads to is also where the search by the next ones may start: with many points
    the priors matter little.

    Args:
        points: Shape (n, d), see ``kernel``.
        targets: Shape (n,), with mean 0 and variance 1.
        is_categorical: Shape (d,).
        priors: Of the hyper-parameters.
        is_deciding: Shape (d,); None where every flag is always active.
    """
    pairs = _Pairs.of(targets, differences(points, is_categorical), is_deciding)
    found: list[Array] = []
    for prior in priors:
        found.append(_most_probable(pairs, prior, found))
    return [_fit_of(pairs, one, is_categorical) for one in found]


def _most_probable(pairs: _Pairs, prior: Prior, earlier: Sequence[Array]) -> Array:
    """Return hyper-parameters of a low cost, given those that were found with other priors."""
    d = len(pairs.differences)
    problem = _Problem(pairs, prior.means(d), prior.sds(d))
    starts = [prior.means(d)]
    if len(pairs.targets) < MANY:
        starts.append(prior.means(d) + np.array([-1.0] * d + [0.0, 2.0]))
    elif earlier:
        starts = [min([*starts, *earlier], key=lambda one: problem.cost(one)[0])]
    bounds = [_LOG_BOUNDS] * (d + 1) + [_NOISE_BOUNDS]
    options = {"maxiter": MAX_ITERATIONS, "ftol": TOLERANCE, "gtol": GRADIENT_TOLERANCE}
    found = [
        minimize(problem.cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for start in starts
    ]
    best: Array = min(found, key=lambda one: float(one.fun)).x
    return best


def _fit_of(pairs: _Pairs, parameters: Array, is_categorical: Mask) -> Fit:
    d = len(is_categorical)
    flat = np.full(d + 2, np.inf)  # a prior that favours nothing leaves the likelihood
    evidence = -_Problem(pairs, parameters, flat).cost(parameters)[0]
    kernel = Kernel(
        weights=np.exp(-2.0 * parameters[:d]),
        amplitude=float(np.exp(parameters[d])),
        is_categorical=is_categorical,
        is_deciding=pairs.is_deciding,
    )
    return Fit(kernel=kernel, noise=float(np.exp(parameters[d + 1])), evidence=evidence)
