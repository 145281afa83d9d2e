"""Notebooks: their flags are assignments of their cells, which a trial's copy has other values of.

Lines that are no Python, as ``%matplotlib inline`` and ``!pip install``, are left as they are.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tunesmith.errors import ScriptError
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.flags.secret_values import mask_defaults
from tunesmith.flags.values import FlagValue
from tunesmith.script.global_flags import read_globals
from tunesmith.script.rewrite import rewrite_globals

NOTEBOOK = ".ipynb"
"""What the name of a notebook ends with."""
TAG = "parameters"
"""The tag of the cell that alone has the flags, as papermill knows it."""
_PYTHON_MAGICS = ("time", "timeit", "capture", "prun")
"""Magics of a whole cell whose rest is Python."""
_MAGIC = re.compile(r"(?P<indent>\s*)(?:[%!?]|[\w., \t*()\[\]]+=\s*[%!]|.*\?\s*$)")


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its lines, and what of them is Python."""

    index: int
    lines: tuple[str, ...]
    python: tuple[str, ...]


def read_notebook_flags(path: Path) -> ScriptFlags:
    """Return a flag for each assignment at the top of a notebook's cells.

    Raises:
        ScriptError: It cannot be read.
    """
    found = notebook_flags(_text_of(path), name=path.name)
    return mask_defaults(found)


def notebook_flags(text: str, *, name: str) -> ScriptFlags:
    """Return the flags of a notebook's text; a cell that is tagged has all of them.

    Args:
        text: The notebook.
        name: Its name, for messages.

    Raises:
        ScriptError: It is no notebook.
    """
    code = _code(_chosen(_cells(parse_notebook(text, name))))
    found = read_globals(code, ast.parse(code))
    return replace(found, source=FlagSource.NOTEBOOK)


def rewrite_notebook(text: str, values: Mapping[str, FlagValue]) -> str:
    """Return a notebook in which the assignments have other values.

    Raises:
        FlagError: It assigns no such name.
        ScriptError: It is no notebook.
    """
    plain = parse_notebook(text, "the notebook")
    cells = _chosen(_cells(plain))
    lines = rewrite_globals(_code(cells), values).split("\n")
    for cell in cells:
        new, lines = lines[: len(cell.lines)], lines[len(cell.lines) :]
        both = zip(cell.lines, cell.python, new, strict=True)
        source = [line if python == now else now for line, python, now in both]
        plain["cells"][cell.index]["source"] = "\n".join(source)
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScriptError(f"{str(path)!r} is no notebook: it is not UTF-8 text") from error


def parse_notebook(text: str, name: str) -> dict[str, Any]:
    """Return a notebook as plain values.

    Raises:
        ScriptError: It is none, or one in another language than Python.
    """
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise ScriptError(f"{name} is no notebook: {error}") from error
    if not isinstance(plain, dict) or not isinstance(plain.get("cells"), list):
        raise ScriptError(
            f"{name} is no notebook of format 4: convert it with jupyter nbconvert --to notebook"
        )
    language = plain.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise ScriptError(
            f"{name} is a notebook in {language}: flags are found in notebooks in Python only"
        )
    return plain


def _cells(plain: Mapping[str, Any]) -> list[tuple[Cell, bool]]:
    """Return the code cells, and whether each is tagged."""
    found = []
    for index, cell in enumerate(plain["cells"]):
        if cell.get("cell_type") == "code":
            source = cell.get("source", "")
            lines = ("".join(source) if isinstance(source, list) else source).split("\n")
            is_tagged = TAG in cell.get("metadata", {}).get("tags", ())
            found.append((Cell(index, tuple(lines), tuple(_python(lines))), is_tagged))
    return found


def code_cells(plain: Mapping[str, Any]) -> list[Cell]:
    """Return the code cells of a notebook."""
    return [cell for cell, _ in _cells(plain)]


def _chosen(cells: Sequence[tuple[Cell, bool]]) -> list[Cell]:
    """Return the cells that have the flags: those that are tagged, or all."""
    tagged = [cell for cell, is_tagged in cells if is_tagged]
    code = _code(tagged)
    return tagged if read_globals(code, ast.parse(code)).settable else [cell for cell, _ in cells]


def _code(cells: Sequence[Cell]) -> str:
    return "\n".join(line for cell in cells for line in cell.python)


def _python(lines: Sequence[str]) -> list[str]:
    """Return the lines of a cell with ``pass`` for what is no Python; all empty if that fails."""
    if _parses(lines):
        return list(lines)
    first = next((line.strip() for line in lines if line.strip()), "")
    words = first.removeprefix("%%").split()
    if first.startswith("%%") and (not words or words[0] not in _PYTHON_MAGICS):
        return [""] * len(lines)
    masked = list(_masked(lines))
    return masked if _parses(masked) else [""] * len(lines)


def _masked(lines: Sequence[str]) -> Iterator[str]:
    goes_on = False
    for line in lines:
        magic = _MAGIC.match(line)
        if goes_on or magic:
            yield f"{magic['indent'] if magic and not goes_on else ''}{'' if goes_on else 'pass'}"
            goes_on = line.rstrip().endswith("\\")
        else:
            yield line


def _parses(lines: Sequence[str]) -> bool:
    try:
        ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
