"""Points that are worth another trial: of a finite space whose results are noisy."""

from collections.abc import Sequence

import numpy as np

from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.training_data import TrainingData

LEAST_NOISE = 0.12
"""The variance of the noise, in units of the targets' variance, from which on a point is worth
another trial."""
MIN_RESULTS = 10
"""With fewer results nothing is known of the noise."""


def repeatable(data: TrainingData, noise: float) -> dict[str, Array]:
    """Return the rows of the points that may be tried again, shape (d,) each, by the space's key.

    As long as every point has one result, a model cannot tell noise from roughness. The first
    point that is tried again can: where its results are equal, there is none.

    Args:
        data: The trials, those that are running too.
        noise: Its variance as the model sees it, in units of the targets' variance.
    """
    if data.cube.space.size is None or len(data.rows) < MIN_RESULTS:
        return {}
    results: dict[bytes, list[float]] = {}
    for row, value in zip(data.rows, data.targets.values.tolist(), strict=True):
        results.setdefault(row.tobytes(), []).append(value)
    several = [found for found in results.values() if len(found) > 1]
    is_equal = bool(several) and all(min(found) == max(found) for found in several)
    if is_equal or max(noise, _noise_within(several)) < LEAST_NOISE:
        return {}
    for row in (*data.failed, *data.pending):
        results.pop(row.tobytes(), None)
    for row in data.rows[~data.is_inside]:
        results.pop(row.tobytes(), None)
    rows = [np.frombuffer(row) for row in results]
    return {data.cube.space.key(data.cube.flags(row)): row for row in rows}


def _noise_within(several: Sequence[Sequence[float]]) -> float:
    """Return how large the variance of results of the same points may well be; 0 without any.

    Few results may lie close together by chance.
    """
    freedom = sum(len(found) - 1 for found in several)
    if not freedom:
        return 0.0
    squares = sum(float(np.var(found)) * len(found) for found in several)
    return squares / freedom * (1.0 + 4.0 / freedom)
