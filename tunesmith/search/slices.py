"""Slices of a model: what it expects along one flag, the others fixed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import CategoricalDimension
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.proposal import Models, predictions
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.sequential import Search
from tunesmith.search.surrogate import GaussianProcess


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
    data = TrainingData.of(search.space, search.trials, search.pending)
    centre = data.cube.row(at) if data is not None else None
    if data is None or centre is None or len(data.rows) < 2:
        return []
    models = Models.of(data, settings.acquisition_config)
    return [
        _slice(models, data, place, np.array(centre), n_places)
        for place, dimension in enumerate(search.space.searched)
        if not isinstance(dimension, CategoricalDimension)
    ]


def _slice(models: Models, data: TrainingData, place: int, centre: Array, n_places: int) -> Slice:
    dimension = data.cube.dimensions[place]
    units = {dimension.to_unit(dimension.from_unit(u)) for u in np.linspace(0, 1, n_places)}
    rows = np.repeat(centre[None, :], len(units), axis=0)
    rows[:, place] = sorted(units)
    expected = predictions(models, data, rows)
    return Slice(
        name=dimension.name,
        values=tuple(_number(dimension.from_unit(unit)) for unit in rows[:, place]),
        means=tuple(mean for mean, _ in expected),
        sds=tuple(sd for _, sd in expected),
    )


def _number(value: FlagValue) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
