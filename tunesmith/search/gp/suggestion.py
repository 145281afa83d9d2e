"""The candidate of the optimizer ``gp``: the best ranked point that is worth a trial."""

import math

import numpy as np

from tunesmith.search.gp.acquisition_config import AcquisitionConfig
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.proposal import Models, rank
from tunesmith.search.gp.repeats import repeatable
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.one_thread import on_one_thread
from tunesmith.search.optimizer import Candidate
from tunesmith.search.sequential import Search
from tunesmith.search.visited import Visited, next_number
from tunesmith.trial import Prediction

LARGEST_LOG = 700.0
"""The exponential of more overflows."""
FIRST_GAP_TRIAL = 4
"""The first trial that a model proposes, by the default of ``random-starts``."""
EVERY = 3
WIDEST_GAP = 1 / 6
"""As long as no trial of a single float has entered so much of the line in one piece, every third
trial goes to the middle of the widest gap. A dip that is narrower than the gaps has no say in any
model, and a line has few."""


@on_one_thread
def suggest(
    config: AcquisitionConfig, search: Search, visited: Visited, generator: np.random.Generator
) -> Candidate | None:
    """Return the point with the highest acquisition; None where none was found.

    No trial has had it, unless it is worth another one.
    """
    data = TrainingData.of(search.space, search.trials, search.pending)
    if data is None:
        return None
    config = config.drawn(generator)
    models = Models.of(data, config)
    again = {
        key: row
        for key, row in repeatable(data, models.noise).items()
        if search.space.allows(data.cube.flags(row))
    }
    if visited.is_everything and not again:  # thousands of points would be ranked to find none
        return None
    number = next_number(search.trials, search.pending)
    since = number - FIRST_GAP_TRIAL
    gap = _gaps(data) if since >= 0 and since % EVERY == 0 else []
    ranked = rank(data, models, config, generator, ahead=gap, again=list(again.values()))
    for place, one in enumerate(ranked):
        is_visited = one.flags in visited
        if not is_visited or search.space.key(one.flags) in again:
            is_log = config.acquisition != "LCB"
            value = math.exp(min(one.acquisition, LARGEST_LOG)) if is_log else one.acquisition
            prediction = Prediction(mean=one.mean, sd=one.sd, acquisition=value)
            origin = "gap" if place < len(gap) else "repeat" if is_visited else "gp"
            return Candidate(flags=one.flags, origin=origin, prediction=prediction)
    return None


def _gaps(data: TrainingData) -> list[Array]:
    """Return the middle of the widest gap of a line, shape (1,), where it is too wide.

    A gap at an end counts twice: its middle, so far, is the end. One between two failed trials
    does not count.
    """
    if not data.cube.is_line:
        return []
    tried = np.vstack([data.failed, data.rows[data.is_inside], data.pending])[:, 0]
    order = np.argsort(tried, kind="stable")
    first, last = order[0], order[-1]
    edges = np.concatenate([[-tried[first]], tried[order], [2.0 - tried[last]]])
    has_failed = np.concatenate([[first], order, [last]]) < len(data.failed)
    widths = np.where(has_failed[:-1] & has_failed[1:], 0.0, np.diff(edges))
    widest = int(np.argmax(widths))
    if widths[widest] <= WIDEST_GAP:
        return []
    middle = (edges[widest] + edges[widest + 1]) / 2
    return [np.clip(np.array([middle]), 0.0, 1.0)]
