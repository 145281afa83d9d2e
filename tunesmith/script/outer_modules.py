"""The modules that a script takes from folders above the project, by way of ``sys.path``.

``sys.path.append(os.path.join(os.path.dirname(__file__), ".."))`` and the like let a script in a
folder of a larger project import what stands beside that folder.
"""

import ast
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tunesmith.errors import ScriptError
from tunesmith.script.imports import imported_modules
from tunesmith.script.path_prefixes import OWN_FOLDER, called_name, prefix_of
from tunesmith.script.source import parse_source, read_source

MAX_FILES = 1_000
"""The most Python files that are read for the modules that they import."""
_CHANGES = frozenset({"append", "insert", "extend"})


def outer_modules(script: Path, project: Path) -> list[str]:
    """Return the modules from above a project that a script imports, and those that they import.

    Args:
        script: The script.
        project: The folder of which trials get a copy, without links.

    Returns:
        Files and folders, by their paths from the project, which begin with ``..``.
    """
    waiting, seen = [script], set[Path]()
    roots: list[Path] = []
    names: set[str] = set()
    found: dict[str, Path] = {}
    while waiting and len(seen) < MAX_FILES:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        tree = _parsed(file, is_wanted=bool(roots))
        if tree is None:
            continue
        roots += [one for one in _roots(tree, file.parent, project) if one not in roots]
        names |= imported_modules(tree)
        if not roots:  # a module beside the script may change the path for it
            waiting += [one for name in names if (one := script.parent / f"{name}.py").is_file()]
            continue
        for name in sorted(names - found.keys()):
            if (place := _place(name, roots, [script.parent, project])) is not None:
                found[name] = place
                waiting += _files(place)
    return sorted(Path(os.path.relpath(one, project)).as_posix() for one in found.values())


def _parsed(file: Path, *, is_wanted: bool) -> ast.Module | None:
    """Return the syntax tree of a file; None where it cannot be read, or changes no path."""
    try:
        text = read_source(file)
        return parse_source(text, str(file)) if is_wanted or "sys" in text else None
    except ScriptError:
        return None


def _roots(tree: ast.Module, beside: Path, project: Path) -> Iterator[Path]:
    """Yield the folders above a project that a module adds to the path of imports."""
    folders: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if (prefix := prefix_of(node.value, folders)) and prefix[1]:
                folders.setdefault(node.targets[0].id, prefix[0])
        elif isinstance(node, ast.Call) and node.args and called_name(node) in _CHANGES:
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if isinstance(owner, ast.Attribute) and owner.attr == "path":
                for one in _items(node.args[-1]):
                    yield from _above(prefix_of(one, folders), beside, project)


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.List | ast.Tuple) else [node]


def _above(prefix: tuple[str, bool] | None, beside: Path, project: Path) -> Iterator[Path]:
    if prefix is None or not prefix[1] or "\0" in prefix[0].removeprefix(OWN_FOLDER):
        return
    start = beside if prefix[0].startswith(OWN_FOLDER) else project
    path = Path(os.path.normpath(start / prefix[0].removeprefix(OWN_FOLDER).lstrip("/")))
    is_given = prefix[0].startswith("/")
    if not is_given and path != project and project.is_relative_to(path):
        yield path


def _place(name: str, roots: list[Path], nearer: list[Path]) -> Path | None:
    """Return where a module is found above the project, unless it is nearer."""
    for folder in nearer:
        if (folder / f"{name}.py").is_file() or (folder / name).is_dir():
            return None
    for root in roots:
        if nearer[-1].is_relative_to(root / name):  # the project itself
            continue
        if any(True for _ in (root / name).glob("*.py")) or (root / name / "__init__.py").exists():
            return root / name
        if (root / f"{name}.py").is_file():
            return root / f"{name}.py"
    return None


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(islice(place.rglob("*.py"), MAX_FILES))
