"""Renames for which Python has no call: exchange two names, and rename without replacing."""

import errno
import os
import sys

HERE = -100
"""Instead of a folder's descriptor: paths are absolute, or relative to the working directory."""
_NO_REPLACE, _EXCHANGE = 1, 2


def rename_new(source: str, target: str, *, folder: int = HERE) -> None:
    """Rename a file within a folder, atomically, unless the new name exists.

    Raises:
        FileExistsError: The new name exists.
        OSError: The system refuses; ``ENOSYS``, ``EINVAL`` and ``EOPNOTSUPP`` mean that it, or the
            file system, has no such call.
    """
    _rename(source, target, folder, _NO_REPLACE)


def exchange(one: str, other: str) -> None:
    """Exchange two names atomically; raise as ``rename_new`` does."""
    _rename(one, other, HERE, _EXCHANGE)


def _rename(one: str, other: str, folder: int, flags: int) -> None:
    import ctypes  # a millisecond of every command, for what few need

    rename = None
    if sys.platform == "linux":
        rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), one)
    if rename(folder, os.fsencode(one), folder, os.fsencode(other), flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), one)
