"""Distributions: functions that stand for an interval to search."""

from collections.abc import Sequence

from tunesmith.errors import FlagError
from tunesmith.flags.settings import Distribution

DISTRIBUTIONS = ("uniform", "loguniform")


def read_distribution(name: str, arguments: Sequence[int | float], text: str) -> Distribution:
    """Return the distribution that a function stands for.

    Args:
        name: One of ``DISTRIBUTIONS``; the anonymous form is ``uniform``.
        arguments: The lower bound, the upper bound, and perhaps the first trial's value.
        text: The argument as typed.

    Raises:
        FlagError: The arguments do not fit.
    """
    if len(arguments) not in (2, 3):
        raise FlagError(
            f"{text} has {len(arguments)} number(s): a range takes a lower and an upper bound, "
            f"and perhaps the first value, as {name}[0.1:1.0] or {name}[0.1:1.0:0.5]"
        )
    is_log = name == "loguniform"
    is_integer = not is_log and all(isinstance(bound, int) for bound in arguments[:2])
    if is_integer and arguments[-1] != int(arguments[-1]):
        raise FlagError(
            f"{text} starts its first trial at {arguments[-1]}, but whole bounds mean whole "
            f"numbers: write the bounds as {arguments[0]}.0 and {arguments[1]}.0 for real ones"
        )
    low, high, *initial = [int(one) if is_integer else float(one) for one in arguments]
    return Distribution(
        low=low,
        high=high,
        initial=initial[0] if initial else None,
        is_log=is_log,
        is_integer=is_integer,
        text=text,
    )
