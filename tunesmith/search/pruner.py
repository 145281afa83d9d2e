"""The contract between a batch and the rule that stops trials early."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What a trial has reported of the scalar that is judged, as a rule sees it."""

    number: int
    """The trial's number within its batch."""
    costs: Sequence[float]
    """The cost at each point, lower is better; may be NaN or infinite. Many points have been
    averaged into bins by then, see ``judging.py``."""
    is_finished: bool
    """Whether the trial has run to its end; a pruned, failed or running one has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a trial is to stop, in words: ``had less than a 10 % chance of beating`` 0.31."""

    text: str
    """What follows on "at point 6 its loss 0.61"."""
    than: float | None = None
    """The cost that ends the sentence; None for none."""


class Pruner(Protocol):
    """Decides which trials stop early.

    Promises of every implementation: it is a pure function of its arguments and its settings, so
    that a replay of recorded curves decides the same, to the bit; and it changes nothing that it
    is given.
    """

    @property
    def needs_finished(self) -> bool:
        """Whether trials are judged by what finished ones did.

        Then none is judged before some have finished, nor at its horizon, and where many points
        are printed they are averaged into bins. Otherwise a rule sees the points as they were
        printed, from the first trial on.
        """
        ...

    @property
    def n_finalists(self) -> int:
        """How many of the stopped trials, the best ones, run to their end when all have ended."""
        ...

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial is judged at all that has so many points. Must be quick."""
        ...

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        """Return why a running trial is to stop at its last point; None to let it run.

        Args:
            curve: The trial that runs, with at least one point.
            ended: The curves of the trials that have ended, whether finished, pruned or failed,
                in the order of their numbers; may be empty, except for a rule that needs
                finished ones.
            horizon: The number of points that this trial is expected to have at its end; 0 where
                nothing is known of it, which no rule meets that needs finished trials.
        """
        ...
