"""Which files of a project belong to its source: text that the script may import or read.

Data, secrets and what tools make are left out, and so is whatever lies outside of the project.
"""

import fnmatch
import os
import stat
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_FILE_BYTES = 1_000_000
MAX_TOTAL_BYTES = 16_000_000
MAX_FILES = 1_000
MAX_SCANNED = 5_000
"""Entries that are looked at where git does not say what belongs to the project."""

_SECRETS = (
    ".env",
    ".env.*",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.kdbx",
    "*.keystore",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    "credentials.json",
)
_DATA = ("*.csv", "*.tsv", "*.parquet", "*.pyc", "*.log", "events.out.tfevents.*")
_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".tunesmith", "__pycache__", "node_modules", "venv", ".venv"}
)
_GIT = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of the source, and what tells whether it has changed."""

    name: str
    """Its path within the project, with slashes."""
    size: int
    modified_ns: int
    inode: int
    is_executable: bool
    is_tracked: bool
    """Whether git lists it; any other file counts only if it is text."""


def find_source_files(project: Path, script: Path, home: Path) -> list[SourceFile]:
    """Return the files of the source, sorted by name, the script always among them.

    Where there are too many, Python files and those near the project's root come first.

    Args:
        project: The project's folder.
        script: The script, within the project.
        home: The store's folder, which is no source.
    """
    first = os.path.relpath(script, project).replace(os.sep, "/")
    listed = _git_names(project)
    names = _walk(project) if listed is None else listed
    wanted = {name for name in names if name != first and _is_source(project, name, home)}
    examined = (
        _examine(project, name, is_tracked=listed is not None)
        for name in sorted(wanted, key=_importance)
    )
    chosen = _within_limits(file for file in examined if file is not None)
    main = _examine(project, first, is_tracked=True)
    return sorted([*chosen, *([main] if main else [])], key=lambda file: file.name)


def is_text(data: bytes) -> bool:
    """Return whether bytes look like text."""
    return b"\0" not in data[:8_000]


def _within_limits(files: Iterable[SourceFile]) -> list[SourceFile]:
    chosen: list[SourceFile] = []
    total = 0
    for file in files:
        if file.size > MAX_FILE_BYTES or total + file.size > MAX_TOTAL_BYTES:
            continue
        total += file.size
        chosen.append(file)
        if len(chosen) == MAX_FILES:
            break
    return chosen


def _git_names(project: Path) -> list[str] | None:
    """Return what git says belongs to the project, or None where it is no repository."""
    try:
        done = subprocess.run(
            _GIT,
            cwd=project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def _walk(project: Path) -> Iterator[str]:
    """Yield the files of a folder, those near its root first."""
    folders = deque([""])
    n_scanned = 0
    while folders and n_scanned < MAX_SCANNED:
        folder = folders.popleft()
        for entry in _entries(project / folder):
            n_scanned += 1
            name = f"{folder}/{entry.name}" if folder else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield name
            elif not entry.name.startswith(".") and not _is_environment(Path(entry.path)):
                folders.append(name)


def _entries(folder: Path) -> Iterable[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # not ours to read
        return ()


def _is_environment(folder: Path) -> bool:
    return folder.name in _FOLDERS or (folder / "pyvenv.cfg").exists()


def _is_source(project: Path, name: str, home: Path) -> bool:
    *folders, last = name.split("/")
    if _FOLDERS.intersection(folders) or (project / name).is_relative_to(home):
        return False
    lower = last.lower()
    return not any(fnmatch.fnmatchcase(lower, pattern) for pattern in (*_SECRETS, *_DATA))


def _importance(name: str) -> tuple[bool, int, str]:
    return not name.endswith(".py"), name.count("/"), name


def _examine(project: Path, name: str, *, is_tracked: bool) -> SourceFile | None:
    """Return a regular file of the project, or None for anything else and what links outside."""
    path = project / name
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(project.resolve()):
            return None
        status = path.stat()
    except (OSError, ValueError, RuntimeError):  # vanished, unreadable, a loop of links
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return SourceFile(
        name=name,
        size=status.st_size,
        modified_ns=status.st_mtime_ns,
        inode=status.st_ino,
        is_executable=bool(status.st_mode & stat.S_IXUSR),
        is_tracked=is_tracked,
    )
