"""The candidate of ``gp`` for several objectives: where the hypervolume is expected to grow most.

One model for each cost. With more than three costs, one model of their augmented Tchebycheff
norm with weights that are drawn for each trial (Knowles, 2006, "ParEGO", eq. 2).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tunesmith.search.gp.acquisition import Acquisition
from tunesmith.search.gp.acquisition_config import AcquisitionConfig
from tunesmith.search.gp.believed import believed
from tunesmith.search.gp.boxes import Boxes
from tunesmith.search.gp.expected_hypervolume import (
    ExpectedHypervolumeImprovement,
    MixedPosterior,
)
from tunesmith.search.gp.feasibility import Flat, feasible
from tunesmith.search.gp.kernel import Array, Mask
from tunesmith.search.gp.maximize import maximize
from tunesmith.search.gp.per_second import PerSecond, TrialSeconds
from tunesmith.search.gp.proposal import (
    MANY,
    N_SPREAD,
    N_SPREAD_OF_MANY,
    Models,
    believing,
    predictions,
)
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.one_thread import on_one_thread
from tunesmith.search.optimizer import Candidate
from tunesmith.search.sequential import Search
from tunesmith.search.visited import Visited
from tunesmith.trial import Prediction

BEYOND = 0.5
"""How far the reference point lies beyond the worst costs of the front, as a share of its extent:
so far that the ends of the front are worth looking for (Ishibuchi, Imada, Setoguchi and Nojima,
2018, "How to specify a reference point in hypervolume calculation"). A tenth was worse in our
benchmarks, and the whole of it no better."""
LEAST_BEYOND = 0.1
"""The same in standard deviations of the costs, where the front is a point."""
N_NEAR_FRONT = 8
"""Points of the front around which points are perturbed."""
AUGMENTATION = 0.05
"""The share of the sum of the costs in the augmented Tchebycheff norm."""
LARGEST_LOG = 700.0
"""The exponential of more overflows."""


@on_one_thread
def suggest_for_several(
    config: AcquisitionConfig, search: Search, visited: Visited, generator: np.random.Generator
) -> Candidate | None:
    """Return the point with the highest acquisition that no trial has had; None without one."""
    if visited.is_everything:
        return None
    costs = Costs.of(search)
    acquisition = costs.acquisition(config)
    n_spread = N_SPREAD if len(costs.first.rows) <= MANY else N_SPREAD_OF_MANY
    cube = costs.first.cube
    ranked = maximize(acquisition, cube, costs.best_rows(), generator, n_spread=n_spread)
    for row in ranked:
        flags = cube.flags(row)
        if flags in visited:
            continue
        (mean, sd), *_ = predictions(costs.models[0], costs.first, row[None, :])
        value = math.exp(min(float(acquisition.values(row[None, :])[0]), LARGEST_LOG))
        prediction = Prediction(mean=mean, sd=sd, acquisition=value)
        return Candidate(flags=flags, origin="gp", prediction=prediction)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The trials as each cost sees them, and the models of each."""

    data: tuple[TrainingData, ...]
    """One for each cost, of the same trials in the same order."""
    models: tuple[Models, ...]

    @classmethod
    def of(cls, search: Search) -> "Costs":
        """Return the trials of a search that has results."""
        data = tuple(_data(search))
        models = tuple(Models.of(one, AcquisitionConfig()) for one in data)
        return cls(data=data, models=models)

    @property
    def first(self) -> TrainingData:
        """The trials as the first cost sees them."""
        return self.data[0]

    def acquisition(self, config: AcquisitionConfig) -> Acquisition:
        """Return what is maximized: expected growth of the hypervolume, of trials that succeed."""
        improvement = self.improvement()
        acquisition = feasible(self.first, improvement or Flat())
        seconds = TrialSeconds.of(self.first) if config.per_second and improvement else None
        if seconds is not None:
            acquisition = PerSecond(
                acquisition=acquisition, seconds=seconds, exponent=config.per_second
            )
        return believed(acquisition, self.first) if improvement else acquisition

    def improvement(self) -> ExpectedHypervolumeImprovement | None:
        """Return the expected growth alone; None where no trial meets the constraints."""
        rows = np.vstack([self.first.rows[self.first.holds], self.first.pending])
        if not len(rows):
            return None
        posteriors = [
            MixedPosterior(
                parts=tuple(believing(model, one) for model in models.posteriors),
                shares=np.exp(models.log_shares),
            )
            for one, models in zip(self.data, self.models, strict=True)
        ]
        means = np.column_stack([one.predict(rows)[0] for one in posteriors])
        boxes = Boxes.of(means, reference_of(means))
        return ExpectedHypervolumeImprovement(posteriors=tuple(posteriors), boxes=boxes)

    def best_rows(self) -> Array:
        """Return the rows of trials on the front, evenly along it, shape (b, d)."""
        values = np.column_stack([one.ranked_targets for one in self.data])
        places = np.flatnonzero(is_on_front(values))
        places = places[np.argsort(values[places, 0], kind="stable")]
        chosen = np.linspace(0, len(places) - 1, min(len(places), N_NEAR_FRONT)).round()
        rows: Array = self.first.rows[places[chosen.astype(int)]]
        return rows


def _data(search: Search) -> Iterator[TrainingData]:
    for k in range(max(len(one.costs) for one in search.trials)):
        trials = [replace(one, cost=one.costs[k] if one.costs else None) for one in search.trials]
        data = TrainingData.of(search.space, trials, search.pending)
        if data is not None:
            yield data


def is_on_front(costs: Array) -> Mask:
    """Return which points, shape (n, m), no other one dominates."""
    covers = (costs[:, None, :] <= costs[None, :, :]).all(axis=2)
    is_better = (costs[:, None, :] < costs[None, :, :]).any(axis=2)
    on_front: Mask = np.logical_not((covers & is_better).any(axis=0))
    return on_front


def reference_of(costs: Array) -> Array:
    """Return the point beyond which no gain counts: somewhat worse than the front of points."""
    front = costs[is_on_front(costs)]
    worst = front.max(axis=0)
    reference: Array = worst + np.maximum(BEYOND * (worst - front.min(axis=0)), LEAST_BEYOND)
    return reference


def tchebycheff(search: Search, generator: np.random.Generator) -> Search:
    """Return a search for one cost: the norm of all of them, with weights drawn anew.

    Args:
        search: With several costs.
        generator: Draws the weights, evenly over those that sum to 1.
    """
    known = np.array([one.costs for one in search.trials if one.costs])
    low, high = known.min(axis=0), known.max(axis=0)
    spans = np.where(high > low, high - low, 1.0)
    weights = generator.dirichlet(np.ones(known.shape[1]))

    def norm(costs: tuple[float, ...]) -> float:
        weighed = weights * (np.array(costs) - low) / spans
        return float(weighed.max() + AUGMENTATION * weighed.sum())

    trials = [
        replace(one, cost=norm(one.costs) if one.costs else None, costs=())
        for one in search.trials
    ]
    return replace(search, trials=trials)
