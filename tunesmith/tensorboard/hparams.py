"""The flags of runs as TensorBoard's hyperparameters, each with one type per log directory.

A flag with values of several types becomes a string: TensorBoard's parallel coordinates cannot
show a column of mixed types.
"""

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum

from tunesmith.flags.display import format_value
from tunesmith.flags.values import FlagValue
from tunesmith.trial import Run, short_id

SOURCECODE = "sourcecode"
TIME = "time"
"""The metric that every finished run has: its wall time in seconds."""
PRUNED = "pruned"
"""The metric that tells pruned runs, with 1, from others, with 0, where some may be pruned: what a
pruned run reported last is not its result, and HPARAMS can leave out runs by a metric alone."""
MAX_EXACT_INT = 2**53
"""TensorBoard stores numbers as doubles, which are exact for whole numbers up to this one."""

HParam = bool | float | str
"""A value as TensorBoard takes it."""


class HParamType(StrEnum):
    """The type of a hyperparameter."""

    BOOL = "DATA_TYPE_BOOL"
    NUMBER = "DATA_TYPE_FLOAT64"
    TEXT = "DATA_TYPE_STRING"


def flags_of(run: Run) -> dict[str, FlagValue]:
    """Return the flags of a run and the digest of its source code; a flag of that name wins."""
    return {SOURCECODE: short_id(run.source_digest), **run.flags}


def hparam_types(runs: Iterable[Run]) -> dict[str, HParamType]:
    """Return the type of each flag over all runs, by name; without flags that are always null."""
    values: dict[str, list[FlagValue]] = {}
    for run in runs:
        for name, value in flags_of(run).items():
            if value is not None:
                values.setdefault(name, []).append(value)
    return {name: _type_of(values[name]) for name in sorted(values)}


def to_hparams(run: Run, types: Mapping[str, HParamType]) -> dict[str, HParam]:
    """Return the flags of a run in their types, without null and values of another type."""
    return {
        name: converted
        for name, value in sorted(flags_of(run).items())
        if name in types and (converted := _convert(value, types[name])) is not None
    }


def _type_of(values: Iterable[FlagValue]) -> HParamType:
    kinds = {_kind_of(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else HParamType.TEXT


def _kind_of(value: FlagValue) -> HParamType:
    if isinstance(value, bool):
        return HParamType.BOOL
    if isinstance(value, int) and abs(value) <= MAX_EXACT_INT:
        return HParamType.NUMBER
    if isinstance(value, float) and math.isfinite(value):
        return HParamType.NUMBER
    return HParamType.TEXT


def _convert(value: FlagValue, wanted: HParamType) -> HParam | None:
    if value is None:
        return None
    if wanted is HParamType.TEXT:
        return value if isinstance(value, str) else format_value(value, is_exact=True)
    if _kind_of(value) is not wanted:
        return None
    if isinstance(value, bool):
        return value
    return float(value) if isinstance(value, int | float) else None
