"""Errors of the operating system as one line that says what to do."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.errors import StoreAccessError

_LACKING = (
    "the file system cannot do that (docs/store.md lists what a store needs): choose another "
    "place with --home"
)
_SCARCE = "too many {}: raise the limit ({}), or lower --jobs"
_REASONS = {
    errno.EDQUOT: "the disk quota is used up: free some space",
    errno.EROFS: "the file system is read-only: make it writable, or choose another place with "
    "--home",
    errno.EOPNOTSUPP: _LACKING,
    errno.ENOSYS: _LACKING,
    errno.ENOLCK: _LACKING,
    errno.EACCES: "permission is denied: choose another place with --home, or ask its owner",
    errno.EPERM: "permission is denied: choose another place with --home, or ask its owner",
    errno.EIO: "the disk reports an input/output error: check the disk",
    errno.ENOENT: "the folder is gone: it was moved or deleted meanwhile",
    errno.ENOTDIR: "a file is in the place of a folder: move it away",
    errno.ELOOP: "a link is in the place of a folder: replace the link by the folder itself",
    errno.EMFILE: _SCARCE.format("files are open", "ulimit -n"),
    errno.ENFILE: _SCARCE.format("files are open", "sysctl fs.file-max"),
    errno.EAGAIN: _SCARCE.format("processes run", "ulimit -u"),
    errno.ENOMEM: "there is not enough memory: end other programs, or raise the limit (ulimit -v)",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
    errno.ESTALE: "the network file system lost the file: mount it again",
}


@contextmanager
def explained(action: str, path: Path) -> Iterator[None]:
    """Turn an OSError into one line: what could not be done, why, and what to do about it.

    Args:
        action: What is attempted, a verb that a path can follow, as in ``write to``.
        path: The file or folder.

    Raises:
        StoreAccessError: The operating system refused.
    """
    try:
        yield
    except OSError as error:
        raise StoreAccessError(f"cannot {action} {path}: {reason_of(error, path)}") from error


def reason_of(error: OSError, path: Path | None) -> str:
    """Return why the operating system refused something, and what to do about it.

    Args:
        error: What it said.
        path: Where; None where that is not known, as of a stream.
    """
    if error.errno == errno.ENOSPC:
        return _full_disk(path)
    fallback = os.strerror(error.errno) if error.errno else str(error)
    return _REASONS.get(error.errno or 0, fallback)


def _full_disk(path: Path | None) -> str:
    """Return which disk is full, by where it is mounted, and how full."""
    for folder in () if path is None else path.parents:
        try:
            free = f"{shutil.disk_usage(folder).free / 1e6:.1f} MB free"
        except OSError:
            continue
        mount = next(one for one in (folder, *folder.parents) if one.is_mount() or one.name == "")
        return f"the disk is full ({free}): free some space on {mount}"
    return "the disk is full (no free space): free some space"
