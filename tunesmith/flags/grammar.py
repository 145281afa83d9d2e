"""The reading of one VALUE: a value, several values, or a distribution."""

import difflib
import re
from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.distributions import DISTRIBUTIONS, read_distribution
from tunesmith.flags.number import read_number
from tunesmith.flags.safe_yaml import load_yaml, shorten
from tunesmith.flags.sequences import SEQUENCES, expand_sequence
from tunesmith.flags.settings import Choices, Setting
from tunesmith.flags.values import FlagValue

FUNCTIONS = (*SEQUENCES, *DISTRIBUTIONS)

_FUNCTION = re.compile(r"([A-Za-z_]\w*)?\[([^\[\],]*:[^\[\],]*)\]", re.ASCII)
_CALL = re.compile(r"([A-Za-z_]\w*)\[([^\[\]]*)\]", re.ASCII)
_SHELL_SAFE = re.compile(r"(?:([A-Za-z]+):)?([^\[\]:]+(?::[^\[\]:]+)*)", re.ASCII)
_REPETITION = re.compile(r"(\[.*\])\s*\*\s*(\d{1,7})", re.ASCII | re.DOTALL)
_MAX_REPEATED = 1_000_000


def read_setting(text: str) -> Setting:
    """Return what a VALUE means where nothing is known of its flag.

    Raises:
        FlagError: It looks like a function and is none, or its arguments do not fit.
    """
    if text == "":
        return ""
    number = read_number(text)
    if number is not None:
        return number
    function = _read_function(text)
    if function is not None:
        return function
    repetition = _REPETITION.fullmatch(text.strip())
    if repetition is not None:
        return _repeat(repetition[1], int(repetition[2]), text)
    return _read_yaml(text)


def _read_function(text: str) -> Setting | None:
    """Return the meaning of ``NAME[a:b]``, ``[a:b]`` or a synonym; None if it is none."""
    stripped = text.strip()
    bracketed = _FUNCTION.fullmatch(stripped) or _CALL.fullmatch(stripped)
    if bracketed is not None and _is_call(bracketed[1], bracketed[2]):
        return _call(bracketed[1] or "uniform", bracketed[2], text, is_named=bool(bracketed[1]))
    if bracketed is not None:
        return None
    safe = _SHELL_SAFE.fullmatch(stripped)
    if safe is None:
        return None
    name, inner = safe[1], safe[2]
    if name is None:
        return _read_bare(inner, text)
    if name.lower() not in FUNCTIONS or _numbers(inner.split(":")) is None:
        return None
    return _call(name, inner, f"{name}[{inner}]", is_named=True)


def _is_call(name: str | None, inner: str) -> bool:
    """Return whether a bracketed text is meant as a function: ``[a:b]``, ``data[0]`` are not."""
    if name is None:
        return any(read_number(part) is not None for part in inner.split(":"))
    return name.lower() in FUNCTIONS or ":" in inner


def _read_bare(inner: str, text: str) -> Setting | None:
    """Return the meaning of ``-1,0,1`` and ``-2.0:2.0``, if every part is a number."""
    listed = _numbers(inner.split(","))
    if "," in inner and listed is not None:
        return Choices(values=listed, text=text)
    bounds = _numbers(inner.split(":"))
    if ":" in inner and bounds is not None and len(bounds) in (2, 3):
        return read_distribution("uniform", bounds, f"[{inner}]")
    return None


def _call(name: str, inner: str, text: str, *, is_named: bool) -> Setting:
    """Return what a function's name and arguments mean.

    Raises:
        FlagError: There is no such function, or an argument is no number.
    """
    function = name.lower()
    if function not in FUNCTIONS:
        near = difflib.get_close_matches(function, FUNCTIONS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise FlagError(
            f"{text} names no function {name!r}.{hint} There are {', '.join(FUNCTIONS)}"
        )
    parts = inner.split(":")
    numbers = _numbers(parts)
    if numbers is None:
        wrong = next(part for part in parts if read_number(part) is None)
        example = SEQUENCES[function][1] if function in SEQUENCES else f"{function}[-2.0:2.0]"
        shown = example if is_named else "[-2.0:2.0]"
        raise FlagError(f"{wrong!r} in {text} is no number: write numbers, as {shown}")
    if function in SEQUENCES:
        return Choices(values=expand_sequence(function, numbers, text), text=text)
    return read_distribution(function, numbers, text)


def _numbers(parts: list[str]) -> tuple[int | float, ...] | None:
    numbers = [read_number(part) for part in parts]
    known = tuple(number for number in numbers if number is not None)
    return known if len(known) == len(numbers) else None


def _repeat(listed: str, n: int, text: str) -> Setting:
    values = _read_yaml(listed)
    if not isinstance(values, Choices):
        return text
    if n * len(values.values) > _MAX_REPEATED or n < 1:
        raise FlagError(f"{shorten(text)} repeats a list {n} times: 1 to {_MAX_REPEATED} values")
    return Choices(values=values.values * n, text=text)


def _read_yaml(text: str) -> Setting:
    """Return the YAML reading of a text, or the text itself where that is no value of a flag."""
    is_list = text.lstrip().startswith("[")
    try:
        loaded = load_yaml(text)
    except FlagError:
        if is_list or len(text) > 10_000:
            raise
        return text
    if is_list and isinstance(loaded, list):
        if not loaded:
            raise FlagError(f"{text} is a list without values: give at least one, as [0.1,0.2]")
        return Choices(values=tuple(_from_yaml(item, text) for item in loaded), text=text)
    if loaded is None or isinstance(loaded, str | bool):
        return loaded
    if isinstance(loaded, float):
        return loaded
    return text  # a mapping stays what was typed


def _from_yaml(item: Any, text: str) -> FlagValue:
    """Return an item of a list as a flag's value.

    Raises:
        FlagError: It is a mapping or something else that no flag can have.
    """
    if isinstance(item, list):
        return tuple(_from_yaml(one, text) for one in item)
    if item is None or isinstance(item, str | bool | int | float):
        return item
    raise FlagError(f"{shorten(text)} has an item that is no value: write numbers and texts")
