"""Metrics that MLflow keeps beside a program: a file each below ``mlruns``, or its database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path, PurePath

DATABASE = "mlflow.db"
"""Where MLflow 3.7 and later keep runs, unless the program says otherwise."""
_DATABASES = (".db", ".sqlite", ".sqlite3")
_FOLDER = "metrics"
_MAX_ROWS = 1_000_000
_MAX_WORK = 10_000
"""Calls of a thousand steps of SQLite each: a file may ask for more than it holds."""
_OLD_JOURNAL = b"\1\1"
"""What stands at bytes 18 and 19 of a database that needs no second file."""

MlflowPoint = tuple[str, int | None, float]
"""A metric's name, its step and its value."""


def is_mlflow_folder(folder: Path) -> bool:
    """Return whether a folder has the files of metrics, one each; ``eval/f1`` is in a folder."""
    return _name_in(folder / "any") is not None


def is_database(path: PurePath) -> bool:
    """Return whether a file is a database by its name."""
    return path.suffix in _DATABASES


def of_file(path: Path, text: str) -> Iterator[MlflowPoint] | None:
    """Return the points of a metric's file, a line each; None if it is no such file."""
    name = _name_in(path)
    return None if name is None else _of_lines(name, text)


def of_database(data: bytes) -> Iterator[MlflowPoint]:
    """Yield the points of a database; none where it is not MLflow's or is broken.

    It is read from memory: nothing is written beside the program's file, and no lock is taken.
    """
    data = data[:18] + _OLD_JOURNAL + data[20:]
    n_calls = 0

    def is_too_much() -> bool:
        nonlocal n_calls
        n_calls += 1
        return n_calls > _MAX_WORK

    with suppress(sqlite3.Error), closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.set_progress_handler(is_too_much, 1_000)
        rows = connection.execute(
            "SELECT key, step, value, is_nan FROM metrics ORDER BY rowid LIMIT ?", (_MAX_ROWS,)
        )
        for name, step, value, is_nan in rows:
            if isinstance(name, str) and isinstance(value, int | float):
                number = float("nan") if is_nan else float(value)
                yield name, step if isinstance(step, int) else None, number


def _name_in(path: PurePath) -> str | None:
    """Return the name of the metric that a file below ``mlruns`` holds; None if it holds none."""
    parts = path.parts
    if "mlruns" not in parts:
        return None
    below = parts[parts.index("mlruns") + 1 :]
    at = below.index(_FOLDER) + 1 if _FOLDER in below else len(below)
    return "/".join(below[at:]) or None


def _of_lines(name: str, text: str) -> Iterator[MlflowPoint]:
    """Yield the points of a file whose lines have a time, a value and a step."""
    for line in text.splitlines():
        _, value, *step = line.split()
        yield name, int(step[0]) if step else None, float(value)
