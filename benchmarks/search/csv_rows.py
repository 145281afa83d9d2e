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


def write_rows(path: Path, rows: Sequence[Any]) -> None:
    """Write rows, at least one, in place of what the file had."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([one.name for one in fields(rows[0])])
        writer.writerows(map(astuple, rows))
