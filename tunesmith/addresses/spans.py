"""Values at known places of a text, which are replaced there: all else stays as it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tunesmith.addresses.address import Address
from tunesmith.flags.values import FlagValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A value with its place in the text."""

    address: Address
    start: int = 0
    """The first character."""
    end: int = 0
    """After the last one."""
    style: str = ""
    """How it is written: a quote, or what its format means by it."""
    before: str = ""
    """What a new value needs before it."""


Literal = Callable[[Placed, FlagValue], str]
"""Returns what is written for a value at a place."""


def rewrite_spans(
    text: str, places: Sequence[Placed], values: Mapping[str, FlagValue], literal: Literal
) -> str:
    """Return the text with new values.

    Args:
        text: The text.
        places: Its values.
        values: The new values by the keys of their addresses.
        literal: Writes one.

    Raises:
        FlagError: A value cannot be written.
    """
    by_key = {one.address.key: one for one in places}
    changes: dict[tuple[int, int], str] = {}
    for key, value in values.items():
        for placed, single in _split(by_key, key, value):
            changes[placed.start, placed.end] = placed.before + literal(placed, single)
    for start, end in sorted(changes, reverse=True):
        text = text[:start] + changes[start, end] + text[end:]
    return text


def _split(
    by_key: Mapping[str, Placed], key: str, value: FlagValue
) -> list[tuple[Placed, FlagValue]]:
    """Return the places to change: of a list of the same length its items, whose layout stays."""
    placed = by_key[key]
    if not isinstance(value, tuple) or not isinstance(placed.address.value, tuple):
        return [(placed, value)]
    items = [by_key.get(f"{key}.{index}") for index in range(len(value))]
    if len(value) != len(placed.address.value) or not all(items):
        return [(placed, value)]
    pairs = zip(items, value, strict=True)
    return [
        pair
        for at, (item, one) in enumerate(pairs)
        if item is not None
        for pair in _split(by_key, f"{key}.{at}", one)
    ]
