"""The names of a project's files: those that git lists, or else all that are found."""

import os
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tunesmith.storage.files.git import GIT_S, ask_git_at_once

MAX_SCANNED = 200_000
"""The most entries to look at where git does not list the project."""
MAX_LOOK = 2_000
"""The most entries to look at to find out whether a folder has modules."""

MODULES = (".py", ".so", ".pyd")
"""The endings of modules' names."""
_NO_SOURCE = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".tunesmith",
        "__pycache__",
        "node_modules",
        ".venv",
        "site-packages",
        "dist-packages",
    }
)
_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
"""Files that only a folder with an interpreter of its own has."""
_LIST = ("ls-files", "-z", "--others", "--exclude-standard")


@dataclass(slots=True, kw_only=True)
class ProjectFiles:
    """The files of a project, by their paths within it, with slashes."""

    names: list[str] = field(default_factory=list)
    is_from_git: bool = False
    ignored: list[str] = field(default_factory=list)
    """Folders with modules that git ignores entirely."""
    notes: list[str] = field(default_factory=list)
    """What a user has to know, one line each."""
    n_left: int
    """How many more entries to look at without git."""


def list_project(project: Path, *, max_scanned: int = MAX_SCANNED) -> ProjectFiles:
    """Return the files that may be a project's source.

    Args:
        project: The project's folder.
        max_scanned: The most entries to look at where git does not list the project; by default
            ``MAX_SCANNED``.
    """
    found = ProjectFiles(n_left=max_scanned)
    if not _list_repository(project, "", found):
        found.names += _walk(project, "", found)
    return found


def is_module(name: str) -> bool:
    """Return whether Python could import a file of that name."""
    return name.endswith(MODULES)


def has_modules(folder: Path) -> bool:
    """Return whether modules are found in a folder or below it, within ``MAX_LOOK`` entries."""
    folders, n_left = deque([folder]), MAX_LOOK
    while folders and n_left > 0:
        with suppress(OSError), os.scandir(folders.popleft()) as entries:
            for entry in islice(entries, n_left):
                n_left -= 1
                if is_module(entry.name):
                    return True
                if entry.is_dir(follow_symlinks=False) and _is_entered(entry):
                    folders.append(Path(entry.path))
    return False


def is_environment(folder: Path) -> bool:
    """Return whether a folder is an environment or a tool's, and so not the project's own."""
    return folder.name in _NO_SOURCE or any((folder / one).exists() for one in _ENVIRONMENTS)


def _list_repository(project: Path, folder: str, found: ProjectFiles) -> bool:
    """Add what git lists below a folder, and single modules that it ignores.

    Return False where git lists nothing. A repository within another one is listed by itself.
    """
    place = project / folder
    try:
        names, ignored = _listed(place, ["--cached"], ["--ignored", "--directory"])
    except subprocess.TimeoutExpired:
        found.notes.append(
            f"git did not answer within {GIT_S:g} s: all files of {place} are copied, including "
            "those that .gitignore names"
        )
        return False
    except (OSError, subprocess.CalledProcessError):
        return False
    if not names:  # a folder that the repository around it ignores
        return False
    found.is_from_git = True
    for name in (f"{folder}/{one}" if folder else one for one in names):
        inner = name.rstrip("/")
        if not _is_folder(project / inner):
            found.names.append(inner)
        elif not is_environment(project / inner) and not _list_repository(project, inner, found):
            found.names += _walk(project, inner, found)
    _add_ignored(project, folder, ignored, found)
    return True


def _add_ignored(project: Path, folder: str, names: Iterable[str], found: ProjectFiles) -> None:
    """Add single modules that git ignores, since a generated module is imported like any other.

    Folders that git ignores and that have modules are only noted.
    """
    for name in (f"{folder}/{one}" if folder else one for one in names):
        inner = name.rstrip("/")
        if not name.endswith("/"):
            found.names += [name] if is_module(name) else []
        elif not _hidden(inner) and not is_environment(project / inner):
            found.ignored += [inner] if has_modules(project / inner) else []


def _listed(folder: Path, *options: Sequence[str]) -> list[list[str]]:
    """Return the names that git lists with each set of options, or raise as ``ask_git`` does."""
    outs = ask_git_at_once(folder, *([*_LIST, *one, "--", "."] for one in options))
    return [[os.fsdecode(name) for name in out.split(b"\0") if name] for out in outs]


def _walk(project: Path, folder: str, found: ProjectFiles) -> Iterator[str]:
    """Yield the files below a folder of the project, level by level."""
    folders = deque([folder])
    while folders:
        folder = folders.popleft()
        for entry in _entries(project / folder):
            found.n_left -= 1
            name = f"{folder}/{entry.name}" if folder else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield name
            elif _is_entered(entry):
                folders.append(name)
        if found.n_left <= 0 and folders:
            found.notes.append(
                f"{project} has too many files to look at: {folders[0]} and later folders are "
                "left out of the trials' copy, modules too; start from a smaller folder"
            )
            return


def _entries(folder: Path) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, MAX_SCANNED), key=lambda entry: entry.name)
    except OSError:  # we may not read it
        return ()


def _is_entered(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and not is_environment(Path(entry.path))


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH112, PTH114 - a tenth of the time


def _hidden(name: str) -> bool:
    return any(piece.startswith(".") for piece in name.split("/"))
