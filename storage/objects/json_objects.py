"""JSON objects of the store: each says in which format it was written."""

import json
from collections.abc import Callable
from typing import Any

from tunesmith.errors import CorruptObjectError, StoreFormatError

FORMAT = 1
"""The format of everything that this Tunesmith writes; it reads this one and older ones."""

Warn = Callable[[str], None]
"""Is called with one line for each object that is damaged and left out."""


def encode_json(fields: dict[str, Any]) -> bytes:
    """Return the bytes of an object, its format included."""
    return json.dumps({"format": FORMAT, **fields}, allow_nan=False).encode()


def decode_json(name: str, data: bytes) -> dict[str, Any]:
    """Return the fields of an object.

    Args:
        name: The object's name, for messages.
        data: Its bytes.

    Raises:
        CorruptObjectError: The bytes are not a JSON object.
        StoreFormatError: A later Tunesmith wrote it.
    """
    fields = parse_json(name, data)
    check_format(name, fields.get("format"))
    return fields


def parse_json(name: str, data: bytes) -> dict[str, Any]:
    """Return the fields of an object of any format.

    Raises:
        CorruptObjectError: The bytes are not a JSON object.
    """
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CorruptObjectError(f"{name} is damaged: it is not JSON") from error
    if not isinstance(fields, dict):
        raise CorruptObjectError(f"{name} is damaged: it is not a JSON object")
    return fields


def check_format(name: str, version: object) -> None:
    """Refuse what a later Tunesmith wrote.

    Raises:
        CorruptObjectError: The format is not a number.
        StoreFormatError: The format is a later one.
    """
    if not isinstance(version, int) or isinstance(version, bool):
        raise CorruptObjectError(f"{name} is damaged: it does not say its format")
    if version > FORMAT:
        raise StoreFormatError(
            f"{name} has format {version}; this Tunesmith reads up to {FORMAT}: "
            "install a newer one (pip install -U tunesmith)"
        )


def ignore(_: str) -> None:
    """Tell nobody: the ``Warn`` of those who want no warnings."""
