"""The candidate of the optimizer ``gp``: the best ranked point that no trial has had."""

import math

import numpy as np

from tunesmith.search.gp.acquisition_config import AcquisitionConfig
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.proposal import rank
from tunesmith.search.gp.training_data import TrainingData
from tunesmith.search.optimizer import Candidate
from tunesmith.search.sequential import Search
from tunesmith.search.visited import Visited, next_number
from tunesmith.trial import Prediction

LARGEST_LOG = 700.0
"""The exponential of more overflows."""
FIRST_GAP_TRIAL = 4
"""The first trial that a model proposes, by the default of ``random-starts``."""
WIDEST_GAP = 1 / 8
"""As long as no trial of a single float has entered so much of the line in one piece, every second
trial goes to the middle of the widest gap. A dip that is narrower than the gaps has no say in any
model, and a line has few."""


def suggest(
    config: AcquisitionConfig, search: Search, visited: Visited, generator: np.random.Generator
) -> Candidate | None:
    """Return the unvisited point with the highest acquisition; None where none was found."""
    data = TrainingData.of(search.space, search.trials, search.pending)
    if data is None:
        return None
    config = config.drawn(generator)
    number = next_number(search.trials, search.pending)
    gap = _gaps(data) if number >= FIRST_GAP_TRIAL and number % 2 == 0 else []
    for place, one in enumerate(rank(data, config, generator, ahead=gap)):
        if one.flags not in visited:
            is_log = config.acquisition != "LCB"
            value = math.exp(min(one.acquisition, LARGEST_LOG)) if is_log else one.acquisition
            prediction = Prediction(mean=one.mean, sd=one.sd, acquisition=value)
            origin = "gap" if place < len(gap) else "gp"
            return Candidate(flags=one.flags, origin=origin, prediction=prediction)
    return None


def _gaps(data: TrainingData) -> list[Array]:
    """Return the middle of the widest gap of a line, shape (1,), where it is too wide.

    A gap at an end counts twice: its middle, so far, is the end. One between two failed trials
    does not count.
    """
    if not data.cube.is_line:
        return []
    tried = np.vstack([data.failed, data.rows, data.pending])[:, 0]
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
