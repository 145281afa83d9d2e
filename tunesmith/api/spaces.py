"""What a flag is searched over, written in Python."""

from collections.abc import Iterable

from tunesmith.flags.display import format_value
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue


def uniform(low: float, high: float, *, initial: float | None = None) -> Distribution:
    """Return an interval of numbers, both ends included; of whole numbers if both ends are.

    Args:
        low: The lower end.
        high: The upper end.
        initial: The value of the first trial; None to leave it to the optimizer.

    Raises:
        FlagError: The interval is empty or not finite, or the initial value lies outside.
    """
    is_integer = isinstance(low, int) and isinstance(high, int)
    start = "" if initial is None else f":{initial!r}"
    return Distribution(
        low=low,
        high=high,
        initial=initial,
        is_integer=is_integer,
        text=f"[{low!r}:{high!r}{start}]",
    )


def loguniform(low: float, high: float, *, initial: float | None = None) -> Distribution:
    """Return an interval in which every decade has the same share; raise as ``uniform`` does."""
    start = "" if initial is None else f":{initial!r}"
    return Distribution(
        low=low,
        high=high,
        initial=initial,
        is_log=True,
        text=f"loguniform[{low!r}:{high!r}{start}]",
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
