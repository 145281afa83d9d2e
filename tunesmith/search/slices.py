"""Slices of a model: what it expects along one flag, the others fixed."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import CategoricalDimension, Dimension
from tunesmith.search.surrogate import GaussianProcess, Search
from tunesmith.search.surrogate_model import Costs, fitted, point_of, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What a model expects along one flag, the others fixed.

    ``values``, ``means`` and ``sds`` have one item a place, in the order of the flag's values;
    means and standard deviations are in the unit of the costs.
    """

    name: str
    values: tuple[float, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]


def slices(
    settings: GaussianProcess, search: Search, at: Mapping[str, FlagValue], *, n_places: int = 48
) -> list[Slice]:
    """Return what a Gaussian process of all trials expects around a point, for each number flag.

    Args:
        settings: Of the optimizer that ran the batch.
        search: The space and the trials.
        at: The values of the other flags.
        n_places: How many values of a flag are asked for.
    """
    points, costs = told(search)
    centre = point_of(search, at)
    if centre is None or len(points) < 2:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that did not converge
        model = fitted("gp", settings, search, points, costs, np.random.default_rng(0))
        return [
            _slice(model, costs, dimension, place, centre, n_places)
            for place, dimension in enumerate(search.space.searched)
            if not isinstance(dimension, CategoricalDimension)
        ]


def _slice(
    model: Any,
    costs: Costs,
    dimension: Dimension,
    place: int,
    centre: list[Any],
    n_places: int,
) -> Slice:
    units = {dimension.to_unit(dimension.from_unit(u)) for u in np.linspace(0, 1, n_places)}
    ordered = sorted(units)
    points = [[*centre[:place], unit, *centre[place + 1 :]] for unit in ordered]
    means, sds = model.models[-1].predict(model.space.transform(points), return_std=True)
    return Slice(
        name=dimension.name,
        values=tuple(_number(dimension.from_unit(unit)) for unit in ordered),
        means=tuple(float(mean) * costs.sd + costs.mean for mean in means),
        sds=tuple(float(sd) * costs.sd for sd in sds),
    )


def _number(value: FlagValue) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
