"""The covariance of two points: a Matérn kernel over numbers and categories.

A point is a row of numbers: in [0, 1] for a number flag, the position of its value for a
categorical one, where only equal or not counts (Hamming distance).
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

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
        numeric = ~self.is_categorical
        roots = np.sqrt(self.weights[numeric])
        left, right = a[:, numeric] * roots, b[:, numeric] * roots
        squares: Array = (
            (left**2).sum(1)[:, None] + (right**2).sum(1)[None, :] - 2.0 * left @ right.T
        )
        for i in np.flatnonzero(self.is_categorical):
            squares += self.weights[i] * (a[:, i][:, None] != b[:, i][None, :])
        return np.maximum(squares, 0.0, out=squares)

    def gradient(self, at: Array, b: Array) -> tuple[Array, Array]:
        """Return the covariances of one point with rows of b, and their derivatives by the point.

        Args:
            at: Shape (d,).
            b: Shape (m, d).

        Returns:
            Shapes (m,) and (m, d); the derivative by a categorical coordinate is 0.
        """
        squares = self.squared_distances(at[None, :], b)[0]
        value, slope = matern_and_slope(squares)
        numeric = 2.0 * self.amplitude * self.weights * ~self.is_categorical
        by_point: Array = numeric * (at - b) * slope[:, None]
        return self.amplitude * value, by_point


def matern(squares: Array) -> Array:
    """Return (1 + √5 r + 5r²/3) exp(-√5 r) for r² of any shape."""
    return matern_and_slope(squares)[0]


def matern_and_slope(squares: Array) -> tuple[Array, Array]:
    """Return the kernel of amplitude 1 and its derivative by r², -(5/6) (1 + √5 r) exp(-√5 r)."""
    scaled = np.sqrt(5.0 * squares)
    decay = np.exp(-scaled)
    scaled += 1.0
    slope = scaled * decay
    value: Array = slope + (5.0 / 3.0) * squares * decay
    slope *= -5.0 / 6.0
    return value, slope


def differences(points: Array, is_categorical: Mask) -> Array:
    """Return d_i² of every pair of points, shape (d, n, n)."""
    columns = points.T
    squares: Array = (columns[:, :, None] - columns[:, None, :]) ** 2
    squares[is_categorical] = squares[is_categorical] > 0
    return squares
