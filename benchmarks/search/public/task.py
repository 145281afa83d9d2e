"""A public task: a problem with its suite, and how far apart its best and its worst lie."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from problem import Problem

from tunesmith.flags.values import Flags


class Suite(StrEnum):
    """Where a task comes from."""

    HPO_B = "hpo-b"
    LCBENCH = "lcbench"
    HPOBENCH = "hpobench"
    HPOLIB = "hpolib"
    NB201 = "nb201"
    BBOB = "bbob"
    BBOB_MIXED = "bbob-mixed"
    BBOB_NOISY = "bbob-noisy"
    BAYESMARK = "bayesmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Problem):
    """A problem of a public suite; its costs are minimized, whatever the source maximizes."""

    suite: Suite
    span: float
    """Regrets are divided by it: the worst less the best of a table, or the median of random
    points less the minimum of a function."""
    observe: Callable[[Flags, np.random.Generator], float] | None = field(default=None)
    """What a trial reports where that is not ``value``: one of a table's seeds, or noise."""

    def cost(self, flags: Flags, rng: np.random.Generator) -> float | None:
        """Return what a trial reports."""
        return self.value(flags) if self.observe is None else self.observe(flags, rng)

    def regret(self, flags: Flags) -> float | None:
        """Return how far the noise-free value lies above the least, as a share of the span."""
        value = self.value(flags)
        return None if value is None else (value - self.least) / self.span
