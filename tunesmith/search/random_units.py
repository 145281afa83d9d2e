"""Random moves of a point in the unit cube."""

from typing import Any, TypeAlias

import numpy as np

Units: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
"""Coordinates of one point, shape (d,)."""

SCALES = (0.3, 0.1, 0.03, 0.01, 0.001, 0.0001)
"""Standard deviations of the moves: what is near enough is not known beforehand."""
REDRAWN = 0.2
"""The share of the coordinates that are drawn anew, as categories have to be."""


def moved(row: Units, generator: np.random.Generator) -> Units:
    """Return a point with some coordinates moved, at least one; the move back is as likely.

    Args:
        row: The point.
        generator: Draws which coordinates, how far, and where to.
    """
    d = len(row)
    if not d:
        return row
    is_moved = generator.random(d) < 0.5
    is_moved[int(generator.integers(d))] = True
    scale = SCALES[int(generator.integers(len(SCALES)))]
    shifted = row + scale * generator.standard_normal(d)
    reflected = np.abs(np.mod(shifted + 1.0, 2.0) - 1.0)
    anew = generator.random(d)
    is_redrawn = generator.random(d) < REDRAWN
    result: Units = np.where(is_moved, np.where(is_redrawn, anew, reflected), row)
    return result
