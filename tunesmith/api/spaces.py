"""What a flag is searched over, written in Python."""

from collections.abc import Iterable

from tunesmith.flags.display import format_value
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue


def uniform(low: float, high: float, *, initial: float | None = None) -> Distribution:
    """Return an interval of numbers, both ends included: ``uniform(-2, 2)`` holds 0.5.

    Args:
        low: The lower end.
        high: The upper end.
        initial: The value of the first trial; None to leave it to the optimizer.

    Raises:
        FlagError: The interval is empty or not finite, or the initial value lies outside.
    """
    start = None if initial is None else float(initial)
    return Distribution(
        low=float(low),
        high=float(high),
        initial=start,
        text=_interval(float(low), float(high), start),
    )


def integers(low: int, high: int, *, initial: int | None = None) -> Distribution:
    """Return an interval of whole numbers, both ends included; raise as ``uniform`` does."""
    return Distribution(
        low=low,
        high=high,
        initial=initial,
        is_integer=True,
        text=f"integers{_interval(low, high, initial)}",
    )


def loguniform(low: float, high: float, *, initial: float | None = None) -> Distribution:
    """Return an interval in which every decade has the same share; raise as ``uniform`` does."""
    return Distribution(
        low=low,
        high=high,
        initial=initial,
        is_log=True,
        text=f"loguniform{_interval(low, high, initial)}",
    )


def choice(values: Iterable[FlagValue]) -> Choices:
    """Return several values: an axis of a grid, or categories of a search."""
    held = tuple(values)
    return Choices(values=held, text=format_value(held, is_exact=True))


def to_argument(name: str, value: Setting | list[FlagValue]) -> str:
    """Return a flag as the command line takes it.

    A list is several values, a tuple is one value that is a list.
    """
    if isinstance(value, Distribution | Choices):
        return f"{name}={value.text}"
    if isinstance(value, list):
        return f"{name}={choice(value).text}"
    if isinstance(value, tuple):
        return f"{name}=[{format_value(value, is_exact=True)}]"
    return f"{name}={format_value(value, is_exact=True)}"


def _interval(low: float, high: float, initial: float | None) -> str:
    start = "" if initial is None else f":{initial!r}"
    return f"[{low!r}:{high!r}{start}]"
