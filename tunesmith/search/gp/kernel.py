"""The covariance of two points: a Matérn kernel over numbers and categories.

A point is a row of numbers: in [0, 1] for a number flag, the position of its value for a
categorical one, where only equal or not counts (Hamming distance).

Where flags decide which others are active, the function is a sum of two: one of the deciding flags
alone, the level of a branch, and one of all flags. Without the first, a branch of which only bad
points are known is expected to be average everywhere else, and search goes through its corners.
The idea of a sum along the branches is that of Jenatton, Archambeau, González and Seeger, 2017,
"Bayesian Optimization with Tree-structured Dependencies", § 3.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.spatial.distance import cdist

Array: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Mask: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"

LEVEL_SHARE = 0.5
"""The share of the variance that is between branches, of flags that decide what is active."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """The derivatives of covariances by r², shape (n, m): of all flags, and of deciding ones."""

    whole: Array
    level: "Array | None" = None
    """None where no flag decides anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """Amplitude times Matérn-5/2 of r² = Σ w_i d_i² (Rasmussen and Williams, 2006, eq. 4.17).

    d_i is the difference of two numbers, or 1 for two categories that differ.
    """

    weights: Array
    """Shape (d,): 1 / l_i² for each dimension's lengthscale l_i."""
    amplitude: float
    """The variance of the function, in squared units of the targets."""
    is_categorical: Mask
    """Shape (d,)."""
    is_deciding: "Mask | None" = None
    """Shape (d,): the flags that decide which others are active; None for none."""

    def matrix(self, a: Array, b: Array) -> Array:
        """Return the covariances, shape (n, m), of the rows of a (n, d) and b (m, d)."""
        covariances: Array = self.amplitude * matern(self.squared_distances(a, b))
        if self.is_deciding is None:
            return covariances
        covariances *= 1.0 - LEVEL_SHARE
        level: Array = self._level.matrix(a, b)
        return covariances + level

    @property
    def _level(self) -> "Kernel":
        """The kernel of the deciding flags alone."""
        return Kernel(
            weights=self.weights * (1.0 if self.is_deciding is None else self.is_deciding),
            amplitude=self.amplitude * LEVEL_SHARE,
            is_categorical=self.is_categorical,
        )

    def squared_distances(self, a: Array, b: Array) -> Array:
        """Return r², shape (n, m)."""
        squares: Array = cdist(a, b, "sqeuclidean", w=self.weights * ~self.is_categorical)
        for i in np.flatnonzero(self.is_categorical):
            squares += self.weights[i] * (a[:, i][:, None] != b[:, i][None, :])
        return squares

    def with_slopes(self, a: Array, b: Array) -> tuple[Array, Slopes]:
        """Return the covariances of rows, shape (n, m), and their derivatives by r²."""
        value, slope = matern_and_slope(self.squared_distances(a, b))
        value *= self.amplitude
        slope *= self.amplitude
        if self.is_deciding is None:
            return value, Slopes(whole=slope)
        value *= 1.0 - LEVEL_SHARE
        slope *= 1.0 - LEVEL_SHARE
        level, slopes = self._level.with_slopes(a, b)
        return value + level, Slopes(whole=slope, level=slopes.whole)

    def by_point(self, at: Array, b: Array, factors: Array, slopes: Slopes) -> Array:
        """Return the derivatives by the points of sums of covariances: the chain rule.

        Args:
            at: Shape (m, d).
            b: Shape (n, d).
            factors: Of the covariances in the sums, shape (…, m, n).
            slopes: Of the covariances, as ``with_slopes`` returns them.

        Returns:
            Shape (…, m, d); the derivative by a categorical coordinate is 0.
        """
        by_square = factors * slopes.whole
        pulled: Array = at * by_square.sum(-1)[..., None] - by_square @ b
        pulled *= 2.0 * self.weights * ~self.is_categorical
        if slopes.level is None:
            return pulled
        level: Array = self._level.by_point(at, b, factors, Slopes(whole=slopes.level))
        return pulled + level


def matern(squares: Array) -> Array:
    """Return (1 + √5 r + 5r²/3) exp(-√5 r) for r² of any shape."""
    value, decay = _root_and_decay(squares)
    value += (5.0 / 3.0) * squares
    value += 1.0
    value *= decay
    return value


def matern_and_slope(squares: Array) -> tuple[Array, Array]:
    """Return the kernel of amplitude 1 and its derivative by r², -(5/6) (1 + √5 r) exp(-√5 r)."""
    slope, decay = _root_and_decay(squares)
    slope += 1.0
    slope *= decay
    decay *= squares
    decay *= 5.0 / 3.0
    decay += slope
    slope *= -5.0 / 6.0
    return decay, slope


def _root_and_decay(squares: Array) -> tuple[Array, Array]:
    """Return √5 r and exp(-√5 r), made for the caller to change: copies cost more than sums."""
    root = np.sqrt(np.asarray(5.0 * squares))
    decay = np.negative(root)
    return root, np.exp(decay, out=decay)


def differences(points: Array, is_categorical: Mask) -> Array:
    """Return d_i² of every pair of points i ≥ j, row by row, shape (d, n (n + 1) / 2)."""
    left, right = np.tril_indices(len(points))
    columns = points.T
    squares: Array = (columns[:, left] - columns[:, right]) ** 2
    squares[is_categorical] = squares[is_categorical] > 0
    return squares
