"""Optuna's pruners as rules: ``optuna:median``, ``optuna:hyperband`` and others.

Optuna is an optional dependency, and takes half a second to import: what calls it is in
``optuna_decision``. A point of Tunesmith is a step of Optuna, which counts from 0.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tunesmith.errors import SpecificationError
from tunesmith.search.optuna_adapter import check_packages
from tunesmith.search.pruner import Curve, Objection
from tunesmith.search.pruning.halving import is_rung

MIN_WILCOXON = 2
"""Fewer points are no pairs to test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaPruner(ABC):
    """One of Optuna's pruners.

    Raises:
        SpecificationError: A setting is out of range, or Optuna is not installed.
    """

    name: ClassVar[str]
    """Its registered name."""
    needs_finished: ClassVar[bool] = True
    n_finalists: ClassVar[int] = 0

    def __post_init__(self) -> None:
        check_packages(f"pruner {self.name}", ("optuna",))

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged."""
        return n_points >= 1

    def judge(self, curve: Curve, ended: Sequence[Curve], *, horizon: int) -> Objection | None:
        """Return why a trial is to stop, as ``Pruner.judge`` says."""
        from tunesmith.search.optuna_study import silence  # imports Optuna

        with silence():
            is_stopped = self.stops(curve, ended, horizon)
        return Objection(text=f"did not pass {self.name}") if is_stopped else None

    @abstractmethod
    def stops(self, curve: Curve, ended: Sequence[Curve], horizon: int) -> bool:
        """Return whether Optuna's pruner stops a trial at its last point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile(OptunaPruner):
    """Stops what is not in the better part of the finished trials at the same point."""

    percentile: float = 25.0
    """Which part goes on, in percent."""

    name: ClassVar[str] = "optuna:percentile"

    def __post_init__(self) -> None:
        OptunaPruner.__post_init__(self)
        if not 0.0 <= self.percentile <= 100.0:
            raise SpecificationError(f"percentile is {self.percentile}: expected 0 to 100")

    def stops(self, curve: Curve, ended: Sequence[Curve], horizon: int) -> bool:
        """Return whether Optuna's pruner stops a trial at its last point."""
        from tunesmith.search.pruning import optuna_decision  # imports Optuna

        return optuna_decision.is_out_of_percentile(curve, ended, percentile=self.percentile)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaMedian(OptunaPruner):
    """Stops what is worse than the median of the finished trials at the same point."""

    name: ClassVar[str] = "optuna:median"

    def stops(self, curve: Curve, ended: Sequence[Curve], horizon: int) -> bool:
        """Return whether Optuna's pruner stops a trial at its last point."""
        from tunesmith.search.pruning import optuna_decision  # imports Optuna

        return optuna_decision.is_out_of_percentile(curve, ended, percentile=50.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaHalving(OptunaPruner):
    """Stops what is not among the best at points 2, 5, 17, … of those that came as far."""

    factor: int = 4
    """One in so many goes on, and the next rung is as many times further; from 2."""

    name: ClassVar[str] = "optuna:halving"

    def __post_init__(self) -> None:
        OptunaPruner.__post_init__(self)
        if self.factor < 2:
            raise SpecificationError(f"factor is {self.factor}: expected 2 or more")

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged, at steps 1, 4, 16 and so on."""
        return is_rung(n_points - 1, 1, self.factor)

    def stops(self, curve: Curve, ended: Sequence[Curve], horizon: int) -> bool:
        """Return whether Optuna's pruner stops a trial at its last point."""
        from tunesmith.search.pruning import optuna_decision  # imports Optuna

        return optuna_decision.is_behind_at_a_rung(curve, ended, factor=self.factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaHyperband(OptunaHalving):
    """Successive halving in brackets, some of which begin later; a trial's number says which."""

    factor: int = 3
    name: ClassVar[str] = "optuna:hyperband"

    def stops(self, curve: Curve, ended: Sequence[Curve], horizon: int) -> bool:
        """Return whether Optuna's pruner stops a trial at its last point."""
        from tunesmith.search.pruning import optuna_decision  # imports Optuna

        return optuna_decision.is_behind_in_its_bracket(
            curve, ended, factor=self.factor, horizon=horizon
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaWilcoxon(OptunaPruner):
    """Stops what is significantly worse than the best trial over the same points.

    For programs whose points are results on one part of the data after another, not for curves.
    """

    p: float = 0.1
    """The significance level, in (0, 1)."""

    name: ClassVar[str] = "optuna:wilcoxon"

    def __post_init__(self) -> None:
        OptunaPruner.__post_init__(self)
        if not 0.0 < self.p < 1.0:
            raise SpecificationError(f"p is {self.p}: expected between 0 and 1")

    def looks_at(self, n_points: int) -> bool:
        """Return whether a trial with so many points is judged."""
        return n_points >= MIN_WILCOXON

    def stops(self, curve: Curve, ended: Sequence[Curve], horizon: int) -> bool:
        """Return whether Optuna's pruner stops a trial at its last point."""
        from tunesmith.search.pruning import optuna_decision  # imports Optuna

        return optuna_decision.is_worse_than_the_best(curve, ended, p=self.p)
