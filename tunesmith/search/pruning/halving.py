"""``halving``: at points 4, 8, 16, … only the better half goes on.

Asynchronous successive halving, Li et al. (2020), A System for Massively Parallel Hyperparameter
Tuning, with stopping in place of promotion.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.search.pruner import Curve, Objection


@dataclass(frozen=True, slots=True, kw_only=True)
class Halving:
    """Stops a trial that is not among the best part of those that came as far.

    Raises:
        SpecificationError: A setting is out of range.
    """

    first: int = 4
    """The point of the first rung, at least 1."""
    factor: int = 2
    """One in so many goes on at a rung, and the next rung is as many times further; from 2."""

    needs_finished: ClassVar[bool] = True
    n_finalists: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if self.first < 1:
            raise SpecificationError(f"first is {self.first}: expected 1 or more")
        if self.factor < 2:
            raise SpecificationError(f"factor is {self.factor}: expected 2 or more")

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged."""
        return is_rung(n_points, self.first, self.factor)

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        """Return why a trial is to stop, as ``Pruner.judge`` says."""
        at = len(curve.costs) - 1
        if not math.isfinite(curve.costs[at]):
            return None
        others = [one.costs[at] for one in ended if len(one.costs) > at]
        there = sorted([curve.costs[at], *filter(math.isfinite, others)])
        n_kept = max(1, len(there) // self.factor)
        if curve.costs[at] <= there[n_kept - 1]:
            return None
        best = "the best" if n_kept == 1 else f"the best {n_kept}"
        text = f"was not among {best} of {len(there)} trials, the last of which had"
        return Objection(text=text, than=there[n_kept - 1])


def is_rung(n_points: int, first: int, factor: int) -> bool:
    """Return whether a number of points is the first one times a power of the factor."""
    rung = first
    while rung < n_points:
        rung *= factor
    return rung == n_points
