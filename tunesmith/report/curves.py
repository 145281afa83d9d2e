"""The curves of a batch: what its trials reported of the objective, point by point."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate

from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.ranking import best_first
from tunesmith.scalar import ScalarSeries, thinned
from tunesmith.scalar_names import meant_tag
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus

MAX_CURVES = 120
"""The most curves: half of them those of the best trials, the others an even sample."""
MAX_POINTS = 80
"""The most points of one curve."""
MAX_READ = 2_000_000
"""The most points that are read for all curves, of whatever scalar: some ten seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The points of one trial, with finite values only."""

    run: Run
    points: tuple[tuple[int, float], ...]
    """Step and value of each."""
    unit: str = ""
    """What the steps count, as ``epoch``; empty where that is not known."""

    @property
    def is_pruned(self) -> bool:
        """Whether the trial was stopped early."""
        return self.run.status is TrialStatus.PRUNED


def read_curves(store: Store, spec: BatchSpec, trials: Sequence[Run]) -> tuple[Curve, ...]:
    """Return the curves of a batch, by number; none if no trial reported two points.

    Args:
        store: The store.
        spec: The specification of the batch.
        trials: Its trials, by number. What is unreadable is left out.
    """
    tags = _tags(spec, trials)
    chosen = {run.id: run for run in _chosen(spec, [run for run in trials if run.id in tags])}
    found: dict[str, Curve] = {}
    with suppress(TunesmithError, KeyError):
        for run_id, series in store.each_series(spec.id, list(chosen)):
            own = next((one for one in series if one.tag == tags[run_id]), None)
            if own is not None:
                found[run_id] = _curve(chosen[run_id], own)
    return tuple(found[run.id] for run in trials if run.id in found)


def n_with_curves(spec: BatchSpec, trials: Sequence[Run]) -> int:
    """Return how many trials have ended and have reported the objective more than once."""
    return len(_tags(spec, trials))


def _tags(spec: BatchSpec, trials: Sequence[Run]) -> dict[str, str]:
    """Return the tag of the objective in each trial that has a curve, by the trial's id."""
    found = {}
    for run in trials:
        tag = meant_tag(spec.objective.column.tag, run.scalars) if run.stopped else None
        if tag is not None and run.scalars[tag].count > 1:
            found[run.id] = tag
    return found


def _chosen(spec: BatchSpec, runs: Sequence[Run]) -> list[Run]:
    """Return the best trials and a sample of the others, as many as may be read."""
    best = best_first(spec, runs)[: MAX_CURVES // 2]
    ids = {run.id for run in best}
    others = [run for run in runs if run.id not in ids]
    chosen = [*best, *others[:: max(1, -(-len(others) // (MAX_CURVES - len(best))))]]
    sizes = (sum(one.count for one in run.scalars.values()) for run in chosen)
    reached = accumulate(sizes)
    return [run for run, n in zip(chosen, reached, strict=True) if n <= MAX_READ]


def _curve(run: Run, series: ScalarSeries) -> Curve:
    few = thinned(series, MAX_POINTS)
    points = zip(few.steps, few.values, strict=True)
    finite = tuple((int(step), float(value)) for step, value in points if math.isfinite(value))
    return Curve(run=run, points=finite, unit=run.units.get(series.tag, ""))
