"""Batch files: one trial a row, as CSV, JSON or YAML."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import known_flag
from tunesmith.flags.coerce import check_value, read_typed
from tunesmith.flags.definition import FlagDefinition, FlagType, ScriptFlags
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.safe_yaml import YamlError, load_yaml
from tunesmith.flags.secret_values import check_row, masked_errors
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.flags.spelling import TextForm
from tunesmith.flags.values import FlagValue, to_plain

SUFFIXES = (".csv", ".json", ".yaml", ".yml")


def read_rows(
    text: str, *, name: str, script_flags: ScriptFlags, is_forced: bool = False
) -> list[dict[str, FlagValue]]:
    """Return the trials of a batch file; a missing or empty cell leaves a flag out.

    Args:
        text: The content of the file.
        name: The file's name, whose suffix says how to read it.
        script_flags: The script's flags.
        is_forced: Whether columns that are not flags of the script are passed as options; by
            default not.

    Raises:
        FlagError: The file cannot be read, or a cell does not fit its flag.
    """
    rows = []
    for number, cells in enumerate(_cells(text, name), start=1):
        place = f"{name} row {number}"
        rows.append(_read_row(cells, script_flags, place=place, is_forced=is_forced))
    return rows


def column_names(text: str, *, name: str) -> list[str]:
    """Return the names of the flags that a batch file sets.

    Raises:
        FlagError: The file cannot be read.
    """
    return list(dict.fromkeys(column for cells in _cells(text, name) for column in cells))


def _cells(text: str, name: str) -> list[Mapping[str, Any]]:
    suffix = PurePath(name).suffix.lower()
    text = text.removeprefix("\ufeff")
    if suffix == ".csv":
        return _csv_cells(text, name)
    if suffix == ".json":
        try:
            return _mappings(json.loads(text), name)
        except (ValueError, RecursionError) as error:
            raise FlagError(f"{name} is not JSON: {error}") from error
    if suffix in SUFFIXES:
        try:
            loaded = load_yaml(text)
        except YamlError as error:
            raise FlagError(f"{name} is not YAML: {error.reason}") from error
        return _mappings(loaded, name)
    raise FlagError(f"{name} is not a batch file: its name must end in {', '.join(SUFFIXES)}")


def _csv_cells(text: str, name: str) -> list[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise FlagError(f"{name} line {reader.line_num} is not CSV: {error}") from error
    names = [column.strip() for column in reader.fieldnames or ()]
    if len(set(names)) != len(names) or "" in names:
        raise FlagError(f"{name} has an unnamed or repeated column in its first row")
    for number, row in enumerate(rows, start=1):
        if None in row:
            raise FlagError(f"{name} row {number} has more cells than the first row has names")
    return [{k.strip(): cell for k, cell in row.items() if cell not in (None, "")} for row in rows]


def _mappings(loaded: Any, name: str) -> list[Mapping[str, Any]]:
    is_list = isinstance(loaded, list) and all(isinstance(row, dict) for row in loaded)
    if not is_list:
        raise FlagError(
            f"{name} has no rows: expected a list of objects, as in [{{x: 1}}, {{x: 2}}]"
        )
    return [{str(k): cell for k, cell in row.items() if cell is not None} for row in loaded]


def _read_row(
    cells: Mapping[str, Any], script_flags: ScriptFlags, *, place: str, is_forced: bool
) -> dict[str, FlagValue]:
    row: dict[str, FlagValue] = {}
    for column, cell in cells.items():
        flag = known_flag(script_flags, column, script=place, is_forced=is_forced)
        row[flag.name] = _read_cell(flag, cell, place)
    check_row(row, place=place)
    return row


def _to_text(flag: FlagDefinition, cell: Any) -> str:
    """Return a cell that is not a string as it is typed in a command: numbers and lists as JSON.

    Raises:
        FlagError: It is not a value, for example YAML's binary data.
    """
    plain = isinstance(cell, int | float)
    return json.dumps(cell if plain else to_plain(to_flag_value(cell, shown=flag.name)))


def _read_cell(flag: FlagDefinition, cell: Any, place: str) -> FlagValue:
    """Return one cell as a value of its flag.

    Raises:
        FlagError: It does not fit, or means several values.
    """
    try:
        with masked_errors(flag):
            return _read_value(flag, cell)
    except FlagError as error:
        raise FlagError(f"{place}: {error}") from error


def _read_value(flag: FlagDefinition, cell: Any) -> FlagValue:
    takes_lists = flag.takes_many or flag.is_repeated or flag.type is FlagType.ANY
    if isinstance(cell, dict) and flag.spelling and flag.spelling.form is TextForm.JSON:
        return json.dumps(cell)
    is_plain = isinstance(cell, str | int | float)
    if not is_plain and (takes_lists or not isinstance(cell, list)):
        return check_value(flag, to_flag_value(cell, shown=flag.name))
    text = cell if isinstance(cell, str) else _to_text(flag, cell)
    setting = read_typed(flag, text)
    if isinstance(setting, Choices) and takes_lists and text.lstrip().startswith("["):
        return check_value(flag, setting.values)  # a list is the value, not several
    if isinstance(setting, Choices | Distribution):
        raise FlagError(f"{cell!r} has several values: a cell of {flag.name} takes one")
    return setting
