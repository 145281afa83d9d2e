"""The grammar of a VALUE: one value, several values, or a distribution."""

import ast
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.distributions import DISTRIBUTIONS, STEP, read_distribution
from tunesmith.flags.number import MAX_DIGITS, is_none_word, read_number, read_word
from tunesmith.flags.safe_yaml import load_yaml, load_yaml_texts, shorten
from tunesmith.flags.sequences import SEQUENCES, expand_sequence
from tunesmith.flags.settings import ORDERED, UNORDERED, Choices, Setting
from tunesmith.flags.values import MAX_DEPTH, FlagValue
from tunesmith.near_names import near_names

FUNCTIONS = (*SEQUENCES, *DISTRIBUTIONS)

_CALL = re.compile(r"([A-Za-z_]\w*)?\[([^\[\]]*)\]", re.ASCII)
_SHELL_SAFE = re.compile(r"(?:([A-Za-z]+):)?([^\[\]:]+(?::[^\[\]:]+)*)", re.ASCII)
_CLOCK = re.compile(r"\d+(:\d+)+", re.ASCII)
_REPETITION = re.compile(r"(\[.*\])\s*\*\s*(\d{1,20})", re.ASCII | re.DOTALL)
_MAX_REPEATED = 1_000_000
"""Values of a repeated list; more would be a mistake, and fill the memory."""
_LONGEST_WORD = len("false")
"""The longest word that YAML does not read as text."""


def read_setting(text: str, *, is_real: bool = False, reads_none: bool = False) -> Setting:
    """Return the setting that a VALUE means for a flag of unknown type.

    Args:
        text: The text after ``=``.
        is_real: Whether ``[0:1]`` is an interval of floats.
        reads_none: Whether the word None means None instead of text.

    Raises:
        FlagError: It calls an unknown function, or its arguments do not fit.
    """
    # 12:30 may be a time of day; -2.0:2.0 cannot, so it is a range
    is_clock = _CLOCK.fullmatch(text.strip()) is not None
    return text if is_clock else read_numeric(text, is_real=is_real, reads_none=reads_none)


def read_numeric(text: str, *, is_real: bool = False, reads_none: bool = False) -> Setting:
    """Return the setting for a flag that takes numbers, for which ``1:10`` is a range, too.

    Args:
        text: As for ``read_setting``.
        is_real: As for ``read_setting``.
        reads_none: As for ``read_setting``.

    Raises:
        FlagError: As for ``read_setting``.
    """
    number = read_word(text)
    if number is not None:
        return number
    function = _read_function(text, is_real=is_real)
    if function is not None:
        return function
    if text.lstrip().startswith("["):
        return _read_list(text, partial(load_yaml, reads_none=reads_none))
    return None if reads_none and is_none_word(text) else _read_scalar(text)


def read_texts(text: str, *, reads_none: bool = False) -> Setting:
    """Return the setting that a VALUE in brackets means for a flag that takes text.

    The items of a list stay as written: ``[1.10, true]`` is 1.10 and true.

    Args:
        text: The text after ``=``.
        reads_none: Whether the word None in it means None.

    Raises:
        FlagError: It is not a list.
    """
    inner = text.strip()[1:-1]
    is_range = ":" in inner and _numbers(inner.split(":")) is not None
    function = _read_function(text) if is_range else None
    if function is not None:
        return function
    return _read_list(text, partial(load_yaml_texts, reads_none=reads_none))


def read_tuples(text: str) -> Setting:
    """Return the setting that Python's literals mean: a tuple is one value, a list several.

    Raises:
        FlagError: It is neither, or has items that are not constants.
    """
    try:
        read = ast.literal_eval(text.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise FlagError(
            f"{shorten(text)} is not a tuple of numbers and strings: write it as (0.9,0.95), "
            "or several as [(0.9,0.95),(0.8,0.99)]"
        ) from error
    value = to_flag_value(read, shown=shorten(text))
    if isinstance(read, list) and isinstance(value, tuple) and value:
        return Choices(values=value, text=text)
    return value


def to_flag_value(item: Any, *, shown: str, depth: int = MAX_DEPTH) -> FlagValue:
    """Return an item of a file or a list as a flag's value.

    Raises:
        FlagError: It is an object, or another type that no flag can have.
    """
    if isinstance(item, list | tuple) and depth > 0:
        return tuple(to_flag_value(one, shown=shown, depth=depth - 1) for one in item)
    is_huge = isinstance(item, int) and abs(item) > 10**MAX_DIGITS
    if (item is None or isinstance(item, str | bool | int | float)) and not is_huge:
        return item
    raise FlagError(f"{shown} has an item that is not a value: write numbers and strings")


def _read_function(text: str, *, is_real: bool = False) -> Setting | None:
    """Return the setting of ``NAME[a:b]``, ``[a:b]`` or a synonym; None for another text."""
    stripped = " ".join(text.split())
    bracketed = _CALL.fullmatch(stripped)
    if bracketed is not None:
        name, inner = bracketed[1], bracketed[2]
        is_call = _is_call(name, inner)
        return _call(name, inner, stripped, is_real=is_real) if is_call else None
    safe = _SHELL_SAFE.fullmatch(stripped)
    if safe is None:
        return None
    name, inner = safe[1], safe[2]
    if name is None:
        return _read_bare(inner, text, is_real=is_real)
    if name.lower() not in FUNCTIONS or _numbers(_split_step(inner)[0]) is None:
        return None
    return _call(name, inner, f"{name}[{inner}]", is_real=is_real)


def _is_call(name: str | None, inner: str) -> bool:
    """Return whether a bracketed text is meant as a function: ``[a:b]``, ``data[0]`` are not."""
    if name is not None:
        return name.lower() in FUNCTIONS or (":" in inner and "," not in inner)
    parts = inner.split(":")
    return len(parts) > 1 and "," not in inner and any(read_number(p) is not None for p in parts)


def _read_bare(inner: str, text: str, *, is_real: bool) -> Setting | None:
    """Return the setting of ``-1,0,1`` or ``-2.0:2.0``, if every part is a number."""
    listed = _numbers(inner.split(","))
    if "," in inner and listed is not None:
        return Choices(values=listed, text=text)
    parts, step = _split_step(inner)
    bounds = _numbers(parts)
    if ":" in inner and bounds is not None and len(bounds) in (2, 3):
        return read_distribution("uniform", bounds, f"[{inner}]", step=step, is_real=is_real)
    return None


def _call(name: str | None, inner: str, text: str, *, is_real: bool) -> Setting:
    """Return the setting of a function call; without a name, of a uniform range.

    Raises:
        FlagError: The function is unknown, or an argument is not a number.
    """
    function = "uniform" if name is None else name.lower()
    shown = text if text.isprintable() and len(text) <= 200 else shorten(text)
    if function not in FUNCTIONS:
        near = near_names(function[:50], FUNCTIONS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise FlagError(
            f"{shown} calls an unknown function {shorten(function)}.{hint} Choose one of "
            f"{', '.join(FUNCTIONS)}; --literal keeps the text"
        )
    parts, step = _split_step(inner)
    numbers = _numbers(parts)
    if numbers is None:
        wrong = next(part for part in parts if read_number(part) is None)
        example = SEQUENCES[function][1] if function in SEQUENCES else f"{name or ''}[-2.0:2.0]"
        raise FlagError(
            f"{shorten(wrong)} in {shown} is not a number: write numbers, as in {example}"
        )
    if function not in SEQUENCES:
        return read_distribution(function, numbers, text, step=step, is_real=is_real)
    if step is not None:
        raise FlagError(f"{shown} has a step=: write numbers, as in {SEQUENCES[function][1]}")
    return Choices(values=expand_sequence(function, numbers, shown), text=text)


def _split_step(inner: str) -> tuple[list[str], int | float | None]:
    """Return the parts of ``a:b:step=c``, and the number of the last, None where there is none."""
    *parts, last = inner.split(":")
    words = "".join(last.split())
    step = read_number(words.removeprefix(STEP)) if words.startswith(STEP) else None
    return (parts, step) if step is not None else ([*parts, last], None)


def _numbers(parts: list[str]) -> tuple[int | float, ...] | None:
    numbers: list[int | float] = []
    for part in parts:
        number = read_number(part)
        if number is None:
            return None
        numbers.append(number)
    return tuple(numbers)


def _read_list(text: str, load: Callable[[str], Any]) -> Choices:
    """Return the values of ``[a, b]``, of ``[a, b]*2``, or of ``[a, b] ordered``."""
    once, *last = text.strip().rsplit(None, 1)
    is_ordered = last[0] == ORDERED if last and last[0] in (ORDERED, UNORDERED) else None
    once = text if is_ordered is None else once
    repetition = _REPETITION.fullmatch(once.strip())
    listed, n = (repetition[1], int(repetition[2])) if repetition else (once, 1)
    try:
        loaded = load(listed)
    except FlagError as error:
        raise FlagError(
            f"{error}; write a list as [1,2], or take the text as it is with --literal"
        ) from error
    if not isinstance(loaded, list) or not loaded:
        raise FlagError(
            f"{shorten(text)} is an empty list: give at least one value, as in [0.1,0.2]"
        )
    if not 1 <= n * len(loaded) <= _MAX_REPEATED:
        raise FlagError(
            f"{shorten(text)} repeats a list {n} times: expected 1 to {_MAX_REPEATED} values"
        )
    values = tuple(to_flag_value(item, shown=shorten(text)) for item in loaded)
    return Choices(values=values * n, text=text, n_repeats=n, is_ordered=is_ordered)


def _read_scalar(text: str) -> FlagValue:
    """Return YAML's reading of a word or of quoted text; anything else is the text itself."""
    stripped = text.strip()
    is_quoted = stripped[:1] in ("'", '"')
    if not is_quoted and len(stripped) > _LONGEST_WORD:
        return text
    try:
        loaded = load_yaml(stripped)
    except FlagError:
        return text
    if isinstance(loaded, bool) or (isinstance(loaded, str) and is_quoted):
        return loaded
    # YAML reads `#fff` as a comment, and so as None; only the words for None mean None
    return None if loaded is None and stripped.lower() in ("~", "null") else text
