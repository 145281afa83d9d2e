"""The state of data in a project: which files a path has, and what shows whether they change.

Links are followed, since the data of a project is often a link to another disk. Secrets, the
store, environments and what tools make are left out.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tunesmith.storage.files.project_files import is_environment
from tunesmith.storage.files.secret_files import is_secret_file

MAX_BYTES = 1_000_000_000
"""The most bytes of data that are copied."""
MAX_FILES = 100_000
"""The most files of data that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One file, with what shows whether it has changed."""

    name: str
    """Its path below the data's own, with slashes; empty where the data is one file."""
    size: int
    modified_ns: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataState:
    """The files and folders that a path has at one moment."""

    files: tuple[DataFile, ...]
    folders: tuple[str, ...]
    """The paths of the folders below the data's own."""
    is_folder: bool
    is_whole: bool
    """Whether all of it was seen: neither its files nor its bytes are too many."""

    @property
    def n_bytes(self) -> int:
        """How many bytes its files have."""
        return sum(file.size for file in self.files)

    def digest(self, path: Path) -> str:
        """Return what tells this state of a path from every other."""
        text = repr((str(path), self.is_folder, self.files, self.folders))
        return hashlib.blake2s(os.fsencode(text), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRules:
    """What is left out of data, and how much of it is copied."""

    home: Path
    """The store's folder."""
    is_left_out: Callable[[str], bool] = lambda _: False
    """Whether a file is, by its path below the data's own; by default none."""
    hidden: Collection[Path] = ()
    """Folders whose files no trial sees."""
    max_bytes: float = MAX_BYTES
    max_files: int = MAX_FILES


def read_state(root: Path, rules: DataRules) -> DataState:
    """Return the state of a file or a folder.

    Args:
        root: The file or folder, absolute.
        rules: What is left out.

    Raises:
        OSError: It is not there, or cannot be read.
    """
    status = root.stat()
    if not stat.S_ISDIR(status.st_mode):
        is_file = stat.S_ISREG(status.st_mode) and not _is_secret(root, root.name)
        files = (_data_file("", status),) if is_file and not rules.is_left_out("") else ()
        is_whole = status.st_size <= rules.max_bytes
        return DataState(files=files, folders=(), is_folder=False, is_whole=is_whole)
    walk = _Walk(root, rules)
    walk.enter("", frozenset())
    return DataState(
        files=tuple(sorted(walk.files, key=lambda one: one.name)),
        folders=tuple(sorted(walk.folders)),
        is_folder=True,
        is_whole=walk.is_whole,
    )


class _Walk:
    """Looks through a folder, until there is too much of it."""

    def __init__(self, root: Path, rules: DataRules) -> None:
        self.root, self.rules = root, rules
        self.files: list[DataFile] = []
        self.folders: list[str] = []
        self._n_bytes = 0
        self._apart = {os.path.realpath(one) for one in (rules.home, *rules.hidden)}

    @property
    def is_whole(self) -> bool:
        """Whether it may go on."""
        n_entries = len(self.files) + len(self.folders)
        return n_entries <= self.rules.max_files and self._n_bytes <= self.rules.max_bytes

    def enter(self, place: str, above: frozenset[str]) -> None:
        """Look through a folder, unless it is within itself by a link."""
        folder = os.path.realpath(self.root / place)
        if folder in above or folder in self._apart:
            return
        for entry in _entries(folder):
            name = f"{place}/{entry.name}" if place else entry.name
            if entry.is_dir():
                if not _is_tool(entry):
                    self.folders.append(name)
                    self.enter(name, above | {folder})
            elif not _is_secret(Path(entry.path), f"{self.root.name}/{name}"):
                self._add(name, entry)
            if not self.is_whole:
                return

    def _add(self, name: str, entry: "os.DirEntry[str]") -> None:
        try:
            status = entry.stat()
        except OSError:  # a link that leads nowhere
            return
        if stat.S_ISREG(status.st_mode) and not self.rules.is_left_out(name):
            self.files.append(_data_file(name, status))
            self._n_bytes += status.st_size


def _data_file(name: str, status: os.stat_result) -> DataFile:
    return DataFile(
        name=name,
        size=status.st_size,
        modified_ns=status.st_mtime_ns,
        inode=status.st_ino,
    )


def _entries(folder: str) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:  # we may not read it
        return


def _is_tool(entry: "os.DirEntry[str]") -> bool:
    return entry.name.startswith(".") or is_environment(Path(entry.path))


def _is_secret(path: Path, name: str) -> bool:
    """Return whether a file looks like a secret, by its own name or by what it links to."""
    if is_secret_file(name):
        return True
    return path.is_symlink() and is_secret_file(os.path.realpath(path).lstrip("/"))
