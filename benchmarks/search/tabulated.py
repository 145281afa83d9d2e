"""What takes minutes to compute, kept in ``.cache`` beside this file: delete it to start over."""

import functools
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tunesmith.flags.values import Flags
from tunesmith.search.space import SearchSpace

CACHE = Path(__file__).parent / ".cache"
N_SAMPLE = 1500
"""Random points of the whole space."""
N_ROUNDS, N_NEAR = 8, 60
"""Rounds of points near the best so far, each half as wide as the round before."""


def cached_array(name: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """Return an array from the cache, computed and written at the first call."""
    path = CACHE / f"{name}.npy"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            np.save(file, compute())
        part.replace(path)
    return np.asarray(np.load(path))


_LEAST: dict[str, float] = {}


def least_of_sample(
    name: str,
    space: SearchSpace,
    value: Callable[[Flags], float | None],
    *,
    n_sample: int = N_SAMPLE,
    n_near: int = N_NEAR,
) -> float:
    """Return the least value of a large sample of a space, and of many points near its best.

    Args:
        name: Under which it is kept.
        space: The space.
        value: The function; None where it has no value.
        n_sample: Random points of the whole space.
        n_near: Points of each round near the best.
    """
    if name not in _LEAST:
        search = functools.partial(_search, space, value, n_sample, n_near)
        _LEAST[name] = float(cached_array(f"least-{name}", search)[0])
    return _LEAST[name]


def _search(
    space: SearchSpace, value: Callable[[Flags], float | None], n_sample: int, n_near: int
) -> np.ndarray:
    rng = np.random.default_rng(0)
    n = len(space.searched)
    units = rng.random((n_sample, n))
    best, least = _best_of(space, value, units)
    for number in range(N_ROUNDS):
        steps = 0.2 * 0.5**number * rng.standard_normal((n_near, n))
        # half of the coordinates stay: else no step keeps a category
        units = np.clip(best + steps * (rng.random((n_near, n)) < 0.5), 0.0, 1.0)
        near, near_least = _best_of(space, value, units)
        if near_least < least:
            best, least = near, near_least
    return np.array([least])


def _best_of(
    space: SearchSpace, value: Callable[[Flags], float | None], units: np.ndarray
) -> tuple[np.ndarray, float]:
    values = [value(space.from_units(row)) for row in units.tolist()]
    known = np.array([np.inf if one is None else one for one in values])
    return units[int(np.argmin(known))], float(known.min())
