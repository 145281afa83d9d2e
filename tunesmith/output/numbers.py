"""How numbers are written in lines of output."""

import re

NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
"""A number in decimal notation; the possessive quantifiers never give digits back."""
_THOUSANDS = r"[+-]?[1-9]\d{0,2}(?:,\d{3})++(?:\.\d++)?(?![\d,])"
_NOT_FINITE = r"[+-]?(?:nan|NaN|NAN|inf|Inf|INF|infinity|Infinity)"
ANY_NUMBER = rf"(?:{_THOUSANDS}|{NUMBER}|{_NOT_FINITE})"
"""A number as a program may print it, as ``1,234`` or ``nan``."""
VALUE = rf"(?:{NUMBER}|{_NOT_FINITE})"
WRAPPERS = (
    r"(?:(?:[A-Za-z_]\w{0,15}\.)?(?:tensor|Tensor|EagerTensor|array|Array|DeviceArray|asarray"
    r"|float\d{0,3}|double|int\d{0,2}|uint\d{0,2}|longdouble|bfloat16|Decimal|Fraction|Scalar)"
    r"\(\s{0,8})?"
)
"""The call in whose representation a number may stand, as ``tensor(0.5)``."""
TIME_UNIT = re.compile(
    r"\s{0,2}(?:ns|[uμµ]s|ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?)(?![\w/])"
)
"""What stands after a time."""
_ENDS = re.compile(r"\s{0,3}%|(?!\w|\.\w|[:/-]\w|\s?(?:[kKMGT]i?B)(?!\w))")
_OF = re.compile(r"\s?/\s?(\d++(?:,\d{3})*)(?![\w/]|\.\d)")
_COMMA = re.compile(r",\d")
_WHOLE = re.compile(r"(?<![\w.,])[+-]?\d{1,18}$")
_FINITE_DIGITS = re.compile(r"[.eE]")


def to_float(text: str) -> float:
    """Return the number that a text in one of the notations stands for."""
    return float(text.replace(",", ""))


def is_whole(text: str) -> bool:
    """Return whether a number was written without a fraction."""
    return _FINITE_DIGITS.search(text) is None and text[-1:].isdigit()


def end_of_number(line: str, place: int) -> int | None:
    """Return where a number that ends at a place ends with its sign ``%``.

    None if it is only the beginning of something else, as a date, a version, a size, or a number
    with a decimal comma, which may be a list.
    """
    if _COMMA.match(line, place) and _WHOLE.search(line[max(0, place - 20) : place]):
        return None
    match = _ENDS.match(line, place)
    return None if match is None else match.end()


def total_after(line: str, place: int) -> tuple[int, int] | None:
    """Return the whole of which the number before a place is a part, and where it ends."""
    match = _OF.match(line, place)
    return None if match is None else (int(match[1].replace(",", "")), match.end())
