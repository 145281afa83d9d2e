# ruff: noqa: PTH101, PTH102, PTH104, PTH106, PTH108, PTH208
# the calls of a kernel, one for one: paths are texts there
"""A file system in user space that passes calls on to a folder, but for those that it lacks.

Started as a program: the folder, where it is mounted, and the calls that it lacks.
"""

import errno
import os
import sys
from collections.abc import Callable
from typing import Any

from fuse import FUSE, FuseOSError, Operations  # type: ignore[import-not-found]  # where it is installed

STATUS = ("st_atime", "st_ctime", "st_gid", "st_mode", "st_mtime", "st_nlink", "st_size", "st_uid")


class PoorFileSystem(Operations):  # type: ignore[misc]  # fusepy has no types
    """Everything that a store needs, and what programs look at."""

    def __init__(self, root: str, lacking: list[str]) -> None:
        self._root = root
        self._lacking = lacking

    def __call__(self, name: str, *arguments: Any) -> Any:
        """Answer one call of the kernel."""
        if name in self._lacking or not hasattr(self, name):
            raise FuseOSError(errno.EPERM if name in self._lacking else errno.ENOSYS)
        call: Callable[..., Any] = getattr(self, name)
        try:
            return call(*arguments)
        except OSError as error:
            raise FuseOSError(error.errno) from error

    def _at(self, path: str) -> str:
        return f"{self._root}{path}"

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        status = os.lstat(self._at(path))
        return {name: getattr(status, name) for name in STATUS}

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._at(path))]

    def mkdir(self, path: str, mode: int) -> None:
        os.mkdir(self._at(path), mode)

    def rmdir(self, path: str) -> None:
        os.rmdir(self._at(path))

    def unlink(self, path: str) -> None:
        os.unlink(self._at(path))

    def rename(self, old: str, new: str) -> None:
        os.rename(self._at(old), self._at(new))

    def chmod(self, path: str, mode: int) -> None:
        os.chmod(self._at(path), mode)

    def utimens(self, path: str, times: tuple[float, float] | None = None) -> None:
        os.utime(self._at(path), times)

    def open(self, path: str, flags: int) -> int:
        return os.open(self._at(path), flags)

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        return os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        return os.pwrite(fh, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> None:
        os.truncate(self._at(path), length)

    def release(self, path: str, fh: int) -> None:
        os.close(fh)

    def fsync(self, path: str, is_data_only: int, fh: int) -> None:
        os.fsync(fh)


if __name__ == "__main__":
    root, mount, *lacking = sys.argv[1:]
    FUSE(PoorFileSystem(root, lacking), mount, foreground=True, nothreads=True)
