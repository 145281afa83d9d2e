"""The distributions of W&B's sweeps, and what each means here.

Those of exponents (``log_uniform``) and those of values (``log_uniform_values``) are the same
distribution, said in two ways; so are the inverse ones, since a number and its inverse have
logarithms that differ in their sign. A normal distribution is cut at three standard deviations.
The steps of ``q`` are its multiples within the interval, where W&B may round to one outside.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.display import format_value
from tunesmith.flags.distributions import interval, normal_ends
from tunesmith.flags.number import without_float_noise
from tunesmith.flags.priors import Beta, Normal, Prior
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.steps import Steps
from tunesmith.flags.values import FlagValue

_ENDS = ("min", "max")
_SHAPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "uniform": (_ENDS, ()),
    "log_uniform": (_ENDS, ()),
    "log_uniform_values": (_ENDS, ()),
    "normal": ((), ("mu", "sigma")),
    "log_normal": ((), ("mu", "sigma")),
    "beta": ((), ("a", "b")),
}

KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "constant": (("value",), ()),
        "categorical": (("values",), ("repeats", "ordered")),
        "categorical_w_probabilities": (("values", "probabilities"), ("ordered",)),
        **{
            kind: (needed, (*others, *(("q",) if kind.startswith("q_") else ()), "initial"))
            for kind, (needed, others) in {
                "int_uniform": (_ENDS, ()),
                "inv_log_uniform": (_ENDS, ()),
                "inv_log_uniform_values": (_ENDS, ()),
                **_SHAPES,
                **{f"q_{kind}": shape for kind, shape in _SHAPES.items()},
            }.items()
        },
    }
)
"""The distributions, with the keys that each needs and those that it may have; ``initial``, the
value of the first trial, ``repeats`` and ``ordered`` are ours."""
MAX_LISTED = 100_000
"""Values of one parameter of a grid; more would be a mistake."""


def read_distribution(kind: str, parameter: Mapping[str, Any]) -> Setting:
    """Return what a distribution means: an interval to search, or the one value that it has.

    Args:
        kind: One of ``KEYS`` that has no values.
        parameter: The parameter's keys.

    Raises:
        FlagError: A number is missing or does not fit.
    """
    numbers = {
        key: to_number(given, key)
        for key, given in parameter.items()
        if key not in ("distribution", "initial")
    }
    initial = parameter.get("initial")
    start = None if initial is None else to_number(initial, "initial")
    shape = kind.removeprefix("q_").removeprefix("inv_")
    is_log = shape.startswith("log")
    low, high, prior = _bounds(kind, numbers)
    if low == high:
        return low
    if kind.startswith("q_"):
        return _stepped(low, high, numbers.get("q", 1), is_log=is_log, prior=prior, initial=start)
    is_integer = kind == "int_uniform"
    if is_integer and not (isinstance(low, int) and isinstance(high, int)):
        raise FlagError("int_uniform takes whole numbers as min and max")
    if not is_integer:
        low, high, start = float(low), float(high), None if start is None else float(start)
    return interval(low, high, initial=start, is_log=is_log, is_integer=is_integer, prior=prior)


def _bounds(
    kind: str, numbers: Mapping[str, int | float]
) -> tuple[int | float, int | float, Prior | None]:
    """Return the ends of a distribution, and its prior; equal ends where it has one value."""
    shape = kind.removeprefix("q_")
    if shape == "beta":
        return 0.0, 1.0, Beta(a=numbers.get("a", 1), b=numbers.get("b", 1))
    if shape in ("normal", "log_normal"):
        mean, sd = numbers.get("mu", 0.0), numbers.get("sigma", 1.0)
        prior = Normal(mean=mean, sd=sd) if sd else None
        return *normal_ends(mean, sd, is_log=shape == "log_normal"), prior
    low, high = numbers["min"], numbers["max"]
    if shape == "inv_log_uniform":
        low, high = -high, -low
    if shape in ("log_uniform", "inv_log_uniform"):
        low, high = _exponential(low), _exponential(high)
    return low, high, None


def _stepped(
    low: int | float,
    high: int | float,
    q: int | float,
    *,
    is_log: bool,
    prior: Prior | None,
    initial: int | float | None,
) -> Setting:
    """Return the multiples of ``q`` in an interval; one alone is a value."""
    if not low < high:
        raise FlagError(f"min {low} must be less than max {high}")
    least = max(low, min(q, high)) if is_log else low  # 0 has no logarithm
    steps = Steps.multiples(least, high, q)
    if not steps.size:
        raise FlagError(f"there is no multiple of q={q} from {low} to {high}: give a smaller q")
    if steps.size == 1:
        return steps.low
    is_integer = isinstance(steps.low, int) and isinstance(q, int)
    is_every = is_integer and q == 1 and prior is None
    return interval(
        steps.low,
        steps.high,
        initial=initial,
        is_log=is_log,
        is_integer=is_integer,
        step=None if is_every else q,
        prior=prior,
    )


def as_grid(setting: Setting) -> Setting:
    """Return the values of a setting as a list, for a grid.

    Raises:
        FlagError: They cannot be listed.
    """
    if not isinstance(setting, Distribution):
        return setting
    steps = setting.steps
    if steps is None and setting.is_integer:
        steps = Steps.within(setting.low, setting.high, 1)
    if steps is None:
        raise FlagError(
            f"{setting.text} is an interval of floats: a grid needs values, or steps of q"
        )
    if steps.size > MAX_LISTED:
        raise FlagError(f"{setting.text} has {steps.size} values: a grid takes {MAX_LISTED}")
    values = listed([steps.value_at(position) for position in range(steps.size)])
    return replace(values, condition=setting.condition)


def listed(
    values: Sequence[FlagValue],
    *,
    n_repeats: int = 1,
    probabilities: tuple[float, ...] | None = None,
) -> Choices:
    """Return several values, with the text that means them."""
    held = tuple(values)
    once = format_value(held[: len(held) // n_repeats], is_exact=True)
    return Choices(
        values=held,
        text=once if n_repeats == 1 else f"{once}*{n_repeats}",
        n_repeats=n_repeats,
        probabilities=probabilities,
    )


def to_number(given: object, key: str) -> int | float:
    """Return a number of a file.

    Raises:
        FlagError: It is none.
    """
    if isinstance(given, int | float) and not isinstance(given, bool):
        return given
    raise FlagError(f"{key} is {given!r}: expected a number")


def _exponential(exponent: float) -> float:
    try:
        return without_float_noise(math.exp(exponent))
    except OverflowError:
        raise FlagError(f"the exponential of {exponent} is too large") from None
