"""The modules of a project that a script imports, found by reading."""

import ast
from collections.abc import Callable, Collection, Iterator

from tunesmith.errors import ScriptError
from tunesmith.script.source import parse_source

MAX_MODULES = 100
"""Modules that are read."""


def imported_files(
    script: str, names: Collection[str], read: Callable[[str], str]
) -> tuple[str, ...]:
    """Return the files that a script imports, itself first, in the order in which they are met.

    Args:
        script: The script's path within the project.
        names: The files of the project, with slashes.
        read: Returns the text of one.
    """
    found = [script]
    folder = script.rpartition("/")[0]
    for file in found:
        for name in _imports(file, read):
            for path in _paths(name, folder):
                if path in names and path not in found and len(found) < MAX_MODULES:
                    found.append(path)
    return tuple(found)


def is_beside(script: str, file: str) -> bool:
    """Return whether a module is below the script's folder, from where it certainly comes."""
    folder = script.rpartition("/")[0]
    return not folder or file.startswith(f"{folder}/")


def _imports(file: str, read: Callable[[str], str]) -> Iterator[str]:
    """Yield the modules that a file may import: absolute names, or ``/`` and a path."""
    try:
        tree = parse_source(read(file), file)
    except ScriptError:
        return
    package = file.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                base = "/" + ".".join([*above, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}".replace("/.", "/") for alias in node.names)


def _paths(module: str, folder: str) -> Iterator[str]:
    """Yield the files that may be a module, or a package around it."""
    roots = [""] if module.startswith("/") else [folder, ""]
    words = module.removeprefix("/").split(".")
    for root in dict.fromkeys(roots):
        for n in range(1, len(words) + 1):
            path = "/".join(filter(None, [root, *words[:n]]))
            yield f"{path}.py"
            yield f"{path}/__init__.py"
