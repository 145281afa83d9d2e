"""The values a flag can have, and their exact JSON form.

The store keeps the JSON form. It distinguishes 1, 1.0 and True, and writes NaN and the infinities,
which plain JSON lacks, as ``{"$float": "nan"}``.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from tunesmith.errors import FlagError

FlagValue: TypeAlias = int | float | str | bool | tuple["FlagValue", ...] | None
"""One value of one flag; lists are tuples, so that values can be compared and hashed."""

Flags: TypeAlias = Mapping[str, FlagValue]
"""A value for each flag."""

MAX_DEPTH = 20
"""Levels of nested lists: readers call themselves for each, and Python's stack is limited."""


def to_plain(value: FlagValue) -> Any:
    """Return the value as what ``json.dumps`` takes, lossless."""
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    return str(value) if isinstance(value, str) else value  # of a secret only the mask


def from_plain(plain: Any) -> FlagValue:
    """Return the value that ``to_plain`` wrote.

    Raises:
        FlagError: The JSON is not a flag's value.
    """
    if isinstance(plain, list):
        return tuple(from_plain(item) for item in plain)
    if isinstance(plain, dict):
        if set(plain) == {"$float"} and plain["$float"] in ("nan", "inf", "-inf"):
            return float(plain["$float"])
        raise FlagError(f"{plain!r} is not a flag's value: expected a number, a string or a list")
    if plain is None or isinstance(plain, int | float | str | bool):
        return plain
    raise FlagError(f"{plain!r} is not a flag's value: expected a number, a string or a list")


def encode_flags(flags: Flags) -> str:
    """Return the canonical JSON text: names sorted, no spaces, the same text for equal flags."""
    plain = {name: to_plain(flags[name]) for name in sorted(flags)}
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def decode_flags(text: str) -> dict[str, FlagValue]:
    """Return the flags that ``encode_flags`` wrote.

    Raises:
        FlagError: The text is not such a JSON object.
    """
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise FlagError(f"flags are not JSON: {error}") from error
    if not isinstance(plain, dict):
        raise FlagError(f"flags are a JSON {type(plain).__name__}: expected an object")
    return {name: from_plain(value) for name, value in plain.items()}


def decode_all_flags(texts: Sequence[str]) -> list[dict[str, FlagValue]]:
    """Return the flags of each text, as ``decode_flags`` does, several times faster.

    Raises:
        FlagError: A string is not what ``encode_flags`` wrote.
    """
    inner = ",".join(texts)
    if "[" in inner or '"$float"' in inner:  # lists, NaN and the infinities are not plain JSON
        return [decode_flags(text) for text in texts]
    try:
        flags: list[dict[str, FlagValue]] = json.loads(f"[{inner}]")
    except ValueError as error:
        raise FlagError(f"flags are not JSON: {error}") from error
    return flags


def point_key(value: FlagValue) -> str:
    """Return a string that is equal for values that a script reads as the same.

    ``1`` and ``1.0`` are the same number; ``True`` and ``"1"`` are not.
    """
    if isinstance(value, tuple):
        return "[" + ",".join(point_key(item) for item in value) + "]"
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        is_whole = math.isfinite(value) and value == int(value)
        return f"n{int(value)}" if is_whole else f"n{value!r}"
    return f"t{value!r}"


def flags_key(flags: Flags, names: Sequence[str] | None = None) -> str:
    """Return a string that is equal for equal points, over the given flags or all of them."""
    chosen = sorted(flags) if names is None else sorted(names)
    return ";".join(f"{name!r}={point_key(flags.get(name))}" for name in chosen)
