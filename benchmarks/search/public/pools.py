"""HPO-B and LCBench: evaluated configurations, of which the nearest to a point is its result.

Both come with ``bocode``. Its HPO-B is a version with logarithms mended, in coordinates of the
unit interval; figures for it are not those of papers on HPO-B.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from problem import number_of

from public.hpob_columns import COLUMNS
from public.packages import data_folder
from public.task import Suite, Task
from tunesmith.flags.values import Flags

MOST_STEPS = 64
"""A column with at most so many values is one of whole numbers, where they are evenly spaced."""
OTHER = "other"
"""The category of rows in which none of the columns of a category is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Configurations: numbers of the unit interval, categories by position, and costs."""

    numbers: np.ndarray
    """One row a configuration; NaN where a number does not apply."""
    categories: np.ndarray
    costs: np.ndarray

    def nearest(self, numbers: Sequence[float], categories: Sequence[int]) -> int:
        """Return the row that is nearest to a point.

        A category that differs counts as a number at the other end of its interval; a number that
        does not apply to a row counts nothing.
        """
        apart = np.nansum((self.numbers - np.asarray(numbers)) ** 2, axis=1)
        if len(categories):
            apart += (self.categories != np.asarray(categories)).sum(axis=1)
        return int(np.argmin(apart))


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A flag of a pool that is a number."""

    name: str
    steps: int | None = None
    """The last of whole numbers from 0 that stand for its unit interval; None for floats."""

    @property
    def setting(self) -> str:
        """What the flag may be, in Tunesmith's own language."""
        return "[0.0:1.0]" if self.steps is None else f"[0:{self.steps}]"

    def unit(self, flags: Flags) -> float:
        """Return its coordinate."""
        return number_of(flags, self.name) / (self.steps or 1)


def pool_tasks() -> dict[str, Callable[[], Task]]:
    """Return what makes each task of HPO-B and LCBench, by name."""
    folder = data_folder("bocode", "opt_problems", "hpo", "data")
    hpo_b, lcbench = folder / "hpob_data.npz", folder / "lcbench_data.npz"
    return {
        **{f"hpob-{name}": partial(_hpo_b_task, name, hpo_b) for name in _names(hpo_b)},
        **{f"lcbench-{name}": partial(_lcbench_task, name, lcbench) for name in _names(lcbench)},
    }


def _names(path: Path) -> list[str]:
    with np.load(path, allow_pickle=False) as tables:
        return sorted(tables.files)


def _table(path: Path, name: str) -> np.ndarray:
    with np.load(path, allow_pickle=False) as tables:
        return np.asarray(tables[name], dtype=float)


def _hpo_b_task(name: str, path: Path) -> Task:
    table = _table(path, name)
    columns = COLUMNS[name.partition("_")[0]]
    values = dict(zip(columns, table.T, strict=False))
    joined = _joined(values)
    numbers = {one: values[one].copy() for one in columns if not _is_mark(one)}
    for one, column in numbers.items():
        if (missing := values.get(f"{one}.na")) is not None:
            column[missing > 0.5] = np.nan
    numbers = {one: column for one, column in numbers.items() if _varies(column)}
    known = [_number(one, column) for one, column in numbers.items()]
    pool = Pool(
        numbers=np.column_stack(list(numbers.values())),
        categories=np.column_stack([codes for codes, _ in joined.values()])
        if joined
        else np.empty((len(table), 0)),
        costs=-table[:, -1],
    )
    words = {one: labels for one, (_, labels) in joined.items()}
    return _task(f"hpob-{name}", Suite.HPO_B, pool, known, words)


def _is_mark(column: str) -> bool:
    return column.endswith(".na") or ".ohe." in column


def _varies(column: np.ndarray) -> bool:
    present = column[~np.isnan(column)]
    return len(present) > 0 and bool(np.ptp(present) > 0)


def _number(name: str, column: np.ndarray) -> Number:
    levels = np.unique(column[~np.isnan(column)])
    if len(levels) > MOST_STEPS:
        return Number(name=name)
    gaps = np.diff(levels)
    steps = round(1 / float(gaps.min()))
    is_even = np.allclose(levels * steps, np.round(levels * steps), atol=1e-3)
    return Number(name=name, steps=steps if is_even and steps <= MOST_STEPS else None)


def _joined(values: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, list[str]]]:
    """Return the categories that columns of marks stand for: codes by row, and their words.

    A mark that a number is missing is one of its own, unless the other categories decide it.
    """
    found: dict[str, tuple[np.ndarray, list[str]]] = {}
    for column in values:
        name, is_one, _ = column.partition(".ohe._")
        if is_one and name not in found:
            found[name] = _one_hot(name, values)
    keys = np.column_stack([codes for codes, _ in found.values()]) if found else None
    for column, marks in values.items():
        if column.endswith(".na") and 0 < marks.mean() < 1 and not _is_decided(keys, marks):
            found[column.removesuffix(".na") + "_is"] = (marks.astype(int), ["set", "default"])
    return {name: pair for name, pair in found.items() if np.ptp(pair[0]) > 0}


def _one_hot(name: str, values: dict[str, np.ndarray]) -> tuple[np.ndarray, list[str]]:
    columns = [one for one in values if one.startswith(f"{name}.ohe._")]
    marks = np.column_stack([values[one] for one in columns])
    codes = np.where(marks.max(axis=1) > 0.5, marks.argmax(axis=1), len(columns))
    words = [one.partition(".ohe._")[2].lower() for one in columns] + [OTHER]
    used = sorted(set(codes.tolist()))
    return np.searchsorted(used, codes), [words[code] for code in used]


def _is_decided(keys: np.ndarray | None, marks: np.ndarray) -> bool:
    if keys is None:
        return False
    _, groups = np.unique(keys, axis=0, return_inverse=True)
    shares = [marks[groups.ravel() == group].mean() for group in range(groups.max() + 1)]
    return all(share < 0.02 or share > 0.98 for share in shares)


_LCBENCH = {
    "batch_size": "loguniform[16:512]",
    "learning_rate": "loguniform[0.0001:0.1]",
    "max_dropout": "[0.0:1.0]",
    "max_units": "loguniform[64:1024]",
    "momentum": "[0.1:0.99]",
    "num_layers": "[1:5]",
    "weight_decay": "[0.00001:0.1]",
}
"""The spaces that the configurations were drawn from (Zimmer, Lindauer and Hutter 2021)."""
_LCBENCH_LOG = ("batch_size", "learning_rate", "max_units")


def _lcbench_task(name: str, path: Path) -> Task:
    """Return a task of LCBench: the accuracy of a network after its last epoch."""
    table = _table(path, name)
    logs = [one in _LCBENCH_LOG for one in _LCBENCH]
    raw = table[:, :-1].copy()
    raw[:, logs] = np.log(raw[:, logs])
    low, span = raw.min(axis=0), np.ptp(raw, axis=0)
    pool = Pool(
        numbers=(raw - low) / span, categories=np.empty((len(table), 0)), costs=-table[:, -1]
    )

    def value(flags: Flags) -> float:
        point = np.array([number_of(flags, one) for one in _LCBENCH])
        point[logs] = np.log(point[logs])
        return float(pool.costs[pool.nearest((point - low) / span, [])])

    return Task(
        name=f"lcbench-{name}",
        suite=Suite.LCBENCH,
        settings=_LCBENCH,
        integers=frozenset({"batch_size", "max_units"}),
        value=value,
        minimum=float(pool.costs.min()),
        span=float(np.ptp(pool.costs)),
    )


def _task(
    name: str, suite: Suite, pool: Pool, numbers: Sequence[Number], words: dict[str, list[str]]
) -> Task:
    settings = {one.name: one.setting for one in numbers}
    settings |= {one: f"[{', '.join(labels)}]" for one, labels in words.items()}
    return Task(
        name=name,
        suite=suite,
        settings=settings,
        value=partial(_value, pool, tuple(numbers), words),
        minimum=float(pool.costs.min()),
        span=float(np.ptp(pool.costs)),
    )


def _value(
    pool: Pool, numbers: Sequence[Number], words: dict[str, list[str]], flags: Flags
) -> float:
    codes = [labels.index(str(flags[one]).lower()) for one, labels in words.items()]
    return float(pool.costs[pool.nearest([one.unit(flags) for one in numbers], codes)])
