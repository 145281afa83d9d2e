"""Shares the source of trials that have ended: the same file is on the disk once.

While it runs, a trial has files of its own, whatever it writes. Afterwards, those that are as they
were placed become hard links to one file, which lies in the cache and which nobody may write. No
trial that runs has such a file, and the snapshot is not one of them.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tunesmith.storage.files.confined_writes import open_folder_within

MIN_FILES = 20
MIN_BYTES = 100_000
"""A source with fewer files and bytes is left alone: it can be edited where it lies."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def share_source(snapshot: Path, shared: Path, directory: Path) -> int:
    """Replace the files of a trial that it has not changed, and return how many there were.

    Where a link is in the way, or the file system has no hard links, files stay as they are.

    Args:
        snapshot: The folder of the source's snapshot, which is only read.
        shared: The folder of the shared files, made where it is missing.
        directory: The folder in the trial's directory that holds its copy of the source.
    """
    if not _is_worth_it(snapshot):
        return 0
    with suppress(OSError):
        shared.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory, _FOLDER)
        try:
            with open_folder_within(shared) as pool:
                return _share_folder(snapshot, pool, descriptor)
        finally:
            os.close(descriptor)
    return 0


def _is_worth_it(snapshot: Path) -> bool:
    n_files = n_bytes = 0
    for place, _, names in os.walk(snapshot):
        n_files += len(names)
        n_bytes += sum(os.lstat(f"{place}/{name}").st_size for name in names[:MIN_FILES])
        if n_files >= MIN_FILES or n_bytes >= MIN_BYTES:
            return True
    return False


def _share_folder(snapshot: Path, pool: int, folder: int) -> int:
    n_shared = 0
    for entry in list(os.scandir(snapshot)):
        with suppress(OSError):
            if not entry.is_dir(follow_symlinks=False):
                n_shared += _share_file(entry, pool, folder)
                continue
            with suppress(FileExistsError):
                os.mkdir(entry.name, 0o700, dir_fd=pool)
            with _opened(pool, entry.name) as inner_pool, _opened(folder, entry.name) as inner:
                n_shared += _share_folder(Path(entry.path), inner_pool, inner)
    return n_shared


@contextmanager
def _opened(folder: int, name: str) -> Iterator[int]:
    descriptor = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _share_file(entry: "os.DirEntry[str]", pool: int, folder: int) -> bool:
    """Link a trial's file to the shared one, or share it where it is the first."""
    name, original = entry.name, _mark(entry.stat(follow_symlinks=False))
    own = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if _mark(own) != original:
        return False
    with suppress(FileNotFoundError):
        shared = os.stat(name, dir_fd=pool, follow_symlinks=False)
        if shared.st_ino == own.st_ino:
            return False
        if _mark(shared) == original and _link_over(pool, folder, name):
            return True
        os.unlink(name, dir_fd=pool)  # it was changed, or has as many links as it may have
    os.link(name, name, src_dir_fd=folder, dst_dir_fd=pool, follow_symlinks=False)
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=pool)
    try:
        os.fchmod(descriptor, 0o500 if own.st_mode & stat.S_IXUSR else 0o400)
    finally:
        os.close(descriptor)
    return True


def _link_over(pool: int, folder: int, name: str) -> bool:
    """Put a link to a shared file in the place of a trial's; False where it has too many links."""
    draft = f".{os.urandom(8).hex()}.new"
    try:
        os.link(name, draft, src_dir_fd=pool, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.EMLINK:
            return False
        raise
    os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    return True


def _mark(status: os.stat_result) -> tuple[int, int, int]:
    """Return what changes when a file is written: the copy has the times of its original."""
    return stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns
