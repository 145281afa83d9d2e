"""Tables as Parquet files, which a user asked for and whose path they chose."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tunesmith.output_file import output_file
from tunesmith.storage.records.parquet import arrow

TableCell = int | float | str | bool | datetime | None
"""A value of a table; None where it is missing."""
_INT64 = range(-(2**63), 2**63)


def write_parquet(path: Path, columns: Mapping[str, Sequence[TableCell]]) -> None:
    """Write a Parquet file, completely or not at all.

    A column has the narrowest type that holds all its values: bool, int64, double, a time in UTC
    to the microsecond, else text.

    Args:
        path: The file.
        columns: The values by heading; all columns have the same length.

    Raises:
        UsageError: The folder does not exist, or the name is a folder's.
        TunesmithError: The system refuses to write.
    """
    with output_file(path) as draft:
        table = arrow().table({name: _array(values) for name, values in columns.items()})
        arrow().parquet.write_table(table, draft)


def _array(values: Sequence[TableCell]) -> Any:
    pa = arrow()
    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {datetime}:
        return pa.array(values, pa.timestamp("us", "UTC"))
    if kinds == {int} and all(value in _INT64 for value in present):
        return pa.array(values, pa.int64())
    if kinds and kinds <= {int, float}:
        numbers = [float(value) if isinstance(value, int | float) else None for value in values]
        return pa.array(numbers, pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())
