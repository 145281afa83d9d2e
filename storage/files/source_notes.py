"""Notes of what was read from a source, which is read again only where its files have changed."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tunesmith.atomic_file import write_atomically
from tunesmith.storage.files.source_files import SourceFile

_TOO_RECENT_NS = 50_000_000
"""A file that was changed so recently may change again within the resolution of its time."""


def hash_of(text: str) -> str:
    """Return a short text that tells a text from every other."""
    return hashlib.blake2s(os.fsencode(text), digest_size=16).hexdigest()


def read_note(path: Path, state: str) -> Any:
    """Return what was noted for this state of the files; None where nothing was."""
    try:
        note = json.loads(path.read_bytes())
        return note["value"] if note["state"] == state else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_note(
    path: Path, state: str, value: object, *, files: Sequence[SourceFile], now_ns: int
) -> None:
    """Note a value for a state of the files, unless one of them was changed just before.

    Args:
        path: The note; its folder is made where only that is missing.
        state: What tells the state of the files from others.
        value: Plain JSON.
        files: The files that were read.
        now_ns: The time before they were read, in nanoseconds since 1970.
    """
    if all(file.modified_ns < now_ns - _TOO_RECENT_NS for file in files):
        with suppress(OSError):  # the cache only saves time
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_atomically(path, json.dumps({"state": state, "value": value}).encode())
