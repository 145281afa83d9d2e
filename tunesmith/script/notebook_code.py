"""The Python in a notebook's code cells as one text, and back.

Lines that are no Python are comments in it, by which they are found again.
"""

import json
import re

from tunesmith.script.notebook import Cell, code_cells, parse_notebook

_CELL = re.compile(r"^# %% cell (\d+)$")
_LINE = re.compile(r"^\s*(?:pass  )?# %% line (\d+)$")


def notebook_code(text: str, *, name: str) -> str:
    """Return the code of all cells, in their order.

    Args:
        text: The notebook.
        name: Its name, for messages.

    Raises:
        ScriptError: It is no notebook in Python.
    """
    lines: list[str] = []
    for cell in code_cells(parse_notebook(text, name)):
        lines.append(f"# %% cell {cell.index}")
        lines += _marked(cell)
    return "\n".join(lines) + "\n"


def with_code(text: str, code: str) -> str:
    """Return a notebook with other code in its cells.

    Args:
        text: The notebook.
        code: What ``notebook_code`` has returned, with changes.

    Raises:
        ScriptError: It is no notebook in Python.
    """
    plain = parse_notebook(text, "it")
    cells = {cell.index: cell for cell in code_cells(plain)}
    sources: dict[int, list[str]] = {}
    current: list[str] = []
    cell: Cell | None = None
    for line in code.removesuffix("\n").split("\n"):
        if start := _CELL.match(line):
            cell = cells[int(start[1])]
            current = sources.setdefault(cell.index, [])
        elif cell is not None:
            known = _LINE.match(line)
            current.append(cell.lines[int(known[1])] if known else line)
    for index, source in sources.items():
        plain["cells"][index]["source"] = "\n".join(source)
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _marked(cell: Cell) -> list[str]:
    found = []
    for at, (line, python) in enumerate(zip(cell.lines, cell.python, strict=True)):
        is_python = line == python
        found.append(line if is_python else f"{python}{'  ' if python else ''}# %% line {at}")
    return found
