"""Reading files that a script may have replaced by something that never ends."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; a pipe, which would wait for a writer, or a device is refused.

    Raises:
        OSError: It is no regular file, or the system refuses.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return open(descriptor, "rb")  # noqa: PTH123 - a path cannot be opened by a descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "it is not a regular file", str(path))
