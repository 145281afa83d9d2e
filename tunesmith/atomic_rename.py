"""Renaming as the kernel does it, where Python has no call: exchange, and never replace."""

import errno
import os
import sys

HERE = -100
"""In the place of a folder's descriptor: names are whole paths, or of the working directory."""
_NO_REPLACE, _EXCHANGE = 1, 2


def rename_new(source: str, target: str, *, folder: int = HERE) -> None:
    """Rename a file within a folder unless there is one of the new name, in one step.

    Raises:
        FileExistsError: There is one.
        OSError: The system refuses; with ``ENOSYS``, ``EINVAL`` or ``EOPNOTSUPP`` it, or this file
            system, cannot do it at all.
    """
    _rename(source, target, folder, _NO_REPLACE)


def exchange(one: str, other: str) -> None:
    """Exchange two names in one step; raise as ``rename_new`` does."""
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
