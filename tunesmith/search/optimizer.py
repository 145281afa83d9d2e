"""The contract between a batch and the optimizer that proposes its trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tunesmith.flags.values import FlagValue
from tunesmith.search.space import SearchSpace
from tunesmith.trial import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One finished trial as an optimizer sees it."""

    number: int
    """The trial's number; 0 for a trial of another batch, of which only the result counts."""
    flags: Mapping[str, FlagValue]
    cost: float | None
    """The cost, which is minimized, a finite number; None for a trial that failed or reported no
    objective, or not all of several."""
    costs: tuple[float, ...] = ()
    """With several objectives the cost of each, ``cost`` first; empty with one, and for a trial
    that failed or lacks one of them."""
    cause: str = ""
    """Of a trial that failed, why: ``memory``, ``timeout`` or ``crash``; empty where that is not
    known, and for all others."""
    margins: tuple[float | None, ...] = ()
    """With constraints how far each is missed, at most 0 where it is met; None where that is not
    known, as of most failed trials."""
    results: tuple[float, ...] = ()
    """Of a candidate that ran several times, the cost of each run, whose mean is ``cost``; empty
    for one run, and with several objectives."""
    seconds: float | None = None
    """What it took, or would have taken to its end; None where that is not known."""
    batch: str = ""
    """Of a trial of another batch, which one: what fits one of them need not fit the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A point that an optimizer proposes."""

    flags: Mapping[str, FlagValue]
    """Every flag of the space, fixed ones too."""
    origin: str
    """``grid``, ``random``, ``sobol``, ``initial``, ``random-start``, ``gp``, ``forest``, …"""
    prediction: Prediction | None = None
    """The model's prediction of the cost; None where no model was asked."""


class Optimizer(Protocol):
    """Proposes trials.

    Promises of every implementation:

    - It is a pure function of its arguments and its settings: it keeps no state between two calls,
      and the same arguments give the same candidates in every process.
    - Candidate k is drawn with the seed and its own trial number, which is one more than the
      number of the batch's own trials, pending ones and earlier candidates; so it is the same
      after any number of restarts.
    - No candidate repeats a point of ``pending`` or of an earlier candidate, by ``flags_key``, nor
      one of ``trials``, but of trials of other batches that say nothing of this one's, or unless
      results are so noisy that another one is worth more than a new point: its origin is then
      ``repeat``. Fewer candidates than asked for mean that nothing is left to try.
    - Points near trials without a cost are avoided, and no cost is made up that beats a real one.

    A sequential one takes a search of several objectives only if its class says so by
    ``takes_several_objectives = True``: then it looks at ``Observation.costs``. One that says
    ``takes_constraints = True`` is told ``Observation.margins``; to another, a trial that misses a
    constraint is one that failed.
    """

    @property
    def is_sequential(self) -> bool:
        """Whether a proposal depends on earlier results: then it is called as trials finish."""
        ...

    def propose(
        self,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]],
        n: int,
        seed: int,
    ) -> list[Candidate]:
        """Return up to ``n`` candidates.

        Args:
            space: What may be proposed.
            trials: The finished trials, in the order of their numbers.
            pending: The flags of trials that are running or planned.
            n: The number of candidates to propose.
            seed: The batch's seed.
        """
        ...
