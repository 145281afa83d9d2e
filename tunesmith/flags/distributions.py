"""Distributions: functions such as ``loguniform[a:b]`` that mean an interval to search."""

import math
from collections.abc import Sequence
from dataclasses import replace

from tunesmith.errors import FlagError
from tunesmith.flags.number import without_float_noise
from tunesmith.flags.priors import REACH, Normal, Prior
from tunesmith.flags.settings import Distribution
from tunesmith.flags.steps import Steps

DISTRIBUTIONS = ("uniform", "loguniform", "integers", "quniform", "normal", "lognormal")
STEP = "step="
"""What begins the part of a distribution that gives the distance of its numbers."""


def read_distribution(
    name: str,
    arguments: Sequence[int | float],
    text: str,
    *,
    step: int | float | None = None,
    is_real: bool = False,
) -> Distribution:
    """Return the distribution that a function means.

    Args:
        name: One of ``DISTRIBUTIONS``; the anonymous form is ``uniform``.
        arguments: The lower bound, the upper bound, and optionally the initial value. Of
            ``quniform`` the third is the step, and of a normal distribution the first two are the
            mean and the standard deviation.
        text: The argument as typed.
        step: The distance of the numbers; None for all of them.
        is_real: Whether whole bounds mean floats, too.

    Raises:
        FlagError: The arguments do not fit.
    """
    if name == "quniform":
        return _multiples(arguments, text, step)
    if name in ("normal", "lognormal"):
        return _normal(name, arguments, text, step)
    found = _interval(name, arguments, text, is_real=is_real or isinstance(step, float))
    if step is None or (step == 1 and found.is_integer):
        return found
    if found.is_integer and not isinstance(step, int):
        raise FlagError(f"{text} has whole numbers in steps of {step}: give a whole step")
    return replace(found, step=step if found.is_integer else float(step))


def _multiples(
    arguments: Sequence[int | float], text: str, step: int | float | None
) -> Distribution:
    """Return the multiples of the third number from the first to the second."""
    if len(arguments) not in (3, 4) or step is not None:
        raise FlagError(
            f"{text} does not fit: quniform takes two bounds and a step, and optionally an "
            "initial value, as in quniform[0.1:1.0:0.1]"
        )
    low, high, q, *initial = arguments
    steps = Steps.multiples(low, high, q)
    if steps.size < 2:
        raise FlagError(f"{text} has fewer than two multiples of {q}: give a smaller step")
    is_integer = isinstance(q, int)
    return Distribution(
        low=steps.low,
        high=steps.high,
        initial=initial[0] if initial else None,
        is_integer=is_integer,
        step=None if q == 1 and is_integer else q,
        text=text,
    )


def _normal(
    name: str, arguments: Sequence[int | float], text: str, step: int | float | None
) -> Distribution:
    """Return the numbers around a mean, to three standard deviations on both sides."""
    if len(arguments) not in (2, 3):
        raise FlagError(
            f"{text} does not fit: {name} takes a mean and a standard deviation"
            f"{' of the natural logarithm' if name == 'lognormal' else ''}, and optionally an "
            f"initial value, as in {name}[0.0:1.0]"
        )
    is_log = name == "lognormal"
    prior = Normal(mean=float(arguments[0]), sd=float(arguments[1]))
    low, high = normal_ends(prior.mean, prior.sd, is_log=is_log)
    ends: tuple[int | float, int | float] = low, high
    if step is not None:
        steps = Steps.multiples(max(low, min(step, high)) if is_log else low, high, step)
        if steps.size < 2:
            raise FlagError(f"{text} has fewer than two multiples of {step}: give a smaller step")
        ends = steps.low, steps.high
    return Distribution(
        low=ends[0],
        high=ends[1],
        initial=arguments[2] if len(arguments) == 3 else None,
        is_log=is_log,
        is_integer=isinstance(step, int),
        step=step,
        prior=prior,
        text=text,
    )


def normal_ends(mean: float, sd: float, *, is_log: bool) -> tuple[float, float]:
    """Return the ends to which a normal distribution is cut, of values or of their logarithms.

    Raises:
        FlagError: They exceed the range of floats.
    """
    low, high = mean - REACH * sd, mean + REACH * sd
    if not is_log:
        return low, high
    try:
        return without_float_noise(math.exp(low)), without_float_noise(math.exp(high))
    except OverflowError:
        raise FlagError(f"the exponential of {high} is too large") from None


def _interval(
    name: str, arguments: Sequence[int | float], text: str, *, is_real: bool
) -> Distribution:
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
