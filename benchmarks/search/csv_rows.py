"""Results as the rows of a CSV file, one dataclass each: a program that was stopped goes on."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def read_rows(path: Path, kind: type[T]) -> list[T]:
    """Return the rows of a file; none where it is not there.

    Args:
        path: The file.
        kind: A dataclass whose fields are text or numbers.
    """
    if not path.exists():
        return []
    types: dict[str, Any] = {one.name: one.type for one in fields(kind)}  # type: ignore[arg-type]
    with path.open(newline="") as file:
        return [
            kind(**{name: types[name](text) for name, text in row.items()})
            for row in csv.DictReader(file)
        ]


def write_rows(path: Path, rows: Sequence[Any], *, digits: int | None = None) -> None:
    """Write rows, at least one, in place of what the file had.

    Args:
        path: The file.
        rows: Of one dataclass each.
        digits: The significant digits of numbers with a point, by default all.
    """
    part = path.with_suffix(".part")  # who stops the program loses nothing
    with part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([one.name for one in fields(rows[0])])
        writer.writerows([_cell(value, digits) for value in astuple(row)] for row in rows)
    part.replace(path)


def _cell(value: Any, digits: int | None) -> Any:
    return value if digits is None or not isinstance(value, float) else f"{value:.{digits}g}"
