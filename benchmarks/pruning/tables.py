"""Tables of learning curves: as trials that have run, and as a space to search."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.search.pruning.judging import Trace
from tunesmith.search.space import SearchSpace

CURVES = Path(__file__).parent / "curves.npz"
DIGITS = 9
"""Values are kept as 32-bit floats; equal ones are equal again after rounding."""


@dataclass(frozen=True)
class Table:
    """The trials of one task, each of which has run to its end."""

    name: str
    traces: Sequence[Trace]
    """In the order of the file, numbered from 0."""
    space: SearchSpace | None
    """None where the file does not say it."""

    @property
    def ends(self) -> list[float]:
        """The last costs, those that are finite."""
        ends = [trace.costs[-1] for trace in self.traces]
        return [end for end in ends if math.isfinite(end)]


def load(path: Path = CURVES, *, is_minimum: bool = False) -> list[Table]:
    """Return the tables of a file; with minima, each point is the best so far."""
    with np.load(path) as data:
        return [_table(data, str(name), is_minimum) for name in data["names"]]


def _table(data: Any, name: str, is_minimum: bool) -> Table:
    sign = -1.0 if str(data[f"{name}/metric"]) == "acc" else 1.0
    flags = json.loads(str(data[f"{name}/flags"]))
    traces = []
    for number, (row, length) in enumerate(
        zip(data[f"{name}/val"], data[f"{name}/length"], strict=True)
    ):
        costs = [sign * round(float(value), DIGITS) for value in row[:length]]
        if is_minimum:
            costs = list(accumulate(costs, lambda a, b: b if b < a or a != a else a))
        traces.append(Trace(number=number, costs=costs, is_finished=True, flags=flags[number]))
    space = f"{name}/space"
    return Table(name, traces, _space(json.loads(str(data[space]))) if space in data else None)


def _space(dimensions: dict[str, list[Any]]) -> SearchSpace:
    return SearchSpace.from_settings({key: _setting(*one) for key, one in dimensions.items()})


def _setting(kind: str, *values: FlagValue) -> Setting:
    if kind == "cat":
        words = {True: "yes", False: "no"}
        texts = [words[v] if isinstance(v, bool) else str(v) for v in values]
        return read_setting(f"[{','.join(texts)}]")
    low, high = values
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    if kind == "intlog":
        text = f"loguniform[{low}:{high}]"
        return Distribution(low=int(low), high=int(high), is_log=True, is_integer=True, text=text)
    if kind == "log":
        return read_setting(f"loguniform[{float(low)!r}:{float(high)!r}]")
    if kind == "real":
        return read_setting(f"[{float(low)!r}:{float(high)!r}]")
    return read_setting(f"[{low}:{high}]")
