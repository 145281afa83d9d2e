"""The raw results of public tasks: a Parquet file for each mode, suite and method."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from public.task import Suite

RESULTS = Path(__file__).parents[1] / "results"
QUICK_RESULTS = Path(__file__).parents[1] / ".cache" / "quick"
"""Where the short form keeps its results, which belong to no report."""
SCHEMA = pa.schema([
    ("task", pa.string()),
    ("seed", pa.int16()),
    ("trial", pa.int16()),
    ("cost", pa.float64()),
    ("regret", pa.float32()),
    ("recommended", pa.float32()),
    ("cpu_s", pa.float32()),
])  # fmt: skip
"""A row for each trial in the order of finishing. ``trial`` counts that order from 1; ``cost`` is
what it reported, ``regret`` its own noise-free share of the span, ``recommended`` that of the
trial which is recommended after it, NaN where nobody asked, ``cpu_s`` what its proposal took."""

Rows = list[tuple[str, int, int, float, float, float, float]]


def path_of(folder: Path, mode: str, suite: Suite, method: str) -> Path:
    """Return the file of a mode, a suite and a method."""
    return folder / mode / f"{suite}--{method.replace(':', '_')}.parquet"


def read_rows(path: Path) -> pa.Table:
    """Return what a file has; an empty table where there is none."""
    if not path.exists():
        return SCHEMA.empty_table()
    return pq.read_table(path).cast(SCHEMA)


def done_runs(table: pa.Table, n_trials: int) -> set[tuple[str, int]]:
    """Return the tasks and seeds that have so many trials."""
    runs = zip(table["task"].to_pylist(), table["seed"].to_pylist(), strict=True)
    return {run for run, count in Counter(runs).items() if count >= n_trials}


def longest(table: pa.Table) -> int:
    """Return the trials of the longest search."""
    return max(table["trial"].to_pylist(), default=0)


def add_rows(path: Path, rows: Iterable[Rows]) -> None:
    """Add the trials of runs to a file, those of one task and seed in place of earlier ones."""
    new = [row for run in rows for row in run]
    if not new:
        return
    columns = list(zip(*new, strict=True))
    arrays = [
        pa.array(column, type=field.type) for column, field in zip(columns, SCHEMA, strict=True)
    ]
    added = pa.table(arrays, schema=SCHEMA)
    known = read_rows(path)
    replaced = {(row[0], row[1]) for row in new}
    runs = zip(known["task"].to_pylist(), known["seed"].to_pylist(), strict=True)
    kept = known.filter(pa.array([run not in replaced for run in runs], type=pa.bool_()))
    table = pa.concat_tables([kept, added])
    order = table.sort_by([("task", "ascending"), ("seed", "ascending"), ("trial", "ascending")])
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    pq.write_table(order, part, compression="zstd", compression_level=19)
    part.replace(path)


def curves(table: pa.Table, n_trials: int) -> dict[tuple[str, int], dict[str, np.ndarray]]:
    """Return for each task and seed what was found after each trial.

    ``observed`` is the regret of the best observed trial, infinite before the first that did not
    fail; ``recommended`` that of the recommended one where it was asked for, of the best observed
    one elsewhere; ``cpu_s`` is that of each proposal. A search that had nothing more to propose
    keeps its last values.
    """
    found: dict[tuple[str, int], dict[str, np.ndarray]] = {}
    if not len(table):
        return found
    plain = {name: table[name].to_numpy() for name in SCHEMA.names if name != "task"}
    tasks = np.array(table["task"].to_pylist())
    starts = np.flatnonzero(plain["trial"] == 1)
    for start, end in zip(starts, [*starts[1:], len(tasks)], strict=True):
        rows = slice(start, min(end, start + n_trials))
        costs = np.where(np.isnan(plain["cost"][rows]), np.inf, plain["cost"][rows])
        best = np.minimum.accumulate(costs)
        places = np.maximum.accumulate(np.where(costs <= best, np.arange(len(costs)), 0))
        observed = np.where(np.isinf(best), np.inf, plain["regret"][rows][places])
        asked = plain["recommended"][rows]
        curve = {
            "observed": observed,
            "recommended": np.where(np.isnan(asked), observed, asked),
            "cpu_s": plain["cpu_s"][rows],
        }
        run = (str(tasks[start]), int(plain["seed"][start]))
        found[run] = {name: _padded(values, n_trials) for name, values in curve.items()}
    return found


def _padded(values: np.ndarray, n: int) -> np.ndarray:
    return np.concatenate([values, np.repeat(values[-1:], n - len(values))])
