"""What may become part of a path. Texts from files are checked by it where they are decoded."""

import re
from functools import lru_cache
from pathlib import PurePosixPath

MAX_COUNT = 10**8
"""Trials of a batch, attempts of a trial and generations are fewer: what names have room for."""

_HEX = re.compile(r"[0-9a-f]{32}")


def is_id(text: object) -> bool:
    """Return whether a value is an id of a run or a batch, or the digest of a source."""
    return isinstance(text, str) and _HEX.fullmatch(text) is not None


def is_count(value: object) -> bool:
    """Return whether a value can be the number of a trial, an attempt or a generation."""
    return type(value) is int and 0 <= value < MAX_COUNT


@lru_cache
def is_inner_path(text: str) -> bool:
    """Return whether a text names something within a folder, and cannot lead out of it."""
    path = PurePosixPath(text)
    return (
        bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in text
    )
