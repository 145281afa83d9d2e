"""What the model of a batch expects along each flag."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunesmith.batch import BatchSpec
from tunesmith.objective import Objective
from tunesmith.report.points import Point, best_point
from tunesmith.search.optimizer import Observation
from tunesmith.search.sequential import Search
from tunesmith.search.space import SearchSpace
from tunesmith.search.surrogate import GaussianProcess

if TYPE_CHECKING:
    from tunesmith.search.slices import Slice

MAX_FITTED = 200
"""The most trials that the model of the slices is fitted to; its cost grows with their cube."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSlice:
    """The model's expectation of the objective along one flag, the others as in the best trial."""

    values: tuple[float, ...]
    means: tuple[float, ...]
    lows: tuple[float, ...]
    """The lower end of the 95 % band, in the objective's unit."""
    highs: tuple[float, ...]


def model_slices(spec: BatchSpec, points: Sequence[Point]) -> dict[str, ModelSlice]:
    """Return the model's expectation by flag for a gp batch; empty for other batches."""
    best = best_point(points, spec.objective)
    if spec.optimizer is None or spec.optimizer.name != "gp" or best is None:
        return {}
    # scikit-optimize takes a second to import, and only a gp batch needs it
    from tunesmith.search.registry import build_optimizer
    from tunesmith.search.slices import slices

    optimizer = build_optimizer("gp", spec.optimizer.settings)
    if not isinstance(optimizer, GaussianProcess):
        return {}
    search = Search(
        space=SearchSpace.of(spec),
        trials=[
            Observation(
                number=point.run.number,
                flags=point.run.flags,
                cost=spec.objective.to_cost(point.value),
            )
            for point in _fitted(points, spec.objective)
        ],
        pending=[],
    )
    try:
        found = slices(optimizer, search, best.run.flags)
    except (ArithmeticError, ValueError):  # without a fitted model there is still a report
        return {}
    return {one.name: _to_objective(spec.objective, one) for one in found}


def _fitted(points: Sequence[Point], objective: Objective) -> list[Point]:
    """Return the points that the model is fitted to: all, or half of them best, half latest."""
    if len(points) <= MAX_FITTED:
        return list(points)
    by_cost = sorted(points, key=lambda point: objective.to_cost(point.value) or 0.0)
    best = {id(point) for point in by_cost[: MAX_FITTED // 2]}
    latest = [point for point in points if id(point) not in best][-MAX_FITTED // 2 :]
    kept = best | {id(point) for point in latest}
    return [point for point in points if id(point) in kept]


def _to_objective(objective: Objective, one: "Slice") -> ModelSlice:
    means = [objective.from_cost(mean) for mean in one.means]
    # 95 % of a normal distribution lie within 1.96 standard deviations
    return ModelSlice(
        values=one.values,
        means=tuple(means),
        lows=tuple(mean - 1.96 * sd for mean, sd in zip(means, one.sds, strict=True)),
        highs=tuple(mean + 1.96 * sd for mean, sd in zip(means, one.sds, strict=True)),
    )
