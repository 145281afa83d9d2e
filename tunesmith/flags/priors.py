"""What is thought of a flag before the first trial: which of its numbers are how likely."""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from tunesmith.errors import FlagError

REACH = 3.0
"""Standard deviations on both sides of the mean to which a normal distribution is cut: three draws
in a thousand would lie beyond. A model tries the ends of its space, so they must not be absurd."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A normal distribution; on a log scale, of the natural logarithm.

    Raises:
        FlagError: A number is not finite, or the standard deviation is not above 0.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.sd) and self.sd > 0):
            raise FlagError(
                f"a normal distribution has no mean {self.mean} with the standard deviation "
                f"{self.sd}: expected finite numbers, the second above 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Beta:
    """A beta distribution on [0, 1], with the density of ``x**(a-1) * (1-x)**(b-1)``.

    Raises:
        FlagError: A number is not finite, or not above 0.
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(one) and one > 0 for one in (self.a, self.b)):
            raise FlagError(
                f"a beta distribution has no a {self.a} and b {self.b}: expected two finite "
                "numbers above 0"
            )


Prior: TypeAlias = Normal | Beta


def prior_to_plain(prior: Prior) -> dict[str, Any]:
    """Return a prior as plain JSON."""
    if isinstance(prior, Normal):
        return {"kind": "normal", "mean": prior.mean, "sd": prior.sd}
    return {"kind": "beta", "a": prior.a, "b": prior.b}


def prior_from_plain(plain: dict[str, Any]) -> Prior:
    """Return the prior that ``prior_to_plain`` wrote.

    Raises:
        FlagError, KeyError: The JSON is not a prior.
    """
    if plain["kind"] == "normal":
        return Normal(mean=plain["mean"], sd=plain["sd"])
    if plain["kind"] == "beta":
        return Beta(a=plain["a"], b=plain["b"])
    raise FlagError(f"{plain['kind']!r} is no distribution of this version: install a newer one")
