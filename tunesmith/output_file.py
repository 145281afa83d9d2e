"""Files that a user asked for, at a path of their choice: written completely or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.atomic_file import atomic_file
from tunesmith.errors import TunesmithError, UsageError


@contextmanager
def output_file(path: Path) -> Iterator[Path]:
    """Yield an empty draft to write to; at the end it becomes the file that the user named.

    The path is checked before anything is written. A link stays a link, and a file that is
    replaced keeps its mode. A device or a pipe, as ``/dev/stdout``, receives the bytes. The file
    is synchronized to the disk, since the user may delete what it was made from.

    Raises:
        UsageError: The folder does not exist, or the name is a folder's.
        TunesmithError: The system refuses to write.
        BrokenPipeError: The reader of the pipe is gone.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path} cannot be written: it is a folder; name a file in it")
        if not path.parent.is_dir():
            raise UsageError(
                f"{path} cannot be written: there is no folder {path.parent}; name a file in a "
                "folder that exists"
            )
        form = _through if path.exists() and not path.is_file() else atomic_file
        with form(path.resolve()) as draft:
            yield draft
            _synchronize(draft)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TunesmithError(
            f"{path} cannot be written: {error.strerror or error}; name a file in another place"
        ) from error


def write_output_file(path: Path, text: str) -> None:
    """Write text as UTF-8, newlines unchanged, as ``output_file`` does."""
    with output_file(path) as draft:
        draft.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")


@contextmanager
def _through(path: Path) -> Iterator[Path]:
    """Yield a draft whose bytes are copied to a path that can only be written to."""
    with tempfile.TemporaryDirectory(prefix="tunesmith-") as folder:
        draft = Path(folder) / "draft"
        draft.touch(mode=0o600)
        yield draft
        with draft.open("rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)


def _synchronize(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
