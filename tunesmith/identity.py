"""Which strings may become part of a path. Decoders check what they read from files by it."""

import hashlib
import re
from functools import lru_cache
from pathlib import PurePosixPath

MAX_COUNT = 10**8
"""The trials of a batch, the attempts of a trial and the generations are fewer: names of objects
have room for eight digits."""

_HEX = re.compile(r"[0-9a-f]{32}")


def id_of(text: str) -> str:
    """Return the id that a text has for ever.

    Ids that begin with the time, as those of flow runs, would look the same within a minute.
    """
    return hashlib.blake2s(text.encode(), digest_size=16).hexdigest()


def is_id(text: object) -> bool:
    """Return whether a value is an id of a run or a batch, or the digest of a source."""
    return isinstance(text, str) and _HEX.fullmatch(text) is not None


def is_count(value: object) -> bool:
    """Return whether a value can be the number of a trial, an attempt or a generation."""
    return type(value) is int and 0 <= value < MAX_COUNT


@lru_cache
def is_inner_path(text: str) -> bool:
    """Return whether a path is relative, and cannot lead out of its folder."""
    path = PurePosixPath(text)
    return (
        bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in text
    )
