"""The reading of one number, the same wherever a value is written."""

import math
import re

MAX_DIGITS = 300
"""Of a whole number: beyond it, no float could carry the number, and it stays text."""

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
BASED = re.compile(r"[+-]?0(x[0-9a-f]{1,200}|b[01]{1,900})", re.ASCII | re.IGNORECASE)
SPECIAL = re.compile(r"[+-]?\.?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
"""NaN and the infinities as Python or YAML write them."""


def read_number(text: str) -> int | float | None:
    """Return the finite number that a text reads as; None for text, ``1_2`` and ``12:30`` too."""
    stripped = text.strip()
    if BASED.fullmatch(stripped) is not None:
        return int(stripped, base=0)
    if NUMBER.fullmatch(stripped) is None:
        return None
    if stripped.lstrip("+-").isdigit():
        return int(stripped) if len(stripped) <= MAX_DIGITS else None
    number = float(stripped)
    return number if math.isfinite(number) else None


def read_word(text: str) -> int | float | None:
    """Return a number as ``read_number`` does, or NaN and the infinities."""
    if SPECIAL.fullmatch(text.strip()):
        return float(text.strip().replace(".", ""))
    return read_number(text)
