"""What a flag is searched over, written in Python."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from numbers import Real
from pathlib import PurePath
from typing import Any, TypeAlias, TypeVar

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import ValueAssignment
from tunesmith.flags.belief import WIDTH, Belief
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.display import format_value
from tunesmith.flags.distributions import interval, read_distribution
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue

FlagInput: TypeAlias = Setting | PurePath | list[Any]
"""A value, a list of values to try, or what ``uniform``, ``integers``, ``loguniform``, ``normal``,
``lognormal`` and ``choice`` return. A tuple is one value."""

S = TypeVar("S", Choices, Distribution)


def uniform(
    low: float,
    high: float,
    *,
    initial: float | None = None,
    belief: float | tuple[float, float] | None = None,
    step: float | None = None,
    when: str | None = None,
) -> Distribution:
    """Return an interval of numbers, both ends included: ``uniform(-2, 2)`` holds 0.5.

    Args:
        low: The lower end.
        high: The upper end.
        initial: The value of the first trial; None to leave it to the optimizer.
        belief: Near which number the best one is expected, alone or with how far around it, as a
            share of the range (0.25 by default); None for nothing.
        step: The distance of the numbers, from the lower end on; None for all of them.
        when: The condition on other flags under which this one is passed and searched, in the
            language of ``--filter``, as ``kernel == "poly"``; None for always.

    Raises:
        FlagError: The interval is empty or not finite, the initial value lies outside, or the
            step is too large or none.
    """
    _check_numbers(low, high, initial, step)
    start = None if initial is None else float(initial)
    by = None if step is None else float(step)
    found = _in_steps(interval(float(low), float(high), initial=start), by)
    return _if(_near(found, belief), when)


def integers(
    low: int,
    high: int,
    *,
    initial: int | None = None,
    belief: float | tuple[float, float] | None = None,
    step: int | None = None,
    when: str | None = None,
) -> Distribution:
    """Return an interval of whole numbers, both ends included; raise as ``uniform`` does."""
    _check_numbers(low, high, initial, step, is_whole=True)
    found = interval(low, high, initial=initial, is_integer=True)
    return _if(_near(_in_steps(found, None if step == 1 else step), belief), when)


def loguniform(
    low: float,
    high: float,
    *,
    initial: float | None = None,
    belief: float | tuple[float, float] | None = None,
    step: float | None = None,
    when: str | None = None,
) -> Distribution:
    """Return an interval in which every decade has the same share; raise as ``uniform`` does."""
    _check_numbers(low, high, initial, step)
    found = _in_steps(interval(low, high, initial=initial, is_log=True), step)
    return _if(_near(found, belief), when)


def normal(
    mean: float,
    sd: float,
    *,
    initial: float | None = None,
    step: float | None = None,
    when: str | None = None,
) -> Distribution:
    """Return numbers that are normally distributed, cut at three standard deviations.

    Args:
        mean: The mean.
        sd: The standard deviation, above 0.
        initial: As for ``uniform``.
        step: Where only its multiples are searched, the distance; None for all numbers.
        when: As for ``uniform``.

    Raises:
        FlagError: A number is not finite, the initial value lies outside, or the step is too
            large or none.
    """
    return _normal("normal", (mean, sd), initial, step, when)


def lognormal(
    mean: float,
    sd: float,
    *,
    initial: float | None = None,
    step: float | None = None,
    when: str | None = None,
) -> Distribution:
    """Return numbers whose natural logarithm is normally distributed, otherwise as ``normal``."""
    return _normal("lognormal", (mean, sd), initial, step, when)


def _in_steps(found: Distribution, step: float | None) -> Distribution:
    """Return an interval of which only the numbers at a distance are searched."""
    if step is None:
        return found
    return replace(found, step=step, text=f"{found.text[:-1]}:step={step!r}]")


def _normal(
    name: str,
    numbers: tuple[float, float],
    initial: float | None,
    step: float | None,
    when: str | None,
) -> Distribution:
    _check_numbers(*numbers, initial, step)
    given = numbers if initial is None else (*numbers, initial)
    by = "" if step is None else f":step={step!r}"
    text = f"{name}[{':'.join(map(repr, given))}{by}]"
    return _if(read_distribution(name, given, text, step=step), when)


def choice(values: Iterable[Any], *, belief: Any = None, when: str | None = None) -> Choices:
    """Return several values: an axis of a grid, or categories of a search.

    Args:
        values: The values, at least one.
        belief: Which of them is expected to be the best; None for none.
        when: As for ``uniform``.

    Raises:
        FlagError: There is none, or one of them is no value that a flag can have.
    """
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise FlagError(f"choice takes a list of values, as [0.1, 0.2], and {values!r} was given")
    held = tuple(to_value(value) for value in values)
    if not held:
        raise FlagError("a list without values was given: give one value or more, as [0.1, 0.2]")
    choices = Choices(values=held, text=format_value(held, is_exact=True))
    return _if(_near(choices, None if belief is None else to_value(belief)), when)


def to_assignments(flags: Mapping[str, FlagInput]) -> tuple[ValueAssignment, ...]:
    """Return flags that a program sets as a request has them; raise as ``to_setting`` does."""
    return tuple(ValueAssignment(name=n, setting=to_setting(one)) for n, one in flags.items())


def to_setting(value: FlagInput) -> Setting:
    """Return what a program sets a flag to: a list is several values, a tuple is one.

    Raises:
        FlagError: It is no value that a flag can have.
    """
    if isinstance(value, Distribution | Choices):
        return value
    return choice(value) if isinstance(value, list) else to_value(value)


def to_value(value: Any) -> FlagValue:
    """Return one value of a flag: NumPy's numbers as Python's, paths as strings, lists as tuples.

    Raises:
        FlagError: It is no value that a flag can have.
    """
    plain = value.item() if getattr(value, "shape", None) == () else value
    if isinstance(plain, list | tuple):
        return tuple(to_value(item) for item in plain)
    if isinstance(plain, PurePath):
        return str(plain)
    if plain is None or isinstance(plain, bool | int | float | str):
        return plain
    raise FlagError(
        f"a flag cannot be set to a {type(plain).__name__}: give a number, a string, True, False "
        "or None, a tuple of these as one value, a list of values to try, or what "
        "tunesmith.uniform, integers, loguniform, normal, lognormal and choice return"
    )


def _near(several: S, believed: Any) -> S:
    """Return several values with what is believed of them."""
    if believed is None:
        return several
    is_wide = isinstance(several, Distribution) and isinstance(believed, tuple)
    value, width = believed if is_wide else (believed, WIDTH)
    near = f"{format_value(value, is_exact=True)}{'' if width == WIDTH else f':{width!r}'}"
    belief = Belief(value=value, width=width)
    return replace(several, belief=belief, text=f"{several.text}~{near}")


def _if(several: S, when: str | None) -> S:
    """Return several values with their condition."""
    return several if when is None else replace(several, condition=Condition(text=when))


def _check_numbers(*ends: object, is_whole: bool = False) -> None:
    """Check that what bounds an interval are numbers, or None.

    Raises:
        FlagError: One of them is not.
    """
    for end in ends:
        is_number = isinstance(end, Real) and not isinstance(end, bool)
        if end is not None and not (is_number and (not is_whole or _is_whole(end))):
            expected = "whole numbers" if is_whole else "numbers"
            raise FlagError(f"an interval has no end {end!r}: give {expected}")


def _is_whole(number: Any) -> bool:
    return math.isfinite(number) and number == math.floor(number)
