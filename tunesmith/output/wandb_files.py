"""Metrics in the files that W&B writes offline: ``run-ID.wandb``, a log of protobuf messages.

Of its messages those with the history are read, what the program gave to ``wandb.log`` and its
step, and those with the summary.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any

SUMMARY = "wandb-summary.json"
"""What older versions write beside the log, and newer ones where they are online."""
_HEADER = b":W&B"
_HEADER_BYTES = 7
"""The header, a number that never changes and the version of the format."""
_BLOCK_BYTES = 32_768
_FRAME = struct.Struct("<4xHB")
"""Before each part of a message: a checksum, its length and which part it is."""
_DOUBLE = struct.Struct("<d")
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_HISTORY, _SUMMARY = 2, 3
"""The numbers of a message's fields that hold items: what was logged, and what it comes to."""
_ITEM, _STEP = 1, 2
_KEY, _NESTED_KEY, _INTEGER, _NUMBER, _JSON = 1, 2, 5, 6, 16
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_VARINT_BITS = 70


def is_beside_log(folder: Path) -> bool:
    """Return whether the log of a run lies above a folder, so that its summary says no more."""
    return any(folder.parent.glob("*.wandb"))


def is_wandb_file(path: PurePath) -> bool:
    """Return whether a file is W&B's log of a run by its name."""
    return path.suffix == ".wandb"


def logged_rows(data: bytes) -> Iterator[Mapping[str, Any]]:
    """Yield what was logged, a mapping for each step, then what the summary has beside that.

    Raises:
        ValueError: The file is broken from there on.
    """
    logged, summary = set[str](), dict[str, Any]()
    for message in _messages(data):
        for number, found in _fields(message):
            if number == _HISTORY and isinstance(found, bytes):
                row = _row(found)
                logged.update(row)
                yield row
            elif number == _SUMMARY and isinstance(found, bytes):
                summary |= _row(found)
    yield {key: value for key, value in summary.items() if key not in logged}


def _row(message: bytes) -> dict[str, Any]:
    """Return the items of a message and its step, without those that W&B adds itself."""
    row: dict[str, Any] = {}
    step: dict[str, Any] = {}
    for number, found in _fields(message):
        if number == _ITEM and isinstance(found, bytes):
            name, value = _item(found)
            if name and not name.startswith("_"):
                row[name] = value
        elif number == _STEP and isinstance(found, bytes):
            step = {"step": next((one for at, one in _fields(found) if at == 1), 0)}
    return row | step


def _item(message: bytes) -> tuple[str, Any]:
    """Return the name of a value and the value; None where that is neither a number nor JSON."""
    key, nested, value = "", list[str](), None
    for number, found in _fields(message):
        if number == _INTEGER and isinstance(found, int):
            value = (found >> 1) ^ -(found & 1)  # the sign is the last bit
        elif isinstance(found, int):
            continue
        elif number == _KEY:
            key = found.decode(errors="replace")
        elif number == _NESTED_KEY:
            nested.append(found.decode(errors="replace"))
        elif number == _NUMBER and len(found) == _DOUBLE.size:
            (value,) = _DOUBLE.unpack(found)
        elif number == _JSON:
            with suppress(ValueError, RecursionError):
                value = json.loads(found)
    return "/".join(nested) or key, value


def _messages(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a log, whose parts never cross the end of a block."""
    if not data.startswith(_HEADER):
        return
    place, parts = _HEADER_BYTES, list[bytes]()
    while place + _FRAME.size <= len(data):
        left = _BLOCK_BYTES - place % _BLOCK_BYTES
        if left < _FRAME.size:  # filled with zeros
            place += left
            continue
        length, part = _FRAME.unpack_from(data, place)
        place += _FRAME.size
        if part not in (_FULL, _FIRST, _MIDDLE, _LAST) or place + length > len(data):
            return  # the rest was not written, as where a program is killed
        if part in (_FULL, _FIRST):
            parts = []
        parts.append(data[place : place + length])
        place += length
        if part in (_FULL, _LAST):
            yield b"".join(parts)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the numbers of a message's fields and what they hold.

    Raises:
        ValueError: It is no message.
    """
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            length, place = _varint(message, place)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"a field of kind {kind}")
        if place + length > len(message):
            raise ValueError("a field that goes on behind the message")
        yield tag >> 3, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, _VARINT_BITS, 7):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number that does not end")
