"""Distributions: functions such as ``loguniform[a:b]`` that mean an interval to search."""

from collections.abc import Sequence

from tunesmith.errors import FlagError
from tunesmith.flags.settings import Distribution

DISTRIBUTIONS = ("uniform", "loguniform", "integers")


def read_distribution(
    name: str, arguments: Sequence[int | float], text: str, *, is_real: bool = False
) -> Distribution:
    """Return the distribution that a function means.

    Args:
        name: One of ``DISTRIBUTIONS``; the anonymous form is ``uniform``.
        arguments: The lower bound, the upper bound, and optionally the initial value.
        text: The argument as typed.
        is_real: Whether whole bounds mean floats, too.

    Raises:
        FlagError: The arguments do not fit.
    """
    if (n := len(arguments)) not in (2, 3):
        raise FlagError(
            f"{text} has {n} number{'' if n == 1 else 's'}: a range takes a lower and an upper "
            f"bound, and optionally an initial value, as in {name}[0.1:1.0] or {name}[0.1:1.0:0.5]"
        )
    is_log = name == "loguniform"
    is_whole = all(isinstance(bound, int) for bound in arguments[:2])
    if name == "integers" and not is_whole:
        raise FlagError(f"{text} has a fractional bound: write whole numbers, as in [1:10]")
    is_integer = name == "integers" or (is_whole and not is_log and not is_real)
    if is_integer and arguments[-1] != int(arguments[-1]):
        raise FlagError(
            f"{text} has the initial value {arguments[-1]}, but whole bounds mean whole "
            f"numbers: write the bounds as {arguments[0]}.0 and {arguments[1]}.0 for floats"
        )
    # whole numbers stay ints, so that messages show them as typed
    convert = int if is_integer else _as_typed if is_real else float
    low, high, *initial = map(convert, arguments)
    return Distribution(
        low=low,
        high=high,
        initial=initial[0] if initial else None,
        is_log=is_log,
        is_integer=is_integer,
        text=text,
    )


def interval(
    low: int | float,
    high: int | float,
    *,
    initial: int | float | None = None,
    is_log: bool = False,
    is_integer: bool = False,
) -> Distribution:
    """Return the distribution of an interval that nobody typed, with the text that means it.

    Args:
        low: The lower end, included.
        high: The upper end, included.
        initial: The value of the first trial; None, the default, leaves it to the optimizer.
        is_log: Whether every decade has the same share; by default not.
        is_integer: Whether it holds whole numbers only; by default not.

    Raises:
        FlagError: The interval is empty or not finite, or the initial value lies outside.
    """
    name = "loguniform" if is_log else "integers" if is_integer else ""
    start = "" if initial is None else f":{initial!r}"
    return Distribution(
        low=low,
        high=high,
        initial=initial,
        is_log=is_log,
        is_integer=is_integer,
        text=f"{name}[{low!r}:{high!r}{start}]",
    )


def _as_typed(number: int | float) -> int | float:
    return number
