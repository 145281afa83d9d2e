"""Whole files and folders: a reader sees the old one or the new one, whoever else writes it."""

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
"""Seconds after which a draft counts as left by a writer that was killed."""

_DRAFT = re.compile(r"\.[0-9a-f]{16}\.new")
_MAX_TRIES = 20
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file as ``atomic_file`` does."""
    with atomic_file(path, mode=mode) as draft:
        draft.write_bytes(data)


@contextmanager
def atomic_file(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """Give an empty file beside a path to write to; it takes the path's place in the end.

    Several may write one path at once: each has a draft of its own, and the last one counts.
    After an error the draft is gone, and the path as it was. A link is replaced, never followed.
    Nothing here is meant to survive the loss of power.

    Args:
        path: The file, in a folder that exists.
        mode: Its permissions; None for those of the file that is replaced, and else for what the
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
    """Give an empty folder beside a path to fill; it gets the path's name in the end.

    Where another process has made the folder meanwhile, that one stays.

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
    """Give an empty folder beside a path to fill; it takes the path's place in the end.

    What stood there is removed; there is no moment without it where the system can exchange two
    names (Linux).

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
    """Return a hidden name beside a path that nobody else uses, short whatever the path's is."""
    return path.with_name(f".{os.urandom(8).hex()}.new")


def remove_old_drafts(folder: Path) -> None:
    """Remove what killed writers have left in a folder of ours a day ago or earlier."""
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
    """Rename a folder to a path; return False where another writer came in between.

    After an exchange the draft's name is that of what stood there before.
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
    """Return the permissions of an ordinary file, None where there is none."""
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
