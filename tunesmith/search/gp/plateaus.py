"""Plateaus: around neighbours with exactly the same result, the next trial has it, too.

A model of smooth functions sees a chance of improvement beside its incumbent however often that
has come to nothing. Exact ties of neighbours tell that a flag has no effect there: steps of a
whole number, a table of results, an accuracy of few samples.
"""

import numpy as np

from tunesmith.search.gp.kernel import Array, Kernel
from tunesmith.search.gp.training_data import TrainingData

REACH = 2.0
"""How far a plateau is taken to reach around a trial, in distances of the farthest neighbour that
has the same result and no other result nearer."""


def off_plateaus(rows: Array, data: TrainingData) -> Array:
    """Return rows (m, d) in their order, but those on a plateau last.

    Args:
        rows: Where a trial may be.
        data: The trials so far.
    """
    values = data.targets.values
    if len(np.unique(values)) == len(values):
        return rows
    d = len(data.cube.dimensions)
    space = Kernel(weights=np.ones(d), amplitude=1.0, is_categorical=data.cube.is_categorical)
    radii = _radii(space.squared_distances(data.rows, data.rows), values)
    apart = space.squared_distances(rows, data.rows)
    nearest = apart.argmin(axis=1)
    is_known = apart[np.arange(len(rows)), nearest] < REACH**2 * radii[nearest]
    return np.vstack([rows[~is_known], rows[is_known]])


def _radii(squares: Array, values: Array) -> Array:
    """Return for each trial the squared radius of its plateau, shape (n,); 0 where it has none.

    Args:
        squares: Of the distances between trials, shape (n, n).
        values: Their results, shape (n,).
    """
    is_same = values[:, None] == values[None, :]
    others = np.where(is_same, np.inf, squares).min(axis=1)
    radii: Array = np.where(is_same & (squares < others[:, None]), squares, 0.0).max(axis=1)
    return radii
