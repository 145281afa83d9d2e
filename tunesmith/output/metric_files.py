"""Scalars from the files with metrics that a program writes: JSON, JSON lines, CSV, MLflow's."""

import csv
import itertools
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.output import mlflow_files, wandb_files
from tunesmith.output.lines import flattened
from tunesmith.output.series import SeriesCollector
from tunesmith.output.vocabulary import counter_unit, is_metric, is_setting
from tunesmith.regular_file import open_regular
from tunesmith.scalar import ScalarSeries
from tunesmith.scalar_names import folded

MAX_BYTES = 64 * 2**20
"""Larger files are data, not metrics."""
MAX_FOLDERS = 2_000
"""Folders in which files are looked for."""
_NAMES = (
    *("*metrics.json", "*metric.json", "*scores.json", "*history.json", "*results.json"),
    *("trainer_state.json", wandb_files.SUMMARY, "*.wandb", mlflow_files.DATABASE),
    *("*metrics.csv", "*scores.csv", "*history.csv", "*results.csv", "*progress.csv"),
    *("*log.csv", "*logs.csv", "*loss.csv", "*losses.csv"),
    "*.jsonl",
)
_SKIPPED = frozenset(("node_modules", "site-packages", "__pycache__"))
_STEPS = ("step", "iteration", "update", "epoch", "round", "episode", "batch")
"""The units of counters, those first that never begin again."""


class _Point(NamedTuple):
    name: str
    step: int | None
    value: float
    unit: str = ""


def read_metric_files(
    directory: Path,
    *,
    since: float,
    named: Sequence[str] = (),
    is_flag: Callable[[str], bool] = lambda name: False,
    skipped: str = "",
) -> list[ScalarSeries]:
    """Return the scalars of the files with metrics under a directory.

    A tag is the name in the file. Where an earlier file, by its path, has the same tag, the name
    of the later one's folder stands before it, as ``val#loss``.

    Args:
        directory: Where the program ran.
        since: Files that were changed before are the project's own and left out; in seconds since
            1970, UTC.
        named: Paths or patterns of the only files that count; by default, those with the usual
            names.
        is_flag: Whether a folded name is that of a flag, which is no scalar.
        skipped: The name of a folder that is left out.
    """
    collector, taken = SeriesCollector(), dict[str, Path]()
    for path in _found(directory, since, named, skipped):
        points = [*_points(path)]
        kept = [one for one in points if not _is_left_out(one.name, is_flag)]
        if not named and not any(is_metric(one.name) for one in kept):
            continue
        own: set[str] = set()
        for one in kept:
            is_known = folded(one.name) in taken and folded(one.name) not in own
            name = f"{path.parent.name}#{one.name}" if is_known else one.name
            own.add(folded(name))
            collector.add(name, one.step, one.value, path.stat().st_mtime, one.unit)
        taken.update(dict.fromkeys(own, path))
    return collector.series()


def find_unwritten(directory: Path, *, since: float, named: Sequence[str]) -> list[str]:
    """Return the named paths and patterns of which no file was written.

    Args:
        directory: Where the program ran.
        since: When it began; files that were changed before are not its own.
        named: Paths or patterns.
    """
    return [one for one in named if not any(_found(directory, since, [one], ""))]


def _found(directory: Path, since: float, named: Sequence[str], skipped: str) -> Iterator[Path]:
    paths = _named(directory, named) if named else _usual(directory, skipped)
    for path in sorted(set(paths)):
        with suppress(OSError):
            status = path.stat()
            if status.st_mtime >= since and 0 < status.st_size <= MAX_BYTES:
                yield path


def _named(directory: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        path = directory / pattern
        if path.is_file():
            yield path
        elif not Path(pattern).is_absolute():
            yield from (found for found in directory.glob(pattern) if found.is_file())


def _usual(directory: Path, skipped: str) -> Iterator[Path]:
    for n_seen, (folder, folders, names) in enumerate(os.walk(directory)):
        if n_seen >= MAX_FOLDERS:
            return
        folders[:] = [
            name
            for name in folders
            if name != skipped and name not in _SKIPPED and not name.startswith(".")
        ]
        is_mlflow = mlflow_files.is_mlflow_folder(Path(folder))
        if wandb_files.SUMMARY in names and wandb_files.is_beside_log(Path(folder)):
            names.remove(wandb_files.SUMMARY)
        for name in names:
            if is_mlflow or any(fnmatch(name, pattern) for pattern in _NAMES):
                yield Path(folder, name)


def _points(path: Path) -> Iterator[_Point]:
    """Yield what a file reports; nothing more where it cannot be read on."""
    with suppress(OSError, ValueError, RecursionError, csv.Error), open_regular(path) as file:
        data = file.read(MAX_BYTES)
        if mlflow_files.is_database(path):
            yield from itertools.starmap(_Point, mlflow_files.of_database(data))
            return
        if wandb_files.is_wandb_file(path):
            yield from _of_rows(wandb_files.logged_rows(data))
            return
        text = data.decode(errors="replace")
        if (points := mlflow_files.of_file(path, text)) is not None:
            yield from itertools.starmap(_Point, points)
        elif path.suffix == ".csv":
            yield from _of_rows(csv.DictReader(text.splitlines(), skipinitialspace=True))
        elif path.suffix == ".jsonl":
            yield from _of_rows(_json_lines(text))
        else:
            yield from _of_json(json.loads(text))


def _json_lines(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        with suppress(ValueError):  # the last line may be incomplete
            plain = json.loads(line)
            if isinstance(plain, Mapping):
                yield plain


def _of_json(plain: Any) -> Iterator[_Point]:
    """Yield the numbers of a mapping, of its lists, or of a list of mappings."""
    if isinstance(plain, list):
        yield from _of_rows(one for one in plain if isinstance(one, Mapping))
    elif isinstance(plain, Mapping):
        history = plain.get("log_history")  # transformers
        if isinstance(history, list):
            yield from _of_json(history)
            return
        yield from _of_rows([plain])
        for name, values in plain.items():
            if isinstance(values, list) and counter_unit(name) is None:
                numbers = [value for value in values if _is_number(value)]
                if len(numbers) == len(values):
                    yield from (_Point(name, None, float(value)) for value in numbers)


def _of_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[_Point]:
    for row in rows:
        values, steps = dict[str, float](), dict[str, int]()
        for name, value in flattened({_clean(key): _number(one) for key, one in row.items()}):
            unit = counter_unit(name)
            if unit is None:
                values[name] = value
            elif math.isfinite(value) and value == int(value):
                steps[unit] = int(value)
        unit = next((unit for unit in _STEPS if unit in steps), "")
        yield from (_Point(name, steps.get(unit), value, unit) for name, value in values.items())


def _clean(key: object) -> str:
    return str(key).strip().strip("\ufeff")


def _number(value: object) -> object:
    """Return a cell's number; what is none stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return float(value) if "_" not in value else value
    except ValueError:
        return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_left_out(name: str, is_flag: Callable[[str], bool]) -> bool:
    return is_flag(folded(name)) or is_setting(name) or name.startswith("_")
