"""Slices of a model: its prediction along one flag, with the others fixed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import Dimension
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.proposal import Models, predictions
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.listed_dimension import CategoricalDimension, OrderedDimension
from tunesmith.search.one_thread import on_one_thread
from tunesmith.search.sequential import Search
from tunesmith.search.surrogate import GaussianProcess


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A model's prediction along one flag, with the others fixed.

    ``values``, ``means`` and ``sds`` have one item for each place, in the order of the values;
    means and standard deviations are in the unit of the costs.
    """

    name: str
    values: tuple[float, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]


@on_one_thread
def slices(
    settings: GaussianProcess, search: Search, at: Mapping[str, FlagValue], *, n_places: int = 48
) -> list[Slice]:
    """Return slices of a Gaussian process of all trials through a point, one for each number flag.

    Args:
        settings: The optimizer of the batch.
        search: The space and the trials.
        at: The values of the other flags.
        n_places: The number of values along each flag, 48 by default.
    """
    data = TrainingData.of(search.space, search.trials, search.pending)
    centre = data.cube.row(at) if data is not None else None
    if data is None or centre is None or len(data.rows) < 2:
        return []
    models = Models.of(data, settings.acquisition_config)
    return [
        _slice(models, data, place, np.array(centre), n_places)
        for place, dimension in enumerate(search.space.searched)
        if _is_numeric(dimension) and dimension.name in at
    ]


def _is_numeric(dimension: Dimension) -> bool:
    """Return whether values have a place on an axis of numbers."""
    if isinstance(dimension, OrderedDimension):
        return not any(isinstance(value, str | bool | tuple | None) for value in dimension.values)
    return not isinstance(dimension, CategoricalDimension)


def _slice(models: Models, data: TrainingData, place: int, centre: Array, n_places: int) -> Slice:
    dimension = data.cube.dimensions[place]
    units = {dimension.to_unit(dimension.from_unit(u)) for u in np.linspace(0, 1, n_places)}
    rows = np.repeat(centre[None, :], len(units), axis=0)
    rows[:, place] = [data.cube.coordinate(place, unit) for unit in sorted(units)]
    expected = predictions(models, data, data.cube.settled(rows))
    return Slice(
        name=dimension.name,
        values=tuple(_number(dimension.from_unit(unit)) for unit in sorted(units)),
        means=tuple(mean for mean, _ in expected),
        sds=tuple(sd for _, sd in expected),
    )


def _number(value: FlagValue) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
