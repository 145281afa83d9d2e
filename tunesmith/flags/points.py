"""Points in one word: ``lr=3e-4,depth=6``."""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from tunesmith.flags.assignments import Assignment, split_argument
from tunesmith.flags.values import Flags

Point: TypeAlias = str | Flags | tuple[Assignment, ...]
"""A point of the search space: as it is typed, the values of flags, or words with one each."""
DEFAULTS = "defaults"
"""The word for the point that has the script's own values."""

_NAME = re.compile(r"\s*(?:--)?([^\s=,'\"\[\](){}]+)\s*=")
"""What a new flag begins with, after a comma."""
_OPENING, _CLOSING, _QUOTES = "[({", "])}", "'\""


def split_point(text: str, is_flag: Callable[[str], bool]) -> list[Assignment]:
    """Return the flags of a point, each with its text.

    A comma separates two flags where it stands outside of brackets and quotes, and ``NAME=`` of a
    flag follows it; any other one belongs to the value.

    Args:
        text: The point, as ``lr=3e-4,depth=6``.
        is_flag: Whether a name is that of a flag.

    Raises:
        FlagError: A part has no ``=``, or no name before it.
    """
    cuts = [-1, *(at for at in _outer_commas(text) if _begins_flag(text, at + 1, is_flag))]
    ends = [*cuts[1:], len(text)]
    return [split_argument(text[cut + 1 : end]) for cut, end in zip(cuts, ends, strict=True)]


def _begins_flag(text: str, at: int, is_flag: Callable[[str], bool]) -> bool:
    found = _NAME.match(text, at)
    return found is not None and is_flag(found[1])


def _outer_commas(text: str) -> Iterator[int]:
    """Yield the places of the commas outside of brackets and quotes.

    A quote opens only where a value or an item begins: ``it's`` has an apostrophe.
    """
    depth, quote, before = 0, "", "="
    for at, mark in enumerate(text):
        if quote:
            quote = "" if mark == quote else quote
        elif mark in _QUOTES and before in "=,[({:":
            quote = mark
        elif mark in _OPENING:
            depth += 1
        elif mark in _CLOSING:
            depth = max(0, depth - 1)
        elif mark == "," and not depth:
            yield at
        before = before if mark.isspace() else mark
