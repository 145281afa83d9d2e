"""Files that a user asked for, in a place of their own choice: written whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from tunesmith.errors import TunesmithError, UsageError


def write_whole(path: Path, text: str) -> None:
    """Write a file in UTF-8, newlines as they are; a reader sees the old text or the new.

    What is no ordinary file, as ``/dev/stdout`` or a pipe, is written to as it stands.

    Raises:
        UsageError: The folder does not exist, or the name is a folder's.
        TunesmithError: The system refuses to write.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.parent}")
    try:
        if path.exists() and not path.is_file():
            _write(path, text, mode="w")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise TunesmithError(f"{path} cannot be written: {error.strerror or error}") from error


def _replace(path: Path, text: str) -> None:
    """Write beside the file, then take its place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _write(beside, text, mode="x")
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _write(path: Path, text: str, *, mode: str) -> None:
    with path.open(mode, encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
