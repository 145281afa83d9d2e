"""What follows the points of a running trial, and ends it where it is pruned."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from tunesmith.executor.stop_token import StopToken
from tunesmith.objective import Objective
from tunesmith.output.series import ScalarPoint
from tunesmith.pruning import Pruned, PruningSpec
from tunesmith.scalar_names import meant_tag
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """That a trial is to stop, and why in words."""

    pruned: Pruned
    reason: str
    horizon: int = 0
    """The number of points that the trial was expected to print; 0 where that is not known."""


class TrialWatch(Protocol):
    """Follows one attempt of a trial. Called from the thread that reads its output."""

    @property
    def decision(self) -> Decision | None:
        """Why the trial is to stop; None as long as it may run."""
        ...

    @property
    def tag(self) -> str:
        """The tag whose points are judged; empty as long as none has been reported."""
        ...

    def take(self, point: ScalarPoint) -> None:
        """Take a point that the trial has just reported."""
        ...


class TrialPruning(Protocol):
    """Stops trials that are unlikely to become the best. Called from several threads."""

    def load(self, store: Store, records: Iterable[TrialRecord]) -> None:
        """Take the trials that ended before this process began."""
        ...

    def watch(self, planned: PlannedTrial, stop: StopToken) -> TrialWatch:
        """Return what follows an attempt of a trial, and kills its token once it is to stop."""
        ...

    def add(self, record: TrialRecord) -> None:
        """Take a trial that has ended."""
        ...

    def finalists(self) -> tuple[int, ...]:
        """Return the pruned trials that are to run to their end now that all have ended."""
        ...


class MeantTag:
    """Which of the tags that a trial has reported a name means, as more are reported."""

    def __init__(self, name: str) -> None:
        self.tag = ""
        """The one that it means now; empty as long as it means none."""
        self._name = name
        self._seen: dict[str, bool] = {}

    def may_be(self, tag: str) -> bool:
        """Take a tag that was reported, and return whether the name may come to mean it."""
        if tag not in self._seen:
            self._seen[tag] = meant_tag(self._name, (tag,)) is not None
            self.tag = meant_tag(self._name, tuple(self._seen)) or ""
        return self._seen[tag]


def judged_objective(objective: Objective, pruning: PruningSpec | None) -> Objective:
    """Return the objective whose points are judged: the batch's, or that of another scalar."""
    column = None if pruning is None else pruning.column
    return objective if column is None else objective.of_column(column)
