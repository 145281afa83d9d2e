"""Settings of a flag: one value, several values, or a distribution."""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from tunesmith.errors import FlagError
from tunesmith.flags.values import FlagValue, from_plain, point_key, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Several values of one flag: an axis of a grid, or a categorical dimension of a search.

    Raises:
        FlagError: The values are not so many repetitions of a list.
    """

    values: tuple[FlagValue, ...]
    text: str
    """The argument as typed."""
    n_repeats: int = 1
    """How many runs of each value a grid has: ``[1,2]*2`` asks for two, whose ``values`` are 1, 2,
    1, 2."""

    def __post_init__(self) -> None:
        if self.n_repeats < 1 or len(self.values) % self.n_repeats:
            raise FlagError(
                f"{self.text} is no list that is repeated {self.n_repeats} times: write [1,2]*2"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """An interval to search, both ends included.

    Raises:
        FlagError: The interval is empty, not finite, or not positive on a log scale, or the
            initial value lies outside.
    """

    low: int | float
    high: int | float
    initial: int | float | None = None
    """The value in the first trial; None to leave it to the optimizer."""
    is_log: bool = False
    is_integer: bool = False
    text: str
    """The argument as typed, as ``[-2.0:2.0]``."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise FlagError(f"{self.text} has an infinite end: give two finite numbers")
        if not self.low < self.high:
            raise FlagError(
                f"{self.text} is empty: the lower bound {self.low} must be less than the "
                f"upper bound {self.high}"
            )
        if self.is_log and self.low <= 0:
            raise FlagError(
                f"{self.text} starts at {self.low}: a log scale needs a lower bound above 0, "
                "as in loguniform[1e-5:1e-1]"
            )
        if self.initial is not None and not self.low <= self.initial <= self.high:
            raise FlagError(
                f"{self.text} has the initial value {self.initial}, which is outside "
                f"{self.low} to {self.high}"
            )


Setting: TypeAlias = FlagValue | Choices | Distribution
"""One value, several values, or a distribution."""


def admits(setting: Setting, value: FlagValue) -> bool:
    """Return whether a setting includes a value; 1 and 1.0 are the same."""
    if isinstance(setting, Choices):
        return any(point_key(one) == point_key(value) for one in setting.values)
    if not isinstance(setting, Distribution):
        return point_key(setting) == point_key(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return setting.low <= value <= setting.high and not (setting.is_integer and value % 1)


def setting_to_plain(setting: Setting) -> dict[str, Any]:
    """Return a setting as plain JSON."""
    if isinstance(setting, Choices):
        plain = {"values": to_plain(setting.values), "text": setting.text}
        return plain if setting.n_repeats == 1 else {**plain, "repeats": setting.n_repeats}
    if isinstance(setting, Distribution):
        return {
            "low": setting.low,
            "high": setting.high,
            "initial": setting.initial,
            "log": setting.is_log,
            "integer": setting.is_integer,
            "text": setting.text,
        }
    return {"value": to_plain(setting)}


def setting_from_plain(plain: dict[str, Any]) -> Setting:
    """Return the setting that ``setting_to_plain`` wrote.

    Raises:
        FlagError: The JSON is not a setting.
    """
    try:
        if "value" in plain:
            return from_plain(plain["value"])
        if "values" in plain:
            values = tuple(from_plain(item) for item in plain["values"])
            n_repeats = plain.get("repeats", 1)
            return Choices(values=values, text=plain["text"], n_repeats=n_repeats)
        return Distribution(
            low=plain["low"],
            high=plain["high"],
            initial=plain["initial"],
            is_log=plain["log"],
            is_integer=plain["integer"],
            text=plain["text"],
        )
    except (KeyError, TypeError) as error:
        raise FlagError(f"{plain!r} is not a flag's setting") from error
