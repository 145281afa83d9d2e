"""Hints for scripts that failed since a file of the project is missing in the run's directory."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tunesmith.storage.files.project_files import MODULES, has_modules

N_READ = 8
"""Lines at the end of a failed trial's output that are read."""

N_ABOVE = 2
"""Folders above the project in which a missing file is looked for."""

_MISSING_FILES = (
    re.compile(r"No such file or directory: '([^']+)'"),
    re.compile(r"can't open file '([^']+)'"),
    re.compile(r"(?:^|[:\s])([^\s:'\"]+): No such file or directory\s*$"),
)
"""As Python says it, its interpreter of a script, and the programs of a shell."""
_MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
_MISSING_NAME = re.compile(r"ImportError: cannot import name '(\w+)' from '([\w.]+)'")
_SUFFIXES = (*MODULES, "")


def find_hint(lines: Sequence[str], *, project: Path, directory: Path, folder: Path) -> str | None:
    """Return the reason of a failure, and what to do; None if the output gives no hint.

    The arguments are those of ``find_missing``.
    """
    name = find_missing(lines, project=project, directory=directory, folder=folder)
    if name is None:
        return None
    where = "above the project and" if name.startswith("..") else "in the project but"
    return f"{name} is {where} not in the run's directory: add --link {name}"


def find_missing(
    lines: Sequence[str], *, project: Path, directory: Path, folder: Path
) -> str | None:
    """Return the path that a program has missed and that its project has; None if there is none.

    Args:
        lines: The last lines of the output.
        project: The project's folder.
        directory: The trial's working directory.
        folder: The script's folder within the project, in which Python looks for modules.
    """
    for line in reversed(lines):
        with suppress(OSError, ValueError):  # it is no path, or the folder was shut
            name = next(_missing_paths(line, project, directory, folder), None)
            if name is not None:
                return name
    return None


def _missing_paths(line: str, project: Path, directory: Path, folder: Path) -> Iterator[str]:
    """Yield paths that a line reports missing, and that the project has."""
    for pattern in _MISSING_FILES:
        if found := pattern.search(line):
            yield from _places(os.path.normpath(found[1]), project, directory)
    for module in _modules(line):
        for place in dict.fromkeys((folder, Path(), Path("src"))):
            yield from _first_missing(place, module.split("."), project, directory)


def _places(path: str, project: Path, directory: Path) -> Iterator[str]:
    """Yield where a missing file is: in the project, or above it for a program that went there."""
    if Path(path).is_absolute():
        places = (directory, *directory.parents[:N_ABOVE])
        if not any(Path(path).is_relative_to(place) for place in places):
            return
        path = os.path.relpath(path, directory)
    for n_above in range(N_ABOVE + 1):
        name = os.path.normpath("../" * n_above + path)
        if name.strip("./") and (project / name).exists():
            yield name


def _modules(line: str) -> Iterator[str]:
    if found := _MISSING_MODULE.search(line):
        yield found[1]
    if found := _MISSING_NAME.search(line):
        yield f"{found[2]}.{found[1]}"


def _first_missing(
    place: Path, pieces: Sequence[str], project: Path, directory: Path
) -> Iterator[str]:
    """Yield the first folder or file on the path of a module that the directory lacks."""
    for piece in pieces:
        there = [name for name in _names(piece) if _is_importable(project / place / name)]
        lacks = [name for name in there if not (directory / place / name).exists()]
        if lacks:
            yield (place / lacks[0]).as_posix()
            return
        place /= piece


def _names(piece: str) -> list[str]:
    return [f"{piece}{suffix}" for suffix in _SUFFIXES]


def _is_importable(path: Path) -> bool:
    """Return whether a path is a module, or a folder with modules."""
    return has_modules(path) if path.is_dir() else path.is_file()
