"""Data in a run's directory: placed there beside the source, and looked at after the trial.

Nothing that is already there is replaced, and no link in the directory is followed.
"""

import os
import stat
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from tunesmith.storage.files.confined_writes import (
    create_file,
    open_folder_within,
    open_subfolder,
)
from tunesmith.storage.files.data_state import DataFile
from tunesmith.storage.files.file_copies import copy_bytes
from tunesmith.storage.files.kept_data import Kept

MAX_LINKS = 2_000
"""The most files of data that have a link of their own; of more, whole folders are linked."""


def place_data(
    kept: Kept, directory: Path, place: Sequence[str], *, changed: Collection[str] | None = None
) -> None:
    """Place kept data in a run's directory.

    Args:
        kept: The data.
        directory: The run's directory.
        place: The path below it, name by name.
        changed: What trials change of it, by the names of its files and folders: all else is
            linked. By default that is not known, and everything is copied.

    Raises:
        OSError: The directory cannot be written, or a link or a file is in the way.
    """
    placer = _Placer(kept, changed)
    *folders, name = place
    if not kept.state.is_folder:
        with open_folder_within(directory, folders) as folder:
            placer.add_file("", kept.root, folder, name)
        return
    with open_folder_within(directory, place) as folder:
        placer.add_folder("", kept.root, folder)


def changed_data(kept: Kept, directory: Path, place: Sequence[str]) -> frozenset[str]:
    """Return what a trial has changed of its copy: names of files, and of folders with new ones.

    Args:
        kept: The data.
        directory: The run's directory.
        place: The path of the copy below it.
    """
    root = directory.joinpath(*place)
    changed = {file.name for file in kept.state.files if _differs(root / file.name, file)}
    if kept.state.is_folder and len(kept.state.files) > MAX_LINKS:  # folders are linked
        changed |= {name for name in ("", *kept.state.folders) if _has_more(kept, root, name)}
    return frozenset(changed)


class _Placer:
    """Adds files and folders that are not there yet."""

    def __init__(self, kept: Kept, changed: Collection[str] | None) -> None:
        self.is_copying, self.changed = changed is None, frozenset(changed or ())
        self.links_folders = len(kept.state.files) > MAX_LINKS
        self.inner = {parent for name in self.changed for parent in _parents(name)}

    def add_folder(self, place: str, source: Path, folder: int) -> None:
        """Add what is in a folder to an open one."""
        for entry in list(os.scandir(source)):
            name = f"{place}/{entry.name}" if place else entry.name
            if not entry.is_dir(follow_symlinks=False):
                self.add_file(name, Path(entry.path), folder, entry.name)
            elif not self._is_linked(name, Path(entry.path), folder, entry.name):
                with open_subfolder(folder, entry.name) as inner:
                    self.add_folder(name, Path(entry.path), inner)

    def add_file(self, name: str, source: Path, folder: int, own: str) -> None:
        """Add a file to an open folder under its own name."""
        with suppress(FileExistsError):
            if self.is_copying or name in self.changed:
                _copy(source, folder, own)
            else:
                os.symlink(source, own, dir_fd=folder)

    def _is_linked(self, name: str, source: Path, folder: int, own: str) -> bool:
        """Link a whole folder of many files, if that is possible."""
        is_changed = name in self.changed or name in self.inner
        if self.is_copying or not self.links_folders or is_changed:
            return False
        try:
            os.symlink(source, own, dir_fd=folder)
        except FileExistsError:
            return False
        return True


def _copy(source: Path, folder: int, name: str) -> None:
    """Copy a file, with the time at which it was modified, which tells whether it is changed."""
    descriptor = create_file(folder, name)
    with open(descriptor, "wb") as copy, source.open("rb") as file:  # noqa: PTH123 - a descriptor
        copy_bytes(file, copy)
        copy.flush()
        status = os.fstat(file.fileno())
        os.utime(copy.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))


def _differs(path: Path, file: DataFile) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return True
    is_same = (status.st_size, status.st_mtime_ns) == (file.size, file.modified_ns)
    return stat.S_ISREG(status.st_mode) and not is_same


def _has_more(kept: Kept, root: Path, name: str) -> bool:
    """Return whether a folder has names that the kept one lacks."""
    try:
        return not _names(root / name) <= _names(kept.root / name)
    except OSError:
        return True


def _names(folder: Path) -> set[str]:
    with os.scandir(folder) as entries:
        return {entry.name for entry in entries}


def _parents(name: str) -> list[str]:
    pieces = name.split("/")
    return ["/".join(pieces[:n]) for n in range(1, len(pieces))]
