"""Publishing a file: it appears under its name complete and durable, unless the name is taken.

File systems differ in how they can do that. The best method is tried first, and where a file
system does not support it, the next one.
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

DRAFT_SUFFIX = ".new"
"""The end of a hidden file's name."""

_FILE_MODE = 0o600
_LACKING = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EMLINK)
"""Errors of file systems without a call. Some say EPERM, as for a lack of permission; if it is
one, the next method is refused too."""
_lock = threading.Lock()


class PublishMethod(IntEnum):
    """How a file gets its name; the best method comes first."""

    UNNAMED = 0
    """The file has no name until it is linked to its own; a kill leaves nothing behind."""
    LINKED = 1
    """It has a hidden name first, which a kill may leave behind, and is linked to its own."""
    RENAMED = 2
    """It is renamed from the hidden name in one step: for file systems without hard links."""
    GUARDED = 3
    """It is renamed after a check that its name is free, while the folder is locked. Where there
    are no locks either, two processes may both be told that their file got the name; threads of
    one process never are."""


BEST = PublishMethod.UNNAMED if hasattr(os, "O_TMPFILE") else PublishMethod.LINKED


def has_fallback(error: OSError, method: PublishMethod) -> bool:
    """Return whether an error means that the file system lacks a method, and another is left."""
    if method is PublishMethod.GUARDED:
        return False
    if method is PublishMethod.UNNAMED:
        has_proc = Path("/proc/self/fd").exists()  # what the link goes through
        return error.errno in (*_LACKING, errno.EISDIR) or (
            error.errno == errno.ENOENT and not has_proc
        )
    return error.errno in _LACKING


def publish_file(folder: int, path: Path, data: bytes, method: PublishMethod) -> bool:
    """Write a file and give it its name; return False if the name is taken.

    Args:
        folder: The descriptor of the file's folder.
        path: The file.
        data: The file's bytes.
        method: How it gets its name.

    Raises:
        OSError: The system refuses; nothing is left behind.
    """
    if method is PublishMethod.UNNAMED:
        return _link_unnamed(folder, path, data)
    hidden = f".{secrets.token_hex(8)}{DRAFT_SUFFIX}"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    file = os.open(hidden, flags, _FILE_MODE, dir_fd=folder)
    try:
        _fill(file, data)
        _give_name(folder, hidden, path.name, method)
    except FileExistsError:
        return False
    finally:
        os.close(file)
        _remove_hidden(hidden, folder)
    return True


def sync_file(descriptor: int) -> None:
    """Wait until a file's bytes are on the disk itself."""
    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: fsync leaves it in the drive's own cache
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(descriptor: int) -> None:
    """Wait until a folder's names are on the disk, where the file system can tell (SMB cannot)."""
    try:
        sync_file(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            raise


def _give_name(folder: int, hidden: str, name: str, method: PublishMethod) -> None:
    if method is PublishMethod.LINKED:
        os.link(hidden, name, src_dir_fd=folder, dst_dir_fd=folder)
    elif method is PublishMethod.RENAMED:
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
    """Remove a hidden file, trying twice: one that stays is removed only with its batch."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return  # renamed, or removed with its folder: then ``put_new`` writes it again
    except OSError:
        os.unlink(name, dir_fd=folder)


def _fill(file: int, data: bytes) -> None:
    """Write everything: one call may write less, on a disk that is nearly full for instance."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    sync_file(file)
