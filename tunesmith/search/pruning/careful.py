"""``careful`` and ``bold``: stop what is unlikely to beat the best finished trial."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.search.pruner import Curve, Objection
from tunesmith.search.pruning.extrapolation import forecast

FIRST_LOOK = 4
GROWTH = 1.6
"""Looks are at points 4, 6, 10, 16, 26, …: a later one has more to say, and less to save."""
MAX_LOOK = 10**9
"""Beyond this many points no look is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Careful:
    """Stops a trial whose curve, extrapolated to its end, will hardly beat the best finished one.

    Raises:
        SpecificationError: A setting is out of range.
    """

    chance: float = 0.1
    """A trial with less of a chance is stopped, in (0, 0.5)."""
    doubt: float = 1.5
    """By how much the extrapolation's standard deviation is multiplied, above 0."""

    needs_finished: ClassVar[bool] = True
    n_finalists: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.chance < 0.5:
            raise SpecificationError(f"chance is {self.chance}: expected above 0 and below 0.5")
        if not 0.0 < self.doubt < math.inf:
            raise SpecificationError(f"doubt is {self.doubt}: expected a number above 0")

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged."""
        return n_points in _looks()

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        """Return why a trial is to stop, as ``Pruner.judge`` says."""
        best = best_finished(ended)
        expected = forecast(curve.costs, horizon)
        if best is None or expected is None:
            return None
        if probability_below(best, expected.mean, self.doubt * expected.sd) >= self.chance:
            return None
        text = f"had less than a {100 * self.chance:g} % chance of beating"
        return Objection(text=text, than=best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bold(Careful):
    """Stops sooner than ``careful``, and loses the best trial more often."""

    chance: float = 0.2
    doubt: float = 0.7


def best_finished(ended: Sequence[Curve]) -> float | None:
    """Return the lowest finite cost with which a trial finished; None without any."""
    ends = [one.costs[-1] for one in ended if one.is_finished and one.costs]
    return min((end for end in ends if math.isfinite(end)), default=None)


def probability_below(limit: float, mean: float, sd: float) -> float:
    """Return the probability that a normal variable is below a limit, 0.5 where it is equal."""
    if sd <= 0.0:
        return 0.5 if mean == limit else float(mean < limit)
    return 0.5 * math.erfc((mean - limit) / (sd * math.sqrt(2.0)))


@cache
def _looks() -> frozenset[int]:
    looks, exact = set[int](), float(FIRST_LOOK)
    while exact < MAX_LOOK:
        looks.add(int(exact))
        exact *= GROWTH
    return frozenset(looks)
