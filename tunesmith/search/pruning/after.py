"""``after:N:K``: stop every trial at its point N, then run the best K of them to their end."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.search.pruner import Curve, Objection
from tunesmith.search.pruning.judging import Trace


@dataclass(frozen=True, slots=True)
class After:
    """Stops every trial at one point, and lets the best ones run to their end afterwards.

    Raises:
        SpecificationError: A number is less than 1.
    """

    n: int
    """The number of printed points at which every trial stops."""
    k: int
    """How many of them, the best at that point, run to their end when all have stopped."""

    needs_finished: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name, value in (("N", self.n), ("K", self.k)):
            if value < 1:
                raise SpecificationError(
                    f"{name} of after:N:K is {value}: expected 1 or more, as after:5:10"
                )

    @property
    def n_finalists(self) -> int:
        """How many trials run to their end."""
        return self.k

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged."""
        return n_points >= self.n

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        """Return why a trial is to stop, as ``Pruner.judge`` says."""
        if len(curve.costs) < self.n:
            return None
        word = "the best one runs" if self.k == 1 else f"the best {self.k} run"
        return Objection(text=f"waited until all had {self.n}: {word} to the end")


def finalists(ended: Sequence[Trace], n: int) -> tuple[int, ...]:
    """Return the numbers of the stopped trials that are to run to their end, in order.

    They are among the best ones at the last point that all stopped trials have, finished trials
    included: after a restart those count that have run to their end already. Of equal ones the
    earlier trial is taken; one whose last cost is no finite number is none.

    Args:
        ended: The trials that have ended.
        n: How many run to their end in all.
    """
    sound = [one for one in ended if one.costs and math.isfinite(one.costs[-1])]
    common = min((len(one.costs) for one in sound if not one.is_finished), default=0)

    def rank(one: Trace) -> tuple[bool, float, int]:
        cost = one.costs[min(common, len(one.costs)) - 1]
        return not math.isfinite(cost), cost if math.isfinite(cost) else 0.0, one.number

    best = sorted(sound, key=rank)[:n]
    return tuple(sorted(one.number for one in best if not one.is_finished))
