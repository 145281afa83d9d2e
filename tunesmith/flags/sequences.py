"""Sequences: functions such as ``linspace[a:b:n]`` that mean several values."""

import math
from collections.abc import Callable, Sequence

from tunesmith.errors import FlagError
from tunesmith.flags.number import without_float_noise

MAX_VALUES = 1_000_000
"""Values of a sequence; more would be a mistake, and fill the memory."""
DECIMALS = 8
"""Decimals to which floats are rounded, so that 0.1 + 0.2 is listed as 0.3."""
SMALLEST_ROUNDED = 1e-6
"""Smaller values keep significant digits instead of decimals."""

Number = int | float


def expand_sequence(name: str, arguments: Sequence[Number], text: str) -> tuple[Number, ...]:
    """Return the values of a sequence function.

    Args:
        name: One of ``SEQUENCES``.
        arguments: The numbers between the brackets.
        text: The argument as typed, for messages.

    Raises:
        FlagError: The arguments do not fit the function.
    """
    expand, example, least, most = SEQUENCES[name]
    if not least <= len(arguments) <= most:
        raise FlagError(
            f"{text} does not fit: {name} takes {least} to {most} numbers, as in {example}"
        )
    try:
        values = expand(arguments, text)
    except (OverflowError, ZeroDivisionError) as error:
        raise FlagError(f"{text} exceeds the range of floats: write it like {example}") from error
    if not all(math.isfinite(value) for value in values):
        raise FlagError(f"{text} exceeds the range of floats: write it like {example}")
    return values


def _range(arguments: Sequence[Number], text: str) -> tuple[Number, ...]:
    """Return start, start + step, … with the end; ``range[n]`` is 0 … n-1."""
    start: Number
    end: Number
    step: Number
    if len(arguments) == 1:
        start, end, step = 0, math.ceil(arguments[0]) - 1, 1
    else:
        start, end, step = arguments[0], arguments[1], (*arguments, 1)[2]
    if step == 0:
        raise FlagError(f"{text} has a step of 0: give a step such as 1, as in range[0:10:2]")
    if all(isinstance(number, int) for number in arguments):
        n = (end - start) // step + 1
    else:
        # tolerates rounding errors: 0:1:0.1 has eleven values
        n = math.floor((end - start) / step + 1e-8) + 1
    if n < 1:
        raise FlagError(f"{text} is empty: the step must lead from the start to the end")
    _check_count(int(n), text)
    values = [start + i * step for i in range(int(n))]
    if all(isinstance(number, int) for number in arguments):
        return tuple(values)
    return tuple(_rounded(float(value), start, end) for value in values)


def _linspace(arguments: Sequence[Number], text: str) -> tuple[Number, ...]:
    start, end, n = arguments[0], arguments[1], _count(arguments, text)
    return tuple(_rounded(value, start, end) for value in _spaced(start, end, n))


def _logspace(arguments: Sequence[Number], text: str) -> tuple[Number, ...]:
    start, end, n = arguments[0], arguments[1], _count(arguments, text)
    base = float(arguments[3]) if len(arguments) == 4 else 10.0
    if base <= 0:
        raise FlagError(f"{text} has the base {base:g}: it must be above 0, as in logspace[-5:-1]")
    return tuple(without_float_noise(base**value) for value in _spaced(start, end, n))


def _geomspace(arguments: Sequence[Number], text: str) -> tuple[Number, ...]:
    start, end, n = float(arguments[0]), float(arguments[1]), _count(arguments, text)
    if start == 0 or end == 0 or (start < 0) != (end < 0):
        raise FlagError(
            f"{text} crosses 0: both ends need the same sign, as in geomspace[0.001:1:4]"
        )
    sign = math.copysign(1.0, start)
    logs = _spaced(math.log10(abs(start)), math.log10(abs(end)), n)
    inner = [sign * without_float_noise(10.0**value) for value in logs]
    return tuple([start, *inner[1:-1], end] if n > 1 else [start])


def _spaced(start: Number, end: Number, n: int) -> list[float]:
    """Return n numbers with even steps, both ends included; the start alone where n is 1."""
    if n == 1:
        return [float(start)]
    step = (end - start) / (n - 1)
    return [*(start + i * step for i in range(n - 1)), float(end)]


def _count(arguments: Sequence[Number], text: str) -> int:
    count = arguments[2] if len(arguments) > 2 else 5
    if count != int(count) or count < 1:
        raise FlagError(f"{text} asks for {count} values: give a whole number of 1 or more")
    _check_count(int(count), text)
    return int(count)


def _check_count(n: int, text: str) -> None:
    if n > MAX_VALUES:
        raise FlagError(f"{text} has {n} values: at most {MAX_VALUES} are expanded")


def _rounded(value: float, start: Number, end: Number) -> float:
    """Return a value rounded to ``DECIMALS``, within both ends.

    Tiny values keep as many significant digits instead: linspace[1e-10:1e-9] is not all zero.
    """
    is_tiny = 0 < abs(value) < SMALLEST_ROUNDED
    rounded = float(f"{value:.{DECIMALS}g}") if is_tiny else round(value, DECIMALS)
    return float(min(max(rounded, min(start, end)), max(start, end)))


Expand = Callable[[Sequence[Number], str], tuple[Number, ...]]

SEQUENCES: dict[str, tuple[Expand, str, int, int]] = {
    "range": (_range, "range[0:10:2]", 1, 3),
    "linspace": (_linspace, "linspace[-0.6:0.6:4]", 2, 3),
    "logspace": (_logspace, "logspace[-5:-1:5]", 2, 4),
    "geomspace": (_geomspace, "geomspace[0.001:1:4]", 2, 3),
}
"""By name: the function, an example, and its minimum and maximum number of arguments."""
