"""BBOB's functions, as ``coco-experiment`` computes them: smooth, of mixed kinds, and with noise.

The noise is the strongest Gaussian one of BBOB's noisy functions: the distance to the minimum
is multiplied by ``exp(N(0, 1))`` (Hansen, Finck, Ros and Auger 2009, INRIA research report 6869).
"""

import tempfile
from collections.abc import Callable
from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tabulated import cached_array

from public.task import Suite, Task
from tunesmith.flags.values import Flags

N_SPAN = 1000
"""Random points of which the median is taken."""
NOISY = (1, 3, 5, 6, 8, 10, 13, 14, 15, 21)
"""The functions that are searched with noise too."""
INSTANCE = 1
FUNCTIONS = range(1, 25)


def black_boxes() -> dict[str, Callable[[], Task]]:
    """Return what makes each task, by name: 24 functions of floats and of mixed kinds, and noisy.

    All have 5 dimensions.
    """
    numbers = {Suite.BBOB: FUNCTIONS, Suite.BBOB_MIXED: FUNCTIONS, Suite.BBOB_NOISY: NOISY}
    return {
        f"{suite}-f{number}": partial(_task, suite, number)
        for suite, chosen in numbers.items()
        for number in chosen
    }


def _task(suite: Suite, number: int) -> Task:
    problem = _problem(suite, number)
    bounds = list(zip(problem.lower_bounds, problem.upper_bounds, strict=True))
    whole = problem.number_of_integer_variables
    settings = {
        f"x{i}": f"[{int(low)}:{int(high)}]" if i <= whole else f"[{float(low)}:{float(high)}]"
        for i, (low, high) in enumerate(bounds, 1)
    }
    least, span = cached_array(f"{suite}-{number}", partial(_scale, problem, whole))
    value = partial(_value, problem)
    return Task(
        name=f"{suite}-f{number}",
        suite=suite,
        settings=settings,
        value=value,
        observe=partial(_noisy, value, float(least)) if suite is Suite.BBOB_NOISY else None,
        minimum=float(least),
        span=float(span),
    )


def _problem(suite: Suite, number: int) -> Any:
    import cocoex

    name = "bbob-mixint" if suite is Suite.BBOB_MIXED else "bbob"
    found = cocoex.Suite(
        name,
        "",
        f"function_indices:{number} dimensions:5 instance_indices:{INSTANCE}",
    )
    return _Kept(found)


class _Kept:
    """The first problem of a suite, with the suite, which frees it when it is gone."""

    def __init__(self, suite: Any) -> None:
        self._suite = suite
        self._problem = suite[0]

    def __call__(self, point: np.ndarray) -> float:
        return float(self._problem(point))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._problem, name)


def _scale(problem: Any, whole: int) -> np.ndarray:
    """Return a function's minimum, and how far above it half of the random points lie."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # it writes a file there
        problem._problem._best_parameter("print")
        [path] = Path(folder).glob("*best_parameter*")
        best = np.array(path.read_text().split(), dtype=float)
    rng = np.random.default_rng(0)
    low, high = problem.lower_bounds, problem.upper_bounds
    points = low + rng.random((N_SPAN, len(low))) * (high - low)
    points[:, :whole] = np.round(points[:, :whole])
    least = problem(best)
    return np.array([least, float(np.median([problem(one) for one in points])) - least])


def _value(problem: Any, flags: Flags) -> float:
    names = [f"x{i}" for i in range(1, problem.dimension + 1)]
    return float(problem(np.array([flags[name] for name in names], dtype=float)))


def _noisy(value: partial[float], least: float, flags: Flags, rng: np.random.Generator) -> float:
    return least + (value(flags) - least) * float(np.exp(rng.standard_normal()))
