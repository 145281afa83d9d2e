"""Rows of the points that ``--where`` allows, among which an acquisition is maximized."""

import numpy as np

from tunesmith.search.allowed import allowed_points
from tunesmith.search.gp.acquisition import Acquisition
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.kernel import Array
from tunesmith.search.random_units import moved

MIN_ROWS = 150
"""Rows that are ranked: where chance finds fewer, known allowed points make up for them."""
N_ROUNDS, N_MOVES = 6, 16
"""Rounds of random moves from each of the best rows, and moves in each: a maximum often lies on
the edge of the allowed region, along which no gradient leads."""
N_HALVINGS = 12


def allowed(cube: Cube, rows: Array) -> Array:
    """Return the rows of allowed points, in their order."""
    return rows[_is_allowed(cube, rows)]


def within(cube: Cube, rows: Array, best: Array, generator: np.random.Generator) -> Array:
    """Return allowed rows, of those that are given and, where these are few, of others.

    None come back where no allowed point is known.

    Args:
        cube: The space.
        rows: Rows, shape (m, d).
        best: Rows of the best trials so far, shape (b, d), around which some are looked for.
        generator: The random numbers of this trial.
    """
    found = allowed(cube, rows)
    points = allowed_points(cube.space)
    if len(found) >= MIN_ROWS or points.is_empty:
        return found
    near = _moved(cube, np.repeat(best, N_MOVES, axis=0), generator)
    more = [cube.row(points.draw(generator)) for _ in range(MIN_ROWS - len(found))]
    drawn = np.array([row for row in more if row is not None]).reshape(-1, rows.shape[1])
    return np.vstack([found, allowed(cube, near), drawn])


def kept_within(cube: Cube, starts: Array, ends: Array) -> Array:
    """Return the last allowed rows on the ways from allowed starts to ends, shape (m, d)."""
    is_out = ~_is_allowed(cube, ends)
    low, high = np.zeros(len(ends)), np.ones(len(ends))
    for _ in range(N_HALVINGS if is_out.any() else 0):
        share = (low + high) / 2
        is_in = _is_allowed(cube, starts + share[:, None] * (ends - starts))
        low, high = np.where(is_in, share, low), np.where(is_in, high, share)
    kept: Array = np.where(is_out[:, None], starts + low[:, None] * (ends - starts), ends)
    return kept


def wander(
    acquisition: Acquisition, cube: Cube, rows: Array, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Return better rows, and their values, that random moves within the allowed region find.

    Args:
        acquisition: What is maximized.
        cube: The space.
        rows: Allowed rows, shape (m, d).
        generator: The random numbers of this trial.
    """
    values = acquisition.values(rows)
    for _ in range(N_ROUNDS):
        for place in range(len(rows)):
            group = np.repeat(rows[place : place + 1], N_MOVES, axis=0)
            others = allowed(cube, _moved(cube, group, generator))
            if not len(others):
                continue
            found = acquisition.values(others)
            top = int(np.argmax(found))
            if found[top] > values[place]:
                rows[place], values[place] = others[top], found[top]
    return rows, values


def _moved(cube: Cube, rows: Array, generator: np.random.Generator) -> Array:
    units = cube.to_unit_rows(rows)
    return cube.snapped(np.array([moved(row, generator) for row in units]).reshape(rows.shape))


def _is_allowed(cube: Cube, rows: Array) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.array([cube.space.allows(cube.flags(row)) for row in rows], dtype=bool)
