"""Tree-based surrogate models, by scikit-optimize: one fit and one ask for each proposal.

scikit-optimize works on the unit cube, so that Tunesmith handles scales and rounding, and on
standardized costs, so that ``xi`` means the same whatever the objective's unit is.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from skopt import Optimizer
from skopt.learning import GradientBoostingQuantileRegressor
from skopt.space import Categorical, Real
from skopt.utils import cook_estimator

from tunesmith.flags.values import FlagValue
from tunesmith.search.allowed import allowed_points
from tunesmith.search.beside import beside
from tunesmith.search.listed_dimension import CategoricalDimension
from tunesmith.search.optimizer import Candidate
from tunesmith.search.sequential import Search
from tunesmith.search.visited import Visited
from tunesmith.trial import Prediction

N_CANDIDATES = 2_000
"""Random points that are ranked where the model's best point has been visited."""
N_ALLOWED = 200
"""As many of them that ``--where`` allows, if it takes more than chance to find them."""
ABSENT = 0.5
"""The coordinate of every flag that is not active: the same in all trials, it tells trees
nothing."""
MOST = 1e300
"""No cost counts as larger, so that a prediction a few standard deviations away is finite."""
MAX_SEED = 2**31 - 1
"""Exclusive bound of the seeds, which NumPy's older generators take as 32-bit integers."""


class Quantiles(GradientBoostingQuantileRegressor):  # type: ignore[misc]  # skopt is untyped
    """scikit-optimize's boosted quantiles, tagged as a regressor for scikit-learn ≥ 1.7."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "regressor"
        return tags

    def predict(self, X: Any, return_std: bool = False, return_quantiles: bool = False) -> Any:  # noqa: N803 - scikit-learn's name
        """Return the median, and half the distance from the 16th to the 84th percentile.

        The quantiles are fitted apart and may cross: the distance is then 0.
        scikit-optimize's own method calls numpy.in1d, which numpy 2.4 removed.
        """
        low, median, high = (regressor.predict(X) for regressor in self.regressors_)
        if return_quantiles:
            return np.column_stack([low, median, high])
        return (median, np.maximum(high - low, 0.0) / 2) if return_std else median


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeConfig:
    """Which trees model the costs, and what their acquisition asks for."""

    name: str
    """``forest`` or ``gbrt``."""
    xi: float
    """The improvement that EI asks for, in standard deviations of the costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Standardized costs (mean 0, standard deviation 1), and what converts them back."""

    values: "np.ndarray[Any, np.dtype[np.float64]]"
    mean: float
    sd: float


def suggest(
    config: TreeConfig,
    search: Search,
    visited: Visited,
    generator: np.random.Generator,
) -> Candidate | None:
    """Return the unvisited point that the model ranks first; None where it finds none.

    Points without a cost, and pending ones, count as the worst cost so far: the model keeps
    away from them and their surroundings, and no made-up number is better than a real one
    (constant liar with the maximum; Ginsbourger, Le Riche and Carraro, 2010).

    Args:
        config: Which trees, and their acquisition.
        search: The space and its trials.
        visited: The points that are not to be repeated.
        generator: The random numbers of this trial.
    """
    points, costs = training_data(search)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about fits that did not converge, and repeated points
        model = fitted(config, search, points, costs, generator)
        # what it asks for may differ from others in flags alone that are not active
        best = None if search.space.conditions else model.ask()
        ranked = [best] if best is not None and _flags(search, best) not in visited else []
        if not ranked:
            flags = None if best is None else _flags(search, best)
            near = flags and beside(search.space, flags, generator, visited)
            first = point_of(search, near) if near else None
            ranked = [] if first is None else [first]
            ranked += _ranked(model, search, config, generator)
        for point in ranked:
            flags = _flags(search, point)
            if flags not in visited:
                prediction = _predict(model, search, flags, config, costs)
                return Candidate(flags=flags, origin=config.name, prediction=prediction)
    return None


def training_data(search: Search) -> tuple[list[list[Any]], Costs]:
    """Return the points of the space and their costs, in the order of the trials."""
    points: list[list[Any]] = []
    known: list[float | None] = []
    outcomes = [(trial.flags, trial.cost) for trial in search.trials]
    outcomes += [(flags, None) for flags in search.pending]
    for flags, cost in outcomes:
        point = point_of(search, flags)
        if point is not None:
            points.append(point)
            known.append(None if cost is None else max(-MOST, min(cost, MOST)))
    finite = np.array([cost for cost in known if cost is not None], dtype=float)
    scale = float(np.max(np.abs(finite), initial=0.0)) or 1.0  # squares of 1e300 overflow
    mean, sd = float(np.mean(finite / scale)) * scale, float(np.std(finite / scale)) * scale
    sd = sd if sd > 0 else 1.0
    worst = float(np.max(finite, initial=-np.inf)) if finite.size else 0.0
    filled = np.array([worst if cost is None else cost for cost in known], dtype=float)
    return points, Costs(values=filled / sd - mean / sd, mean=mean, sd=sd)


def point_of(search: Search, flags: Any) -> list[Any] | None:
    """Return flags as scikit-optimize sees them; None for a point outside of the space."""
    units = search.space.to_units(flags)
    if units is None:
        return None
    known = [ABSENT if unit != unit else unit for unit in units]
    return [
        dimension.position_of(dimension.from_unit(unit))
        if isinstance(dimension, CategoricalDimension)
        else unit
        for dimension, unit in zip(search.space.searched, known, strict=True)
    ]


def _flags(search: Search, point: list[Any]) -> dict[str, FlagValue]:
    """Return a point of scikit-optimize as flags, in Python's own types."""
    units = [
        dimension.middle_of(int(value))
        if isinstance(dimension, CategoricalDimension)
        else float(value)
        for dimension, value in zip(search.space.searched, point, strict=True)
    ]
    return search.space.from_units(units)


def fitted(
    config: TreeConfig,
    search: Search,
    points: list[list[Any]],
    costs: Costs,
    generator: np.random.Generator,
) -> Optimizer:
    """Return a model of the costs, fitted to the points."""
    dimensions = [
        Categorical(list(range(dimension.size)))
        if isinstance(dimension, CategoricalDimension)
        else Real(0.0, 1.0)
        for dimension in search.space.searched
    ]
    seed = int(generator.integers(MAX_SEED))
    optimizer = Optimizer(
        dimensions,
        base_estimator=_estimator(config.name, seed),
        n_initial_points=0,
        acq_func="EI",
        acq_func_kwargs={"xi": config.xi},
        random_state=seed,
    )
    optimizer.tell(points, costs.values.tolist())
    return optimizer


def _estimator(name: str, seed: int) -> Any:
    if name == "forest":
        return cook_estimator("ET", random_state=seed, min_samples_leaf=1)
    trees = GradientBoostingRegressor(n_estimators=30, loss="quantile")
    return Quantiles(base_estimator=trees, random_state=seed)


def _ranked(
    model: Optimizer,
    search: Search,
    config: TreeConfig,
    generator: np.random.Generator,
) -> list[list[Any]]:
    """Return random points, by their acquisition, the best one first."""
    points = []
    for flags in _random(search, generator):
        point = point_of(search, flags)
        if point is not None:
            points.append(point)
    scores = _scores(model, points, config)
    return [points[place] for place in np.argsort(scores, kind="stable")]


def _random(search: Search, generator: np.random.Generator) -> Iterator[dict[str, FlagValue]]:
    """Yield random points, of few allowed ones fewer."""
    space, n_hits = search.space, 0
    for _ in range(N_CANDIDATES):
        flags = space.from_units(generator.random(len(space.searched)).tolist())
        if space.allows(flags):
            n_hits += 1
            yield flags
    if n_hits < N_ALLOWED and not allowed_points(space).is_empty:
        for _ in range(N_ALLOWED - n_hits):
            yield allowed_points(space).draw(generator)


def _scores(
    model: Optimizer, points: list[list[Any]], config: TreeConfig
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return minus the expected improvement (Jones, Schonlau and Welch, 1998, eq. 15)."""
    from scipy.stats import norm

    mean, sd = model.models[-1].predict(model.space.transform(points), return_std=True)
    sd = np.maximum(np.asarray(sd), 1e-12)
    improvement = float(np.min(model.yi)) - config.xi - np.asarray(mean)
    z = improvement / sd
    return np.asarray(-(improvement * norm.cdf(z) + sd * norm.pdf(z)))


def _predict(
    model: Optimizer,
    search: Search,
    flags: dict[str, FlagValue],
    config: TreeConfig,
    costs: Costs,
) -> Prediction | None:
    """Return the model's prediction at a point, in the unit of the costs."""
    point = point_of(search, flags)
    if point is None:
        return None
    mean, sd = model.models[-1].predict(model.space.transform([point]), return_std=True)
    score = _scores(model, [point], config)
    return Prediction(
        mean=float(mean[0]) * costs.sd + costs.mean,
        sd=float(sd[0]) * costs.sd,
        acquisition=-float(score[0]),
    )
