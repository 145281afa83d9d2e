"""The posterior of a fitted process at any point, and its derivatives by the point."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, lapack, solve_triangular

from tunesmith.search.gp.fit import JITTER, Fit
from tunesmith.search.gp.kernel import Array, Kernel

_LEAST_VARIANCE = 1e-12
"""Rounding can make a variance negative, and acquisitions divide by its root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """A process conditioned on n points, with one or several columns of targets.

    Several columns are several fantasies: samples of what pending trials will give.
    """

    kernel: Kernel
    noise: float
    """Variance of the noise, in squared units of the targets."""
    points: Array
    """Shape (n, d)."""
    targets: Array
    """Shape (n, f): a column for each fantasy."""
    factor: Array
    """Shape (n, n): the lower Cholesky factor of K + noise."""
    solved: Array
    """Shape (n, f): (K + noise)⁻¹ targets."""

    @classmethod
    def of(cls, fitted: Fit, points: Array, targets: Array) -> "Posterior":
        """Return the posterior of hyper-parameters and data (n, d) and (n, f)."""
        covariance = fitted.kernel.matrix(points, points)
        covariance[np.diag_indices(len(points))] += fitted.noise + JITTER
        factor = cholesky(covariance, lower=True, check_finite=False)
        return cls(
            kernel=fitted.kernel,
            noise=fitted.noise,
            points=points,
            targets=targets,
            factor=factor,
            solved=cho_solve((factor, True), targets, check_finite=False),
        )

    def means_at_points(self) -> Array:
        """Return the means, shape (n, f), at the points: K a, where (K + noise) a = targets."""
        means: Array = self.targets - (self.noise + JITTER) * self.solved
        return means

    def predict(self, at: Array) -> tuple[Array, Array]:
        """Return means (m, f) and variances (m,) of the function, without noise, at (m, d)."""
        cross = self.kernel.matrix(at, self.points)
        half = solve_triangular(self.factor, cross.T, lower=True, check_finite=False)
        variances = self.kernel.amplitude - (half**2).sum(0)
        return cross @ self.solved, np.maximum(variances, _LEAST_VARIANCE)

    def gradient(self, at: Array) -> tuple[Array, Array, Array, Array]:
        """Return means and variances at points, and their derivatives by the point.

        Args:
            at: Shape (m, d).

        Returns:
            Means (m, f), variances (m,), derivatives of the means (f, m, d) and of the
            variances (m, d).
        """
        cross, slopes = self.kernel.with_slopes(at, self.points)
        weighed = lapack.dpotrs(self.factor, cross.T, lower=1)[0].T  # scipy's checks take longer
        variances = np.maximum(self.kernel.amplitude - (cross * weighed).sum(1), _LEAST_VARIANCE)
        by_mean = self.kernel.by_point(at, self.points, self.solved.T[:, None, :], slopes)
        by_variance = self.kernel.by_point(at, self.points, -2.0 * weighed, slopes)
        return cross @ self.solved, variances, by_mean, by_variance

    def believe(self, points: Array) -> "Posterior":
        """Return the posterior conditioned on its own means at more points, shape (p, d).

        Its mean is the same everywhere, and its variance near them is that of an observed point
        (Ginsbourger, Le Riche and Carraro, 2010, "Kriging is well-suited to parallelize
        optimization", § 4.1).
        """
        means = self.kernel.matrix(points, self.points) @ self.solved
        fitted = Fit(kernel=self.kernel, noise=self.noise)
        joined = np.vstack([self.points, points])
        return Posterior.of(fitted, joined, np.vstack([self.targets, means]))

    def fantasize(self, pending: Array, n: int, generator: np.random.Generator) -> "Posterior":
        """Return the posterior of n fantasies, in each of which the pending trials have ended.

        Their results are drawn jointly, noise included (Snoek, Larochelle and Adams, 2012, § 3.2).

        Args:
            pending: Shape (p, d).
            n: How many fantasies.
            generator: Draws them.
        """
        cross = self.kernel.matrix(pending, self.points)
        half = solve_triangular(self.factor, cross.T, lower=True, check_finite=False)
        covariance = self.kernel.matrix(pending, pending) - half.T @ half
        covariance[np.diag_indices(len(pending))] += self.noise + JITTER
        root = _root(covariance)
        drawn = cross @ self.solved[:, :1] + root @ generator.standard_normal((len(pending), n))
        targets = np.vstack([np.repeat(self.targets[:, :1], n, axis=1), drawn])
        fitted = Fit(kernel=self.kernel, noise=self.noise)
        return Posterior.of(fitted, np.vstack([self.points, pending]), targets)


def _root(covariance: Array) -> Array:
    """Return a matrix whose product with its transpose is the covariance, rounding aside."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = vectors * np.sqrt(np.maximum(values, 0.0))
    return root
