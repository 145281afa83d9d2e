"""How many points trials print, as those that have finished tell."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

from tunesmith.flags.values import FlagValue

MIN_TRIALS = 3
"""So many finished trials have to agree on a flag that says how many points there are."""
OFFSETS = (0, 1, -1)
"""Points besides those that the flag counts: one before the first step, none after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizons:
    """How many points a trial will have printed at its end."""

    usual: int
    """The median of the finished trials; 0 without any."""
    flag: str | None = None
    """The flag that says how many, if there is one."""
    ratio: Fraction = Fraction(1)
    """The points for each unit of the flag."""
    offset: int = 0
    """The points besides."""

    @classmethod
    def of_finished(cls, finished: Sequence[tuple[int, Mapping[str, FlagValue]]]) -> "Horizons":
        """Return what finished trials tell.

        Args:
            finished: The number of points and the flags of each.
        """
        counts = [count for count, _ in finished]
        usual = statistics.median_low(counts) if counts else 0
        if len(counts) < MIN_TRIALS or len(set(counts)) < 2:
            return cls(usual=usual)
        for name in sorted(set.intersection(*(set(flags) for _, flags in finished))):
            pairs = [(count, flags[name]) for count, flags in finished]
            whole = [(n, value) for n, value in pairs if is_count(value)]
            if len(whole) < len(pairs):
                continue
            for offset in OFFSETS:
                ratios = {Fraction(n - offset, value) for n, value in whole}
                if len(ratios) == 1:
                    return cls(usual=usual, flag=name, ratio=ratios.pop(), offset=offset)
        return cls(usual=usual)

    def of(self, flags: Mapping[str, FlagValue]) -> int:
        """Return how many points a trial with these flags will have printed."""
        value = flags.get(self.flag) if self.flag is not None else None
        if not is_count(value):
            return self.usual
        return int(self.ratio * value) + self.offset


def is_count(value: FlagValue) -> TypeGuard[int]:
    """Return whether a flag's value may be a number of steps."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
