"""The reading of one number, the same wherever a value is written."""

import math
import re

MAX_DIGITS = 1_000

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
SPECIAL = re.compile(r"[+-]?\.?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
"""NaN and the infinities as Python or YAML write them."""


def read_number(text: str) -> int | float | None:
    """Return the number that a text reads as; None for text, ``1_2`` and ``12:30`` among it."""
    stripped = text.strip()
    if NUMBER.fullmatch(stripped) is None:
        return None
    if stripped.lstrip("+-").isdigit() and len(stripped) <= MAX_DIGITS:
        return int(stripped)
    number = float(stripped)
    return number if math.isfinite(number) else None


def read_word(text: str) -> int | float | None:
    """Return a number as ``read_number`` does, or NaN and the infinities."""
    if SPECIAL.fullmatch(text.strip()):
        return float(text.strip().replace(".", ""))
    return read_number(text)
