"""Beliefs: where among several values the best one is expected, as in ``[0.0:1.0]~0.3``."""

import math
import re
from dataclasses import dataclass
from typing import Any

from tunesmith.errors import FlagError
from tunesmith.flags.number import read_number
from tunesmith.flags.values import FlagValue, from_plain, to_plain

WIDTH = 0.25
"""The width of a belief that names none: a quarter of the range."""
_BELIEF = re.compile(
    r"(\s*(?:[A-Za-z_]\w*)?\[.*\](?:\s*\*\s*\d+)?(?:\s+(?:un)?ordered)?)\s*~\s*([^~\[\]]+)",
    re.ASCII | re.DOTALL,
)
"""A list, a range or a distribution, and what is believed of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The value near which the best one is expected.

    Raises:
        FlagError: The width is not above 0 and at most 1.
    """

    value: FlagValue
    width: float = WIDTH
    """How far around it, as a share of the range on its scale: two standard deviations of a normal
    distribution. Of a list without an order, the share that its other values have."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.width) and 0 < self.width <= 1):
            raise FlagError(
                f"a belief is {self.width} of the range wide: expected a share above 0, up to 1, "
                "as ~0.3:0.1"
            )

    @property
    def has_usual_width(self) -> bool:
        """Whether it is as wide as one that names no width."""
        return self.width == WIDTH

    def to_plain(self) -> dict[str, Any]:
        """Return the belief as plain JSON."""
        return {"value": to_plain(self.value), "width": self.width}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Belief":
        """Return the belief that ``to_plain`` wrote."""
        return cls(value=from_plain(plain["value"]), width=float(plain["width"]))


def split_belief(text: str) -> tuple[str, str, float]:
    """Return several values, the value that is believed in, and the width of the belief.

    Without a belief, return the text, an empty one and the default width.

    Raises:
        FlagError: The width is not above 0 and at most 1.
    """
    found = _BELIEF.fullmatch(text)
    if found is None:
        return text, "", WIDTH
    value, colon, width = found[2].strip().rpartition(":")
    share = read_number(width) if colon else None
    if share is None:
        return found[1], found[2].strip(), WIDTH
    return found[1], value.strip(), Belief(value=None, width=float(share)).width
