"""What pruning did in a batch: the same figures for every view."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tunesmith.batch import BatchSpec
from tunesmith.pruning import NO_PRUNING, Pruned, PruningSpec
from tunesmith.query.cells import count
from tunesmith.scalar import ScalarSummary
from tunesmith.scalar_names import meant_tag
from tunesmith.trial import TrialStatus


class EndedTrial(Protocol):
    """The fields of a trial that the figures are made of."""

    @property
    def status(self) -> TrialStatus:
        """Its status."""
        ...

    @property
    def scalars(self) -> Mapping[str, ScalarSummary]:
        """What it reported."""
        ...

    @property
    def pruned(self) -> Pruned | None:
        """When it was stopped."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PruningFigures:
    """How many trials of a batch were stopped early, and what that saved."""

    rule: str
    """The rule, and what it was told besides: ``careful, judged on val_loss``."""
    n_pruned: int
    n_ended: int
    """The number of trials that have ended, failed ones too."""
    length: int | None = None
    """The median number of points of the completed trials; None if there are none."""
    share: float | None = None
    """Points that the completed and the pruned trials reported, as a share of those that they had
    reported if each pruned one had become as long as the median. A trial that was pruned and then
    ran to its end counts once. None without completed trials that reported any."""
    points: tuple[int, ...] = ()
    """The number of points at which each pruned trial was stopped, in ascending order."""

    def describe(self) -> str:
        """Return them in a few words: ``16 of 20 trials, 42 % of the steps run``."""
        steps = "" if self.share is None else f", {100 * self.share:.0f} % of the steps run"
        return f"{self.n_pruned} of {count(self.n_ended, 'trial')}{steps}"

    def to_plain(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {
            "rule": self.rule,
            "pruned": self.n_pruned,
            "ended": self.n_ended,
            "steps_share": self.share,
        }


def pruning_figures(spec: BatchSpec, trials: Iterable[EndedTrial]) -> PruningFigures | None:
    """Return the figures of a batch; None if it is not pruned and none of its trials was.

    Args:
        spec: The specification of the batch.
        trials: Its trials.
    """
    ended = [trial for trial in trials if trial.status.is_finished]
    pruned = [trial for trial in ended if trial.status is TrialStatus.PRUNED]
    if spec.pruning is None and not pruned:
        return None
    column = (spec.pruning and spec.pruning.column) or spec.objective.column
    counts = [
        _n_points(trial, column.tag) for trial in ended if trial.status is TrialStatus.COMPLETED
    ]
    lengths = [n for n in counts if n]
    length = sorted(lengths)[len(lengths) // 2] if lengths else None
    return PruningFigures(
        rule=describe_rule(spec.pruning),
        n_pruned=len(pruned),
        n_ended=len(ended),
        length=length,
        share=length and _share(lengths, [_n_points(one, column.tag) for one in pruned], length),
        points=tuple(sorted(one.pruned.point for one in pruned if one.pruned is not None)),
    )


def describe_rule(pruning: PruningSpec | None) -> str:
    """Return by what trials are stopped: ``careful, judged on val_loss, not before point 5``."""
    if pruning is None:
        return NO_PRUNING
    column = "" if pruning.column is None else f", judged on {pruning.column}"
    after = f", not before point {pruning.min_points}" if pruning.min_points else ""
    return f"{pruning.rule}{column}{after}"


def _n_points(trial: EndedTrial, name: str) -> int:
    tag = meant_tag(name, trial.scalars)
    return 0 if tag is None else trial.scalars[tag].count


def _share(finished: list[int], pruned: list[int], length: int) -> float:
    run = sum(finished) + sum(pruned)
    return run / (sum(finished) + sum(max(length, n) for n in pruned))
