"""The event files that a script wrote, linked or copied into a log directory."""

import errno
import os
import shutil
from pathlib import Path

from tunesmith.regular_file import open_regular

_HEAD_BYTES = 64 * 1024
_SESSION_MARK = b"_hparams_/"


class EventFilePlacer:
    """Links event files into a log directory, or copies them."""

    def __init__(self, *, is_copied: bool) -> None:
        """Choose links or copies.

        Args:
            is_copied: Whether to copy the files, so that the log directory can be moved; else they
                are linked, and copied only where the file system has no links.
        """
        self.is_copied = is_copied

    def place(self, path: Path, target: Path) -> None:
        """Link or copy an event file to a path in the log directory."""
        target.parent.mkdir(parents=True, exist_ok=True)
        if not self.is_copied:
            try:
                target.symlink_to(os.path.relpath(path.resolve(), target.parent.resolve()))
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                    raise
                self.is_copied = True  # a file system without links
        if self.is_copied:
            shutil.copyfile(path, target)


def has_session(path: Path) -> bool:
    """Return whether an event file has hyperparameters of its own, as ``add_hparams`` writes them.

    An unreadable file counts as one that has, so that it is left out.
    """
    try:
        with open_regular(path) as file:
            return _SESSION_MARK in file.read(_HEAD_BYTES)
    except OSError:
        return True
