"""Values of TOML files."""

import datetime
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from tunesmith.addresses.address import Address, Part, is_typable
from tunesmith.errors import FlagError
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.values import FlagValue, to_plain


def read_toml(text: str) -> tuple[Address, ...]:
    """Return the values of a TOML file.

    Raises:
        FlagError: It is not TOML.
    """
    try:
        loaded = tomllib.loads(text.removeprefix("\ufeff"))
        return tuple(_below(loaded, ()))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FlagError(f"it is not TOML: {error}") from error


def rewrite_toml(text: str, values: Mapping[tuple[Part, ...], FlagValue]) -> str:
    """Return the text with new values; comments and layout stay.

    Raises:
        FlagError: TOML has no such value.
    """
    import tomlkit  # 40 ms, for files that are written only
    from tomlkit.exceptions import TOMLKitError

    mark = "\ufeff" if text.startswith("\ufeff") else ""
    try:
        document = tomlkit.parse(text.removeprefix("\ufeff"))
        for parts, value in values.items():
            *outer, last = parts
            table: Any = document
            for part in outer:
                table = table[part]
            _set(table, last, value)
        return mark + tomlkit.dumps(document)
    except (TOMLKitError, LookupError, TypeError, ValueError) as error:
        raise FlagError(f"it cannot be written: {error}") from error


def _set(table: Any, key: Part, value: FlagValue) -> None:
    if value is None or (isinstance(value, tuple) and _has_none(value)):
        raise FlagError("TOML has no null")
    plain = [_plain(item) for item in value] if isinstance(value, tuple) else _plain(value)
    old = table[key]
    if isinstance(plain, list) and isinstance(old, list) and len(plain) == len(old):
        for index, item in enumerate(plain):  # the layout of a list of many lines stays
            old[index] = item
        return
    table[key] = plain


def _has_none(value: FlagValue) -> bool:
    return any(map(_has_none, value)) if isinstance(value, tuple) else value is None


def _plain(value: FlagValue) -> Any:
    return value if isinstance(value, float) else to_plain(value)


def _below(value: Any, parts: tuple[Part, ...]) -> Iterator[Address]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if is_typable(key):
                yield from _below(inner, (*parts, key))
    elif isinstance(value, list):
        yield from _list(value, parts)
    elif isinstance(value, datetime.date | datetime.time):
        yield Address(parts=parts, reason="is a date, which no flag can be")
    else:
        yield Address(parts=parts, value=value)


def _list(items: list[Any], parts: tuple[Part, ...]) -> Iterator[Address]:
    inner = [one for at, item in enumerate(items) for one in _below(item, (*parts, at))]
    try:
        value = to_flag_value(items, shown="it")
    except FlagError:
        yield from inner
        return
    yield Address(parts=parts, value=value)
    for one in inner:
        yield Address(parts=one.parts, value=one.value, is_item=True)
