"""The module that a file of a package is, by whose name Python has to run it."""

import ast
from dataclasses import dataclass
from pathlib import Path

from tunesmith.errors import ScriptError
from tunesmith.near_names import near_names
from tunesmith.script.imports import imported_modules
from tunesmith.script.source import parse_source, read_source

MAIN = "__main__.py"
"""The file that runs where a package is run."""
INIT = "__init__.py"
_ROOTS = ("", "src")
"""Folders of a project in which modules are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A module of a project."""

    name: str
    """As it is imported: ``pkg.train``; of a package that is run, ``pkg.__main__``."""
    file: Path
    root: Path
    """The folder from which it is imported."""


def find_module(name: str, folder: Path) -> Module | None:
    """Return the module of a name in a folder or its ``src``; None where there is none."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    for root in (folder / one for one in _ROOTS):
        path = root.joinpath(*parts)
        if (file := path.with_name(f"{path.name}.py")).is_file():
            return Module(name=name, file=file, root=root)
        if (file := path / MAIN).is_file():
            return Module(name=f"{name}.{Path(MAIN).stem}", file=file, root=root)
    return None


def near_module(name: str, folder: Path) -> str | None:
    """Return the module that a mistyped name may mean; None where none is near.

    Args:
        name: What was typed, with dots.
        folder: Where names of modules begin.
    """
    *above, last = name.split(".")
    if not above or not all(part.isidentifier() for part in above):
        return None
    for root in (folder / one for one in _ROOTS):
        names = sorted(path.stem for path in root.joinpath(*above).glob("*.py"))
        if near := near_names(last, names, n=1):
            return ".".join([*above, *near])
    return None


def module_of(file: Path, folder: Path) -> Module | None:
    """Return the module that a file can only be run as; None for a script.

    It is one where it imports relative to its package, or its own package by name. What a script
    imports by the names of its neighbours is found only where it runs by its path.

    Args:
        file: The file, absolute.
        folder: The folder from which names of modules begin where no package tells, absolute.
    """
    try:
        tree = parse_source(read_source(file), file.name)
    except ScriptError:  # whoever reads its flags tells
        return None
    level = max(_levels(tree), default=0)
    root = _root(file, level, folder) or _unmarked(tree, file, folder)
    if root is None or root == file.parent:
        return None
    parts = file.relative_to(root).with_suffix("").parts
    if not all(part.isidentifier() for part in parts):
        return None
    found = Module(name=".".join(parts), file=file, root=root)
    return found if level or _imports_itself(tree, file, parts[0]) else None


def _levels(tree: ast.Module) -> list[int]:
    """Return how many folders up the relative imports of a file lead."""
    return [
        node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level
    ]


def _root(file: Path, level: int, folder: Path) -> Path | None:
    """Return the folder from which a file is imported; None where no folder is deep enough.

    The files that mark packages tell it. Packages without them are imported from the project.
    """
    root = file.parent
    while (root / INIT).is_file() and root != root.parent:
        root = root.parent
    if root != file.parent:
        highest = file.parents[min(level, len(file.parents) - 1)]
        return highest if root.is_relative_to(highest) else root
    if not level:
        return None
    inner = file.parents[level] if level < len(file.parents) else None
    return folder if inner is not None and inner.is_relative_to(folder) else inner


def _unmarked(tree: ast.Module, file: Path, folder: Path) -> Path | None:
    """Return the project's folder for a file that imports its own folder by name from there.

    No file marks that folder as a package; by its path, the file would not find it.
    """
    if not file.is_relative_to(folder) or file.parent == folder:
        return None
    return folder if _imports_itself(tree, file, file.relative_to(folder).parts[0]) else None


def _imports_itself(tree: ast.Module, file: Path, package: str) -> bool:
    """Return whether a file imports its package by name, and none of its neighbours by theirs."""
    names = imported_modules(tree)
    neighbours = {
        path.name.removesuffix(".py")
        for path in file.parent.iterdir()
        if path.suffix == ".py" or (path / INIT).is_file()
    }
    return package in names and not names & (neighbours - {package, file.stem})
