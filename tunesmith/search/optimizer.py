"""The contract between a batch and whatever proposes its trials."""

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
    """The trial's number; 0 for a trial of an earlier batch, which joins as a result only."""
    flags: Mapping[str, FlagValue]
    cost: float | None
    """What is minimized, finite; None for a failed trial or one without an objective."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A point that an optimizer proposes."""

    flags: Mapping[str, FlagValue]
    """Every flag of the space, fixed ones too."""
    origin: str
    """``grid``, ``random``, ``sobol``, ``initial``, ``random-start``, ``gp``, ``forest``, …"""
    prediction: Prediction | None = None
    """What the model expects, in the sign of the cost; None where no model spoke."""


class Optimizer(Protocol):
    """Proposes trials.

    Promises of every implementation:

    - It is a function of its arguments and its settings: it keeps nothing between two calls, and
      the same arguments give the same candidates in every process.
    - Candidate k is drawn with the seed and its own trial number, which is one more than the
      number of the batch's own trials, pending ones and earlier candidates; so it is the same
      after any number of restarts.
    - No candidate repeats a point of ``trials``, of ``pending`` or of an earlier candidate, by
      ``flags_key``. Fewer candidates than asked for mean that the space is exhausted.
    - A trial without a cost is avoided, and never given to a model as a number.
    """

    @property
    def is_sequential(self) -> bool:
        """Whether a proposal depends on earlier results: then it is asked as trials finish."""
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
            pending: The flags of trials that run now or are planned.
            n: How many candidates are wanted.
            seed: The batch's seed.
        """
        ...
