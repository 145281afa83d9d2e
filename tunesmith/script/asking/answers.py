"""The answers of programs, kept as long as no file that they read has changed."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tunesmith.atomic_file import write_atomically
from tunesmith.errors import FlagError
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.script_flags_json import script_flags_from_plain, script_flags_to_plain

_READ = "read"
"""The key of the digests of the files that a program read, besides the copy of its source."""
_DOUBT = "doubt"
"""The key of why there may be other flags."""
MAX_BYTES = 1024 * 1024
"""Larger files are data: their size and time stand for their content."""


def read_answer(path: Path) -> ScriptFlags | None:
    """Return the flags in a file; None where it is missing, or what the program read changed."""
    try:
        plain = json.loads(path.read_text())
        is_same = all(_digest(Path(name)) == one for name, one in plain.get(_READ, {}).items())
        if not is_same:
            return None
        return replace(script_flags_from_plain(plain), doubt=str(plain.get(_DOUBT, "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, FlagError):
        return None


def keep_answer(found: ScriptFlags, read: Mapping[str, str], path: Path) -> None:
    """Write an answer to the cache, if there is a store yet; errors are ignored.

    Args:
        found: The answer.
        read: The digests of the files that it depends on, besides the source, by their paths.
        path: The file to write.
    """
    with suppress(OSError):
        if path.parent.is_dir():
            plain = {**script_flags_to_plain(found), _READ: dict(read), _DOUBT: found.doubt}
            write_atomically(path, json.dumps(plain).encode())


def digests_of(plain: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Return the digests of the files that a program has read outside a folder.

    Args:
        plain: What its process wrote.
        folder: The copy of its source, whose content is known.
    """
    names = {name for key in ("files", "opened") for name in plain.get(key, ())}
    paths = [path for name in sorted(names) if not (path := Path(name)).is_relative_to(folder)]
    return {str(path): _digest(path) for path in paths if path.is_file()}


def _digest(path: Path) -> str:
    """Return what tells a file's content; empty for a file that is not there."""
    try:
        status = path.stat()
        if status.st_size > MAX_BYTES:
            return f"{status.st_size} {status.st_mtime_ns}"
        return hashlib.blake2s(path.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""
