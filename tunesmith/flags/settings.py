"""Settings of a flag: one value, several values, or a distribution."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tunesmith.errors import FlagError
from tunesmith.flags.priors import Beta, Prior, prior_from_plain, prior_to_plain
from tunesmith.flags.steps import Steps
from tunesmith.flags.values import FlagValue, from_plain, point_key, to_plain

if TYPE_CHECKING:  # imported for the few settings that have one, so that every command starts fast
    from tunesmith.flags.belief import Belief
    from tunesmith.flags.conditions.condition import Condition

ORDERED, UNORDERED = "ordered", "unordered"
"""The words after a list that say whether its values have an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Several values of one flag: an axis of a grid, or a categorical dimension of a search.

    Raises:
        FlagError: The values are not so many repetitions of a list.
    """

    values: tuple[FlagValue, ...]
    text: str
    """The argument as typed, without its condition."""
    n_repeats: int = 1
    """How many runs of each value a grid has: ``[1,2]*2`` asks for two, whose ``values`` are 1, 2,
    1, 2."""
    probabilities: tuple[float, ...] | None = None
    """How likely each value is in a search, with the sum 1; None for the same for all."""
    is_ordered: bool | None = None
    """Whether a search expects values that are near each other in the list to do alike; None for
    what the values tell."""
    condition: "Condition | None" = None
    """When the flag is active; None for always."""
    belief: "Belief | None" = None
    """Which of the values is expected to be the best; None for none."""

    def __post_init__(self) -> None:
        if self.probabilities is not None:
            self._check_probabilities(self.probabilities)
        if self.belief is not None and not admits(self, self.belief.value):
            raise FlagError(
                f"{self.text}: {self.belief.value!r} is believed in and not among the values"
            )
        if self.n_repeats < 1 or len(self.values) % self.n_repeats:
            raise FlagError(
                f"{self.text} is no list that is repeated {self.n_repeats} times: write [1,2]*2"
            )

    def _check_probabilities(self, given: tuple[float, ...]) -> None:
        if len(given) != len(self.values):
            raise FlagError(
                f"{len(given)} probabilities were given for {len(self.values)} values: give one "
                "for each"
            )
        if not all(0 < one <= 1 for one in given) or abs(sum(given) - 1) > 1e-6:
            raise FlagError(
                f"the probabilities {', '.join(map(str, given))} are not above 0 with the sum 1"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """An interval to search, both ends included.

    Raises:
        FlagError: The interval is empty, not finite, or not positive on a log scale, the initial
            value lies outside, or the step or the prior does not fit.
    """

    low: int | float
    high: int | float
    initial: int | float | None = None
    """The value in the first trial; None to leave it to the optimizer."""
    is_log: bool = False
    is_integer: bool = False
    step: int | float | None = None
    """Where only ``low``, ``low + step`` and so on are searched, the distance; None for all."""
    prior: Prior | None = None
    """How likely its numbers are; None for uniform on the scale."""
    text: str
    """The argument as typed, as ``[-2.0:2.0]``, without its condition."""
    condition: "Condition | None" = None
    """When the flag is active; None for always."""
    belief: "Belief | None" = None
    """Near which number the best one is expected; None for nothing."""

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
        if self.belief is not None:
            self._check_belief(self.belief.value)
        if self.steps is not None and self.steps.size < 2:
            raise FlagError(f"{self.text} has one value: give a smaller step, or the value")
        if isinstance(self.prior, Beta) and not 0 <= self.low < self.high <= 1:
            raise FlagError(f"{self.text} is not within 0 to 1, as a beta distribution is")

    def _check_belief(self, value: FlagValue) -> None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.low <= float(value) <= self.high:  # type: ignore[arg-type]  # a number
            raise FlagError(
                f"{self.text}: {value!r} is believed in, which is no number from {self.low} to "
                f"{self.high}"
            )

    @property
    def steps(self) -> Steps | None:
        """The numbers that are searched; None where it is all of the interval."""
        return None if self.step is None else Steps.within(self.low, self.high, self.step)


Setting: TypeAlias = FlagValue | Choices | Distribution
"""One value, several values, or a distribution."""


def can_be_typed(setting: Setting) -> bool:
    """Return whether an argument can say a setting, as none can what only a sweep file says."""
    if isinstance(setting, Distribution):
        is_special = setting.step is not None or setting.prior is not None
        is_of_file = "(" in setting.text or " by " in setting.text
        return not (is_special and is_of_file)
    return not isinstance(setting, Choices) or setting.probabilities is None


def condition_of(setting: Setting) -> "Condition | None":
    """Return when a flag with a setting is active; None for always."""
    return setting.condition if isinstance(setting, Choices | Distribution) else None


def admits(setting: Setting, value: FlagValue) -> bool:
    """Return whether a setting includes a value; 1 and 1.0 are the same."""
    if isinstance(setting, Choices):
        return any(point_key(one) == point_key(value) for one in setting.values)
    if not isinstance(setting, Distribution):
        return point_key(setting) == point_key(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if setting.steps is not None:
        return setting.steps.position_of(value) is not None
    return setting.low <= value <= setting.high and not (setting.is_integer and value % 1)


def setting_to_plain(setting: Setting) -> dict[str, Any]:
    """Return a setting as plain JSON."""
    if isinstance(setting, Choices):
        plain = {"values": to_plain(setting.values), "text": setting.text}
        more: dict[str, Any] = {"repeats": setting.n_repeats} if setting.n_repeats > 1 else {}
        if setting.probabilities is not None:
            more["probabilities"] = list(setting.probabilities)
        if setting.is_ordered is not None:
            more["ordered"] = setting.is_ordered
        return plain | more | _plain_condition(setting.condition) | _plain_belief(setting.belief)
    if isinstance(setting, Distribution):
        return {
            "low": setting.low,
            "high": setting.high,
            "initial": setting.initial,
            "log": setting.is_log,
            "integer": setting.is_integer,
            "text": setting.text,
            **({} if setting.step is None else {"step": setting.step}),
            **({} if setting.prior is None else {"prior": prior_to_plain(setting.prior)}),
            **_plain_condition(setting.condition),
            **_plain_belief(setting.belief),
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
            likely = plain.get("probabilities")
            return Choices(
                values=values,
                text=plain["text"],
                n_repeats=n_repeats,
                probabilities=None if likely is None else tuple(likely),
                is_ordered=plain.get("ordered"),
                condition=_condition_from_plain(plain),
                belief=_belief_from_plain(plain),
            )
        return Distribution(
            low=plain["low"],
            high=plain["high"],
            initial=plain["initial"],
            is_log=plain["log"],
            is_integer=plain["integer"],
            step=plain.get("step"),
            prior=prior_from_plain(plain["prior"]) if "prior" in plain else None,
            text=plain["text"],
            condition=_condition_from_plain(plain),
            belief=_belief_from_plain(plain),
        )
    except (KeyError, TypeError) as error:
        raise FlagError(f"{plain!r} is not a flag's setting") from error


def _plain_belief(belief: "Belief | None") -> dict[str, Any]:
    return {} if belief is None else {"belief": belief.to_plain()}


def _belief_from_plain(plain: dict[str, Any]) -> "Belief | None":
    if "belief" not in plain:
        return None
    from tunesmith.flags.belief import Belief

    return Belief.from_plain(plain["belief"])


def _plain_condition(condition: "Condition | None") -> dict[str, Any]:
    return {} if condition is None else {"if": condition.to_plain()}


def _condition_from_plain(plain: dict[str, Any]) -> "Condition | None":
    if "if" not in plain:
        return None
    from tunesmith.flags.conditions.condition import Condition

    return Condition.from_plain(plain["if"])
