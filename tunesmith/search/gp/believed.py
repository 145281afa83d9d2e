"""An acquisition that is weighed by what its user believes, and less and less so.

The acquisition times the belief to the power of beta over n, after n trials (Hvarfner, Stoll,
Souza, Lindauer, Hutter and Nardi, 2022, "πBO: Augmenting Acquisition Functions with User Beliefs
for Bayesian Optimization", eq. 6). Beliefs are over the coordinates of the model.
"""

from dataclasses import dataclass

import numpy as np

from tunesmith.search.beliefs import UNIFORM, category_weights
from tunesmith.search.gp.acquisition import Acquisition
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.listed_dimension import CategoricalDimension

BETA = 10.0
"""How much a belief weighs: its power is 1 after so many trials."""

N_MEAN = 201
"""Coordinates at which the mean of a belief is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDensity:
    """The logarithm of a belief over one coordinate, up to a constant."""

    mean: float = np.nan
    sd: float = np.nan
    logs: tuple[float, ...] = ()
    """Of a list without an order, the logarithm at each position."""

    @property
    def log_mean(self) -> float:
        """The logarithm of its mean: what a point has that lacks the flag."""
        if self.logs:
            return float(np.log(np.mean(np.exp(self.logs))))
        z = (np.linspace(0.0, 1.0, N_MEAN) - self.mean) / self.sd
        normal = (1.0 - UNIFORM) * np.exp(-0.5 * z**2)
        return float(np.log(normal.mean() + UNIFORM * self.sd * np.sqrt(2 * np.pi)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """The logarithm of an acquisition, plus that of the beliefs to a power."""

    acquisition: Acquisition
    densities: tuple[LogDensity | None, ...]
    """One for each coordinate of a row; None where nothing is believed."""
    power: float
    cube: Cube | None = None
    """The space, where flags are believed in that are not always active; else None."""

    def values(self, at: Array) -> Array:
        """Return the values at points (m, d)."""
        values: Array = self.acquisition.values(at) + self.power * self._logs(at)[0]
        return values

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return the values at points, and their derivatives."""
        values, slopes = self.acquisition.gradient(at)
        logs, by_logs = self._logs(at)
        return values + self.power * logs, slopes + self.power * by_logs

    def _logs(self, at: Array) -> tuple[Array, Array]:
        """Return the logarithms of the beliefs at points, and their derivatives."""
        logs, slopes = np.zeros(len(at)), np.zeros_like(at)
        is_active = None if self.cube is None else self.cube.is_active(at)
        for place, density in enumerate(self.densities):
            if density is None:
                continue
            own, by_own = _logs_of(density, at[:, place])
            if is_active is not None:
                has = is_active[:, place]
                own, by_own = np.where(has, own, density.log_mean), np.where(has, by_own, 0.0)
            logs += own
            slopes[:, place] += by_own
        return logs, slopes


def _logs_of(density: LogDensity, coordinates: Array) -> tuple[Array, Array]:
    """Return the logarithms of a belief at coordinates, shape (m,), and their derivatives."""
    if density.logs:
        positions = np.clip(coordinates.astype(int), 0, len(density.logs) - 1)
        return np.array(density.logs)[positions], np.zeros(len(coordinates))
    z = (coordinates - density.mean) / density.sd
    normal = (1.0 - UNIFORM) * np.exp(-0.5 * z**2)
    # of the uniform share as high as the normal distribution is at its top
    total = normal + UNIFORM * density.sd * np.sqrt(2 * np.pi)
    return np.log(total), -(normal / total * z / density.sd)


def density_of(cube: Cube, place: int) -> LogDensity:
    """Return the density of what is believed of a dimension, by its place."""
    dimension = cube.dimensions[place]
    belief = cube.space.beliefs[dimension.name]
    if isinstance(dimension, CategoricalDimension):
        weights = np.array(category_weights(dimension, belief))
        return LogDensity(logs=tuple(np.log(weights / weights.max()).tolist()))
    mean = cube.coordinate(place, dimension.to_unit(belief.value))
    return LogDensity(mean=mean, sd=belief.width / 2)


def believed(acquisition: Acquisition, data: TrainingData) -> Acquisition:
    """Return an acquisition weighed by the beliefs of the space, where there are any.

    Args:
        acquisition: The logarithm of what a point may gain.
        data: The trials so far, whose number lets beliefs fade.
    """
    cube = data.cube
    beliefs = cube.space.beliefs
    if not beliefs:
        return acquisition
    n = sum(number > 0 for number in data.numbers) + len(data.failed)
    densities = tuple(
        density_of(cube, place) if d.name in beliefs else None
        for place, d in enumerate(cube.dimensions)
    )
    is_always = cube.space.conditions.keys().isdisjoint(beliefs)
    return Believed(
        acquisition=acquisition,
        densities=densities,
        power=BETA / max(1, n),
        cube=None if is_always else cube,
    )
