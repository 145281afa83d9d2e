"""Reads numbers, in the same way wherever a value is written."""

import math
import re

MAX_DIGITS = 300
"""Digits of a whole number: beyond the range of floats, it stays text."""

EXACT_DIGITS = 13
"""Significant digits of the result of an exponential: 0.001, not 0.0010000000000000002."""
LARGEST_EXACT = 2**53
"""Up to here, floats represent every whole number."""

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
BASED = re.compile(r"[+-]?0(x[0-9a-f]{1,200}|b[01]{1,900})", re.ASCII | re.IGNORECASE)
SPECIAL = re.compile(r"[+-]?\.?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
"""NaN and the infinities as Python or YAML write them."""
NONE = re.compile(r"none|null|~", re.IGNORECASE)
"""None as Python or YAML write it."""


def read_number(text: str) -> int | float | None:
    """Return the finite number of a string; None for other text, as ``1_2`` and ``12:30``."""
    stripped = text.strip()
    if BASED.fullmatch(stripped) is not None:
        return int(stripped, base=0)
    if NUMBER.fullmatch(stripped) is None:
        return None
    if stripped.lstrip("+-").isdigit():
        return int(stripped) if len(stripped) <= MAX_DIGITS else None
    number = float(stripped)
    return number if math.isfinite(number) else None


def without_float_noise(number: float) -> float:
    """Return the result of a power or a logarithm, rounded to the digits that are exact."""
    return float(f"{number:.{EXACT_DIGITS}g}")


def as_whole(number: float) -> int | None:
    """Return a whole number as an int; None for one with a fraction, or too large to be exact."""
    is_exact = isinstance(number, int) or (number.is_integer() and abs(number) <= LARGEST_EXACT)
    return int(number) if is_exact else None


def is_none_word(text: str) -> bool:
    """Return whether a string is a word for None."""
    return NONE.fullmatch(text.strip()) is not None


def read_word(text: str) -> int | float | None:
    """Return a number as ``read_number`` does, or NaN and the infinities."""
    if SPECIAL.fullmatch(text.strip()):
        return float(text.strip().replace(".", ""))
    return read_number(text)
