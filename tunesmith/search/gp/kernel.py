"""The covariance of two points: a Matérn kernel over numbers and categories.

A point is a row of numbers: in [0, 1] for a number flag, the position of its value for a
categorical one, where only equal or not counts (Hamming distance).
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.spatial.distance import cdist

Array: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Mask: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"


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

    def matrix(self, a: Array, b: Array) -> Array:
        """Return the covariances, shape (n, m), of the rows of a (n, d) and b (m, d)."""
        covariances: Array = self.amplitude * matern(self.squared_distances(a, b))
        return covariances

    def squared_distances(self, a: Array, b: Array) -> Array:
        """Return r², shape (n, m)."""
        squares: Array = cdist(a, b, "sqeuclidean", w=self.weights * ~self.is_categorical)
        for i in np.flatnonzero(self.is_categorical):
            squares += self.weights[i] * (a[:, i][:, None] != b[:, i][None, :])
        return squares

    def with_slopes(self, a: Array, b: Array) -> tuple[Array, Array]:
        """Return the covariances of rows and their derivatives by r², shapes (n, m)."""
        value, slope = matern_and_slope(self.squared_distances(a, b))
        value *= self.amplitude
        slope *= self.amplitude
        return value, slope

    def by_point(self, at: Array, b: Array, by_square: Array) -> Array:
        """Return derivatives by the points at, given those by r² to each row of b: the chain rule.

        Args:
            at: Shape (m, d).
            b: Shape (n, d).
            by_square: Shape (…, m, n).

        Returns:
            Shape (…, m, d); the derivative by a categorical coordinate is 0.
        """
        pulled: Array = at * by_square.sum(-1)[..., None] - by_square @ b
        pulled *= 2.0 * self.weights * ~self.is_categorical
        return pulled


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
