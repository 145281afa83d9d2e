"""The digest that names a snapshot: of its files' names, permission to execute, and bytes."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from tunesmith.storage.files.source_files import SourceFile

_CHUNK = 2**20


def digest_of_contents(contents: Iterable[tuple[SourceFile, bytes]]) -> str:
    """Return the digest of files, in the order of their names."""
    whole = hashlib.blake2s(digest_size=16)
    for file, data in contents:
        whole.update(_head(file.name, len(data), is_executable=file.is_executable))
        whole.update(data)
    return whole.hexdigest()


def digest_of_folder(folder: Path, executables: Collection[str]) -> str:
    """Return the digest of a folder; an empty string where it holds anything but files.

    Args:
        folder: The folder of a snapshot.
        executables: The paths of the executable files within it: not every file system can tell
            which they are.

    Raises:
        OSError: It cannot be read.
    """
    whole = hashlib.blake2s(digest_size=16)
    for name, path in sorted(_files(folder, "")):
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return ""
        whole.update(_head(name, status.st_size, is_executable=name in executables))
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                whole.update(chunk)
    return whole.hexdigest()


def _head(name: str, size: int, *, is_executable: bool) -> bytes:
    encoded = os.fsencode(name)
    return b"%d %d %d " % (len(encoded), size, is_executable) + encoded


def _files(folder: Path, place: str) -> Iterator[tuple[str, Path]]:
    """Yield what is below a folder, except folders: its path within it, with slashes."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), f"{place}{entry.name}/")
            else:
                yield f"{place}{entry.name}", Path(entry.path)
