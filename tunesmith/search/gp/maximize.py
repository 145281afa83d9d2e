"""Where an acquisition is highest: many points ranked, then the best ones improved."""

import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc

from tunesmith.search.gp.acquisition import Acquisition
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.kernel import Array

N_NEAR = 40
"""Perturbations of each of the best trials, at each scale."""
SCALES = (0.1, 0.02, 0.004)
"""Standard deviations of the perturbations, in units of the cube's side."""
N_STARTS = 4
"""Points that are improved."""
LEAST_DISTANCE = 0.05
"""Between two of them, in the largest coordinate."""
MAX_ITERATIONS = 30
MAX_EXCHANGES = 3


def maximize(
    acquisition: Acquisition,
    cube: Cube,
    best: Array,
    generator: np.random.Generator,
    *,
    n_spread: int,
) -> Array:
    """Return rows of the space, shape (m, d), the most promising first.

    Args:
        acquisition: What is maximized.
        cube: The space.
        best: Rows of the best trials so far, shape (b, d).
        generator: The random numbers of this trial.
        n_spread: How many points of a Sobol sequence are ranked, as a power of two.
    """
    rows = np.vstack([_spread(cube, generator, n_spread), _near(cube, best, generator)])
    worths = acquisition.values(rows)
    order = np.argsort(-worths, kind="stable")
    rows, worths = rows[order], worths[order]
    improved = [_improve(acquisition, cube, start) for start in _starts(cube, rows)]
    all_rows = np.vstack([np.array([row for _, row in improved]), rows])
    all_worths = np.concatenate([[worth for worth, _ in improved], worths])
    ranked: Array = all_rows[np.argsort(-all_worths, kind="stable")]
    return ranked


def _spread(cube: Cube, generator: np.random.Generator, n_spread: int) -> Array:
    sobol = qmc.Sobol(len(cube.dimensions), scramble=True, rng=generator)
    return cube.snapped(sobol.random_base2(n_spread))


def _near(cube: Cube, best: Array, generator: np.random.Generator) -> Array:
    """Return perturbations of the best trials: a few coordinates moved, at several scales."""
    d = len(cube.dimensions)
    centres = np.repeat(cube.to_unit_rows(best), N_NEAR * len(SCALES), axis=0)
    scales = np.tile(np.repeat(SCALES, N_NEAR), len(best))[:, None]
    steps = generator.standard_normal(centres.shape) * scales
    # a category moves to any other one, whatever the scale
    redrawn = generator.random(centres.shape)
    moved = np.where(cube.is_categorical & (redrawn < 0.2), redrawn * 5.0, centres)
    moved = np.where(cube.is_categorical, moved, centres + steps)
    is_moved = generator.random(centres.shape) < max(0.5, 2.0 / d)
    return cube.snapped(_reflected(np.where(is_moved, moved, centres)))


def _reflected(units: Array) -> Array:
    """Return coordinates beyond 0 or 1 mirrored back."""
    folded: Array = np.abs(np.mod(units + 1.0, 2.0) - 1.0)
    return folded


def _starts(cube: Cube, rows: Array) -> list[Array]:
    """Return the best rows that are not close to a better one."""
    chosen: list[Array] = []
    for row in rows:
        if all(np.abs(row - other).max() > LEAST_DISTANCE for other in chosen):
            chosen.append(row)
        if len(chosen) == N_STARTS:
            break
    return chosen


def _improve(acquisition: Acquisition, cube: Cube, start: Array) -> tuple[float, Array]:
    """Return a local maximum near a row: gradients for floats, exchanges for the others."""
    row, worth = start, float(acquisition.values(start[None, :])[0])
    for _ in range(MAX_EXCHANGES):
        climbed = _climb(acquisition, cube, row)
        rows = cube.neighbours(climbed)
        worths = acquisition.values(rows)
        top = int(np.argmax(worths))
        if worths[top] <= worth:
            break
        has_exchanged = top > 0
        row, worth = rows[top], float(worths[top])
        if not has_exchanged:
            break
    return worth, row


def _climb(acquisition: Acquisition, cube: Cube, start: Array) -> Array:
    """Return where a gradient ascent of the float coordinates ends."""
    free = np.flatnonzero(cube.is_real)
    if not free.size:
        return start

    def cost(at: Array) -> tuple[float, Array]:
        row = start.copy()
        row[free] = at
        value, slope = acquisition.gradient(row)
        return -value, -slope[free]

    found = minimize(
        cost,
        start[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, 1.0)] * len(free),
        options={"maxiter": MAX_ITERATIONS},
    )
    row = start.copy()
    row[free] = np.clip(found.x, 0.0, 1.0)
    return row


def best_rows(rows: Array, targets: Array, n: int) -> Array:
    """Return the n rows with the lowest targets."""
    chosen: Array = rows[np.argsort(targets, kind="stable")[:n]]
    return chosen
