"""Which of many trials a model is fitted to."""

import numpy as np

from tunesmith.search.gp.kernel import Array

MAX_FITTED = 150
"""Trials from which hyper-parameters are estimated; all of them count for the posterior."""

Places = np.ndarray[tuple[int], np.dtype[np.int64]]


def sampled(values: Array, most: int, every: Places) -> Places:
    """Return the places of the best third of ``most`` values and of an even sample of the rest."""
    if len(every) <= most:
        return every
    order = np.argsort(values, kind="stable")
    n_best = most // 3
    rest = np.sort(order[n_best:])
    sample = rest[np.linspace(0, len(rest) - 1, most - n_best).round().astype(int)]
    return np.sort(np.concatenate([order[:n_best], sample]))
