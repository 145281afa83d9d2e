"""Repeats: how often a batch runs each candidate, and in which flag its runs differ."""

from dataclasses import dataclass

from tunesmith.errors import SpecificationError
from tunesmith.flags.values import Flags, FlagValue

AUTO = "auto"
MOST_AUTO = 5
"""The runs of a candidate, at most, where ``auto`` names no number."""
USUAL = 3
"""The runs of each candidate where only the flag is named in which they differ."""
OVER = "seed"
"""The flag in which the runs of a candidate differ, where the script has it and none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How often each candidate of a batch is run.

    Raises:
        SpecificationError: The number is less than two.
    """

    most: int
    """How often each candidate is run, at most; without ``auto`` just as often."""
    is_auto: bool = False
    """Whether a candidate is run again only where it may be the best."""
    over: str = ""
    """The flag that counts the runs of a candidate, from 1; empty where they do not differ."""

    def __post_init__(self) -> None:
        if self.most < 2:
            raise SpecificationError(
                f"--repeats is {self.most}: expected 2 or more, or auto:N to repeat where it pays"
            )

    @classmethod
    def from_text(cls, text: str) -> "Repeats":
        """Return what ``3``, ``auto`` or ``auto:5`` means.

        Raises:
            SpecificationError: The text is something else.
        """
        word, _, number = text.strip().partition(":")
        if word == AUTO and not number and ":" not in text:
            return cls(most=MOST_AUTO, is_auto=True)
        number = number if word == AUTO else text.strip()
        if not (number.isascii() and number.isdigit()):
            raise SpecificationError(
                f"--repeats is {text!r}: expected a number of runs, as 3, or auto:5 for up to 5"
            )
        return cls(most=int(number), is_auto=word == AUTO)

    def __str__(self) -> str:
        """Return the text that ``from_text`` reads."""
        return f"{AUTO}:{self.most}" if self.is_auto else str(self.most)

    def point(self, flags: Flags) -> dict[str, FlagValue]:
        """Return the flags of a candidate, which all of its runs share."""
        return {name: value for name, value in flags.items() if name != self.over}


def describe_repeats(repeats: Repeats) -> str:
    """Return how often candidates are run: ``each candidate 3 times, with seed=1, 2, 3``."""
    if repeats.is_auto:
        text = f"candidates that may be the best, up to {repeats.most} times"
    else:
        text = f"each candidate {repeats.most} times"
    counted = ", ".join(map(str, range(1, min(repeats.most, 3) + 1)))
    more = ", …" if repeats.most > 3 else ""
    return f"{text}, with {repeats.over}={counted}{more}" if repeats.over else text


def n_each(repeats: Repeats | None) -> int:
    """Return how many runs each candidate has at least."""
    return 1 if repeats is None or repeats.is_auto else repeats.most
