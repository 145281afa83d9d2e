"""Giving a complete and durable file its name, unless that is taken: what file systems can do.

A file system is asked for the best way, and where it has not got it, for the next one.
"""

import errno
import fcntl
import os
import secrets
import threading
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

from tunesmith.atomic_rename import rename_new

DRAFT = ".new"
"""How the name of a hidden file ends."""

_FILE_MODE = 0o600
_LACKING = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EMLINK)
"""What a file system answers that lacks a call; one that refuses it refuses the next one too."""
_lock = threading.Lock()


class Naming(IntEnum):
    """A way to give a file its name, the best one first."""

    UNNAMED = 0
    """The file has no name until it is linked to its own; a kill leaves nothing behind."""
    LINKED = 1
    """It has a hidden name first, which a kill may leave behind, and is linked to its own."""
    RENAMED = 2
    """The hidden name is replaced by its own in one step: for file systems without hard links."""
    GUARDED = 3
    """The hidden name is replaced by its own after a look whether that is taken, and the folder is
    locked meanwhile. Where there are no locks either, two machines may both be told that their
    file has the name; on one machine the threads of a process are told the truth."""


BEST = Naming.UNNAMED if hasattr(os, "O_TMPFILE") else Naming.LINKED


def can_go_on(error: OSError, naming: Naming) -> bool:
    """Return whether an error means that the file system lacks a way, and another is left."""
    if naming is Naming.GUARDED:
        return False
    if naming is Naming.UNNAMED:
        has_proc = Path("/proc/self/fd").exists()  # what the link goes through
        return error.errno in (*_LACKING, errno.EISDIR) or (
            error.errno == errno.ENOENT and not has_proc
        )
    return error.errno in _LACKING


def write_named(folder: int, path: Path, data: bytes, naming: Naming) -> bool:
    """Write a file and give it its name, in one of the ways; return False if the name is taken.

    Args:
        folder: The open folder of the file.
        path: The file.
        data: What it holds.
        naming: The way.

    Raises:
        OSError: The system refuses; nothing is left behind.
    """
    if naming is Naming.UNNAMED:
        return _link_unnamed(folder, path, data)
    hidden = f".{secrets.token_hex(8)}{DRAFT}"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    file = os.open(hidden, flags, _FILE_MODE, dir_fd=folder)
    try:
        _fill(file, data)
        _give_name(folder, hidden, path.name, naming)
    except FileExistsError:
        return False
    finally:
        os.close(file)
        _remove_hidden(hidden, folder)
    return True


def synchronize(descriptor: int) -> None:
    """Wait until a file is on the disk itself."""
    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: fsync leaves it in the drive's own cache
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def synchronize_folder(descriptor: int) -> None:
    """Wait until a folder is on the disk itself, where the file system can say so (SMB cannot)."""
    try:
        synchronize(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            raise


def _give_name(folder: int, hidden: str, name: str, naming: Naming) -> None:
    if naming is Naming.LINKED:
        os.link(hidden, name, src_dir_fd=folder, dst_dir_fd=folder)
    elif naming is Naming.RENAMED:
        rename_new(hidden, name, folder=folder)
    else:
        _rename_guarded(folder, hidden, name)


def _rename_guarded(folder: int, hidden: str, name: str) -> None:
    with _lock:
        # on a descriptor of its own: the lock goes with it, also where the process is killed
        guard = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        try:
            with suppress(OSError):  # no locks: see GUARDED
                fcntl.flock(guard, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                os.stat(name, dir_fd=folder, follow_symlinks=False)
                raise FileExistsError(name)
            os.rename(hidden, name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.close(guard)


def _link_unnamed(folder: int, path: Path, data: bytes) -> bool:
    file = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, _FILE_MODE)
    try:
        _fill(file, data)
        # a folder's descriptor makes os.link follow the link of /proc to the unnamed file
        os.link(f"/proc/self/fd/{file}", path, src_dir_fd=folder, follow_symlinks=True)
    except FileExistsError:
        return False
    finally:
        os.close(file)
    return True


def _remove_hidden(name: str, folder: int) -> None:
    """Remove a hidden file, trying twice: what is left is removed with its batch only."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return  # renamed, or swept away; unless it had its name already, it is written again
    except OSError:
        os.unlink(name, dir_fd=folder)


def _fill(file: int, data: bytes) -> None:
    """Write everything: one call may write less, on a disk that is nearly full for instance."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    synchronize(file)
