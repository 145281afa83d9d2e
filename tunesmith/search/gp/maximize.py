"""Maximization of an acquisition function: many points are ranked, the best ones improved."""

import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc

from tunesmith.search.believed_points import believed_point
from tunesmith.search.gp.acquisition import Acquisition
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.within import allowed, kept_within, wander, within

N_NEAR = 20
"""Perturbations of each of the best trials, at each scale."""
SCALES = (0.1, 0.02, 0.004)
"""Standard deviations of the perturbations, in units of the cube's side."""
N_BELIEVED = 128
"""Points that are drawn as beliefs say, where there are any."""
N_STARTS = 4
"""Points that are improved."""
LEAST_DISTANCE = 0.05
"""Between two of them, in the largest coordinate."""
MAX_ITERATIONS = 20
"""Iterations of one ascent."""
TOLERANCE = 1e-5
"""The relative gain of an iteration below which a climb ends."""
MAX_EXCHANGES = 3
"""Rounds in which whole numbers and categories change, before an ascent of the floats."""


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
    spread = _spread(cube, generator, n_spread)
    rows = np.vstack([*spread, _near(cube, best, generator)])
    if cube.space.where is not None:
        rows = within(cube, rows, best, generator)
        if not len(rows):
            return rows
    values = acquisition.values(rows)
    order = np.argsort(-values, kind="stable")
    rows, values = rows[order], values[order]
    better, better_values = _improve(acquisition, cube, _starts(rows))
    if cube.space.where is not None:
        better, better_values = wander(acquisition, cube, better, generator)
    all_rows = np.vstack([better, rows])
    all_values = np.concatenate([better_values, values])
    ranked: Array = all_rows[np.argsort(-all_values, kind="stable")]
    return ranked


def _spread(cube: Cube, generator: np.random.Generator, n_spread: int) -> list[Array]:
    """Return points over the whole space, and where beliefs say that good ones are."""
    sobol = qmc.Sobol(len(cube.dimensions), scramble=True, rng=generator)
    uniform = sobol.random_base2(n_spread)
    if not cube.space.beliefs:
        return [cube.snapped(uniform)]
    points = [believed_point(cube.space, one) for one in uniform[:N_BELIEVED].tolist()]
    rows = [row for point in points if (row := cube.row(point)) is not None]
    return [cube.snapped(uniform), np.array(rows)]


def _near(cube: Cube, best: Array, generator: np.random.Generator) -> Array:
    """Return perturbations of the best trials: a few coordinates moved, at several scales."""
    d = len(cube.dimensions)
    centres = np.repeat(cube.to_unit_rows(best), N_NEAR * len(SCALES), axis=0)
    if cube.has_conditions:  # a flag that becomes active may have any value
        is_active = np.repeat(cube.is_active(best), N_NEAR * len(SCALES), axis=0)
        centres = np.where(is_active, centres, generator.random(centres.shape))
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


def _starts(rows: Array) -> Array:
    """Return the best rows that are not close to a better one."""
    chosen: list[Array] = []
    for row in rows:
        if all(np.abs(row - other).max() > LEAST_DISTANCE for other in chosen):
            chosen.append(row)
        if len(chosen) == N_STARTS:
            break
    return np.array(chosen)


def _improve(acquisition: Acquisition, cube: Cube, starts: Array) -> tuple[Array, Array]:
    """Return local maxima near rows, and their values: the floats climb, the others exchange."""
    rows = _climb(acquisition, cube, starts)
    values = acquisition.values(rows)
    for _ in range(MAX_EXCHANGES if cube.has_steps else 0):
        rows, exchanged = _exchange(acquisition, cube, rows)
        has_changed = exchanged > values
        values = exchanged
        if not has_changed.any():
            break
        if cube.is_real.any():
            rows[has_changed] = _climb(acquisition, cube, rows[has_changed])
            values[has_changed] = acquisition.values(rows[has_changed])
    return rows, values


def _exchange(acquisition: Acquisition, cube: Cube, rows: Array) -> tuple[Array, Array]:
    """Return the best neighbour of each row, or the row itself, and their values."""
    groups = [cube.neighbours(row) for row in rows]
    if cube.space.where is not None:
        groups = [np.vstack([group[:1], allowed(cube, group[1:])]) for group in groups]
    ends = np.cumsum([len(group) for group in groups])
    values = np.split(acquisition.values(np.vstack(groups)), ends[:-1])
    tops = [int(np.argmax(of_group)) for of_group in values]
    best = np.array([group[top] for group, top in zip(groups, tops, strict=True)])
    return best, np.array([of[top] for of, top in zip(values, tops, strict=True)])


def _climb(acquisition: Acquisition, cube: Cube, starts: Array) -> Array:
    """Return where gradient ascents of the float coordinates end, from rows (m, d).

    All at once, as one problem that sums them: its cost is that of the calls, not of the points.
    """
    free = np.flatnonzero(cube.is_real)
    if not free.size:
        return starts.copy()
    shape = (len(starts), len(free))
    is_active = cube.is_active(starts)[:, free]
    fixed = starts[:, free]
    lows, highs = np.where(is_active, 0.0, fixed), np.where(is_active, 1.0, fixed)

    def cost(at: Array) -> tuple[float, Array]:
        rows = starts.copy()
        rows[:, free] = at.reshape(shape)
        values, slopes = acquisition.gradient(rows)
        return -float(values.sum()), -slopes[:, free].ravel()

    found = minimize(
        cost,
        starts[:, free].ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lows.ravel(), highs.ravel(), strict=True)),
        options={"maxiter": MAX_ITERATIONS, "ftol": TOLERANCE},
    )
    rows = starts.copy()
    rows[:, free] = np.clip(found.x, 0.0, 1.0).reshape(shape)
    if cube.space.where is not None:
        rows = kept_within(cube, starts, rows)
    return _not_below(acquisition, cube.settled(rows), starts) if cube.has_conditions else rows


def _not_below(acquisition: Acquisition, rows: Array, starts: Array) -> Array:
    """Return the better of each two rows: a climb may end where other flags are active."""
    is_worse = acquisition.values(rows) < acquisition.values(starts)
    better: Array = np.where(is_worse[:, None], starts, rows)
    return better


def best_rows(rows: Array, targets: Array, n: int) -> Array:
    """Return the n rows with the lowest targets."""
    chosen: Array = rows[np.argsort(targets, kind="stable")[:n]]
    return chosen
