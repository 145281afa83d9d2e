"""``careful`` and ``bold``: stop what is unlikely to beat the best finished trial."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.search.pruner import Curve, Objection
from tunesmith.search.pruning.extrapolation import forecast
from tunesmith.search.pruning.peers import ask_peers, probability_below

FIRST_LOOK = 4
GROWTH = 1.6
"""Looks are at points 4, 6, 10, 16, 26, …: a later one has more to say, and less to save."""
MAX_LOOK = 10**9
"""Beyond this many points no look is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Careful:
    """Stops a trial that will hardly beat the best finished one.

    Neither its own curve, extrapolated to its end, gives it a chance, nor what became of the
    finished trials that were where it is now.

    Raises:
        SpecificationError: A setting is out of range.
    """

    chance: float = 0.1
    """A trial with less of a chance is stopped, in (0, 0.5)."""
    doubt: float = 0.8
    """By how much the extrapolation's standard deviation is multiplied, above 0."""
    trust: float = 0.9
    """How much many peers count beside the extrapolation, in [0, 1]."""

    needs_finished: ClassVar[bool] = True
    n_finalists: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.chance < 0.5:
            raise SpecificationError(f"chance is {self.chance}: expected above 0 and below 0.5")
        if not 0.0 < self.doubt < math.inf:
            raise SpecificationError(f"doubt is {self.doubt}: expected a number above 0")
        if not 0.0 <= self.trust <= 1.0:
            raise SpecificationError(f"trust is {self.trust}: expected 0 to 1")

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged."""
        return n_points in _looks()

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        """Return why a trial is to stop, as ``Pruner.judge`` says."""
        finished = [one for one in ended if one.is_finished and one.costs]
        ends = [one.costs[-1] for one in finished if math.isfinite(one.costs[-1])]
        expected = forecast(curve.costs, horizon)
        if not ends or expected is None or not math.isfinite(curve.costs[-1]):
            return None
        best = min(ends)
        chance = probability_below(best, expected.mean, self.doubt * expected.sd)
        if chance >= self.chance:
            return None
        peers = ask_peers(curve, finished, horizon=horizon, below=best)
        if peers is not None:
            share = self.trust * peers.weight / (peers.weight + 1.0)
            if (1.0 - share) * chance + share * peers.chance >= self.chance:
                return None
        text = f"had less than a {100 * self.chance:g} % chance of beating"
        return Objection(text=text, than=best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bold(Careful):
    """Stops sooner than ``careful``, and loses the best trial more often."""

    chance: float = 0.2
    doubt: float = 0.7
    trust: float = 0.0


@cache
def _looks() -> frozenset[int]:
    looks, exact = set[int](), float(FIRST_LOOK)
    while exact < MAX_LOOK:
        looks.add(int(exact))
        exact *= GROWTH
    return frozenset(looks)
