"""Distributions: functions such as ``loguniform[a:b]`` that mean an interval to search."""

from collections.abc import Sequence

from tunesmith.errors import FlagError
from tunesmith.flags.priors import Normal, Prior
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
    step: int | float | None = None,
    prior: Prior | None = None,
) -> Distribution:
    """Return the distribution of an interval that nobody typed, with a text that tells it.

    The text of one with steps or a prior is none that the command line reads.

    Args:
        low: The lower end, included.
        high: The upper end, included.
        initial: The value of the first trial; None, the default, leaves it to the optimizer.
        is_log: Whether every decade has the same share; by default not.
        is_integer: Whether it holds whole numbers only; by default not.
        step: The distance of its numbers; None, the default, for all of them.
        prior: How likely they are; None, the default, for uniform on the scale.

    Raises:
        FlagError: The interval is empty or not finite, or the initial value lies outside.
    """
    start = "" if initial is None else f":{initial!r}"
    if prior is None:
        name = "loguniform" if is_log else "integers" if is_integer else ""
        text = f"{name}[{low!r}:{high!r}{start}]"
    else:
        text = f"{prior_text(prior, is_log=is_log)}{start}"
    return Distribution(
        low=low,
        high=high,
        initial=initial,
        is_log=is_log,
        is_integer=is_integer,
        step=step,
        prior=prior,
        text=text if step is None else f"{text} by {step!r}",
    )


def prior_text(prior: Prior, *, is_log: bool) -> str:
    """Return a prior in short: ``normal(0.0, 1.0)``."""
    if isinstance(prior, Normal):
        return f"{'log' if is_log else ''}normal({prior.mean!r}, {prior.sd!r})"
    return f"beta({prior.a!r}, {prior.b!r})"


def _as_typed(number: int | float) -> int | float:
    return number
