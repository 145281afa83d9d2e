"""Whether pruning would have paid, from the trials of a batch that ran without it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tunesmith.search.pruner import Pruner
from tunesmith.search.pruning.judging import Trace
from tunesmith.search.pruning.replay import replay

MIN_TRIALS = 10
"""Fewer trials that finished are too few to replay."""
MIN_POINTS = 10
"""Trials with fewer points have little to save."""
N_SHUFFLES = 6
WORTH = 0.75
"""Pruning is worth it that runs no more than this share of the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a rule would have done in several orders of the same trials."""

    share: float
    """The share of the steps that it would have run, the mean over the orders."""
    n_lost: int
    """In how many orders it would have lost the best trial."""
    n_orders: int
    """How many orders were replayed."""
    excess: float
    """How much worse the best would have been at worst, in units of the cost; infinite where
    nothing would have finished."""

    @property
    def is_for(self) -> bool:
        """Whether to suggest the rule: the best was lost in no order, and a quarter is saved."""
        return self.n_lost == 0 and self.share <= WORTH

    @property
    def is_against(self) -> bool:
        """Whether to warn of the rule: the best would have been lost."""
        return self.n_lost > 0

    def __str__(self) -> str:
        """Return it as what ``--prune`` would have done."""
        ran = f"would have run {100 * self.share:.0f} % of the steps"
        if self.n_lost == 0:
            return f"{ran} and found the same best"
        if self.n_lost == self.n_orders:
            return f"{ran} and lost the best trial"
        return f"{ran} and lost the best trial in {self.n_lost} of {self.n_orders} orders"


def advise(traces: Sequence[Trace], pruner: Pruner, *, min_points: int = 0) -> Advice | None:
    """Return what a rule would have done with trials that ran to their end.

    The orders are the same in every process.

    Args:
        traces: The trials of a batch; those that have not finished are left out.
        pruner: The rule.
        min_points: The number of points before which none is judged.

    Returns:
        None where there is too little to tell: fewer than ten trials, or the half of them with
        fewer than ten points.
    """
    finished = [one for one in sorted(traces, key=_number) if one.is_finished and one.costs]
    lengths = sorted(len(one.costs) for one in finished)
    if len(finished) < MIN_TRIALS or lengths[len(lengths) // 2] < MIN_POINTS:
        return None
    shares, excesses = [], []
    for seed in range(N_SHUFFLES):
        shuffled = random.Random(seed).sample(finished, len(finished))
        numbered = [replace(one, number=k) for k, one in enumerate(shuffled, 1)]
        found = replay(numbered, pruner, min_points=min_points)
        shares.append(found.share)
        excesses.append(found.excess)
    return Advice(
        share=sum(shares) / N_SHUFFLES,
        n_lost=sum(excess > 0.0 for excess in excesses),
        n_orders=N_SHUFFLES,
        excess=max(excesses),
    )


def _number(trace: Trace) -> int:
    return trace.number
