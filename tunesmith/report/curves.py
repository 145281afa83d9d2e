"""The curves of a batch: what its trials reported of the objective, point by point."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

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
    name = spec.objective.column.tag
    tags = {run.id: meant_tag(name, run.scalars) for run in trials if run.stopped is not None}
    told = [run for run in trials if (tag := tags.get(run.id)) and run.scalars[tag].count > 1]
    chosen = {run.id: run for run in _chosen(spec, told)}
    found: dict[str, Curve] = {}
    with suppress(TunesmithError, KeyError):
        for run_id, series in store.each_series(spec.id, list(chosen)):
            own = next((one for one in series if one.tag == tags[run_id]), None)
            if own is not None:
                found[run_id] = _curve(chosen[run_id], own)
    return tuple(found[run.id] for run in trials if run.id in found)


def _chosen(spec: BatchSpec, runs: Sequence[Run]) -> list[Run]:
    if len(runs) <= MAX_CURVES:
        return list(runs)
    best = best_first(spec, runs)[: MAX_CURVES // 2]
    ids = {run.id for run in best}
    others = [run for run in runs if run.id not in ids]
    return [*best, *others[:: -(-len(others) // (MAX_CURVES - len(best)))]]


def _curve(run: Run, series: ScalarSeries) -> Curve:
    few = thinned(series, MAX_POINTS)
    points = zip(few.steps, few.values, strict=True)
    finite = tuple((int(step), float(value)) for step, value in points if math.isfinite(value))
    return Curve(run=run, points=finite, unit=run.units.get(series.tag, ""))
