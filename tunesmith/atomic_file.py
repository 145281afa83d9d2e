"""Atomic replacement of files and folders: a reader sees the old content or the new."""

import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tunesmith.atomic_rename import exchange

MAX_DRAFT_AGE_S = 24 * 3600.0
"""Seconds after which a draft counts as left behind by a killed writer."""

_DRAFT = re.compile(r"\.[0-9a-f]{16}\.new")
_MAX_TRIES = 20
"""Attempts to replace a folder that other writers replace at the same time."""
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file as ``atomic_file`` does."""
    with atomic_file(path, mode=mode) as draft:
        draft.write_bytes(data)


@contextmanager
def atomic_file(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """Yield an empty draft beside a path to write to; at the end it replaces the path.

    Several processes may write one path at once: each has its own draft, and the last one wins.
    After an error the draft is removed, and the path unchanged. A link is replaced, never
    followed. The file is not synchronized to the disk: it may be lost with the power.

    Args:
        path: The file, in a folder that exists.
        mode: Its permissions; by default those of the file that is replaced, or those that the
            process gives new files.

    Raises:
        OSError: The system refuses to write.
    """
    draft = draft_of(path)
    if mode is None:
        mode = _mode_of(path)
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    os.close(os.open(draft, flags, 0o666 if mode is None else 0o600))
    try:
        if mode is not None:
            with suppress(PermissionError):  # a file system without permissions
                draft.chmod(mode)
        yield draft
        draft.replace(path)
    except BaseException:
        _remove(draft)
        raise


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty draft folder beside a path to fill; at the end it is renamed to the path.

    If another process has created the folder meanwhile, that one stays.

    Raises:
        OSError: The system refuses to write.
    """
    with _draft_folder(path) as draft:
        yield draft
        try:
            draft.rename(path)
        except OSError:
            if not path.is_dir():
                raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield an empty draft folder beside a path to fill; at the end it replaces the path.

    The old folder is removed. On Linux, which can exchange two names, one of the two always
    exists.

    Raises:
        OSError: The system refuses to write.
    """
    with _draft_folder(path) as draft:
        yield draft
        for _ in range(_MAX_TRIES):
            if _takes_place(draft, path):
                return
        draft.rename(path)


def draft_of(path: Path) -> Path:
    """Return a unique hidden name beside a path, short however long the path's name is."""
    return path.with_name(f".{os.urandom(8).hex()}.new")


def remove_old_drafts(folder: Path) -> None:
    """Remove drafts older than a day, which killed writers have left, from a folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _DRAFT.fullmatch(entry.name):
                age_s = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if age_s > MAX_DRAFT_AGE_S:
                    _remove(Path(entry.path))


@contextmanager
def _draft_folder(path: Path) -> Iterator[Path]:
    draft = draft_of(path)
    draft.mkdir(mode=0o700, parents=True)
    try:
        yield draft
    finally:
        _remove(draft)


def _takes_place(draft: Path, path: Path) -> bool:
    """Rename a folder to a path; return False if another writer interfered.

    After an exchange, the draft's name is that of the old folder.
    """
    try:
        draft.rename(path)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
    else:
        return True
    with suppress(OSError):  # it cannot, or one of them is gone
        exchange(str(draft), str(path))
        return True
    aside = draft_of(path)
    with suppress(FileNotFoundError):
        path.rename(aside)
    _remove(aside)
    return False


def _mode_of(path: Path) -> int | None:
    """Return the permissions of a regular file; None where there is none."""
    if path.is_symlink() or not path.is_file():
        return None
    return path.stat().st_mode & 0o777


def _remove(path: Path) -> None:
    """Remove a file, a link or a folder; a link is never followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()
