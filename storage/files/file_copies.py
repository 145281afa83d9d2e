"""Copies of files that take no room where the file system can share their blocks."""

import errno
import fcntl
import os
import shutil
from typing import BinaryIO

_FICLONE = 0x40049409
"""``ioctl`` of Linux: one file gets the blocks of another one, until either is written."""
_BLOCK = 4096
"""Smaller files have no blocks worth sharing on most file systems."""
_CANNOT = frozenset({errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS})

_without: set[tuple[int, int]] = set()
"""Pairs of devices between which blocks cannot be shared."""


def copy_bytes(source: BinaryIO, target: BinaryIO) -> bool:
    """Copy an open file's bytes into an empty one; return whether they share their blocks.

    Raises:
        OSError: The system refuses.
    """
    status = os.fstat(source.fileno())
    devices = status.st_dev, os.fstat(target.fileno()).st_dev
    if status.st_size >= _BLOCK and devices not in _without:
        if _clone(source.fileno(), target.fileno()):
            return True
        _without.add(devices)
    shutil.copyfileobj(source, target, 1024 * 1024)
    return False


def _clone(source: int, target: int) -> bool:
    """Share the blocks of one file with another; return False where that is not possible."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError as error:
        if error.errno in _CANNOT or error.errno == errno.EPERM:
            return False
        raise
    return True
