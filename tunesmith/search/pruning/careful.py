"""``careful`` and ``bold``: stop what is unlikely to beat the best finished trial."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.search.pruner import Curve, Objection
from tunesmith.search.pruning.extrapolation import forecast
from tunesmith.search.pruning.hindsight import corrected_chance
from tunesmith.search.pruning.peers import Verdict, ask_peers, probability_below

FIRST_LOOK = 4
GROWTH = 1.6
"""Looks are at points 4, 6, 10, 16, 26, …: a later one has more to say, and less to save."""
HINDSIGHT = 3.0
"""So many times the chance keeps a trial by hindsight, which is as vague as the others differ."""
ORDINARY = 0.8
"""A trial of whose peers this share of the usual chance is left is like any other."""
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
    """How much the other trials count beside its own curve, in [0, 1]; 0 for not at all."""

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
        rest = best - curve.costs[-1]
        chance = probability_below(rest, expected.change, self.doubt * expected.sd)
        if chance >= self.chance:
            return None
        if self.trust > 0.0:
            corrected = corrected_chance(curve, expected, finished, horizon=horizon, below=best)
            peers = ask_peers(curve, finished, horizon=horizon, below=best)
            if self._is_kept(chance, corrected, peers):
                return None
        text = f"had less than a {100 * self.chance:g} % chance of beating"
        return Objection(text=text, than=best)

    def _is_kept(self, chance: float, corrected: float | None, peers: Verdict | None) -> bool:
        """Return whether others speak for a trial that its own curve gives a small chance.

        They do so also where they say nothing: among many trials no single one has much of a
        chance, and where an early cost does not tell the good ones, it is no reason to stop.

        Args:
            chance: What its own curve gives it.
            corrected: The same, if it is foretold as wrongly as the others were; None for none.
            peers: What became of those that were where it is; None for none.
        """
        if corrected is not None and corrected >= HINDSIGHT * self.chance:
            return True
        if peers is None:
            return False
        share = self.trust * peers.weight / (peers.weight + 1.0)
        if (1.0 - share) * chance + share * peers.chance >= self.chance:
            return True
        return peers.weight >= 1.0 and peers.chance >= ORDINARY * peers.usual


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
