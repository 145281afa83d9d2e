"""The candidate of the optimizer ``gp``: the best ranked point that no trial has had."""

import math

import numpy as np

from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.proposal import Told, Wish, rank
from tunesmith.search.optimizer import Candidate
from tunesmith.search.sequential import Search
from tunesmith.search.surrogate import GaussianProcess
from tunesmith.search.visited import Visited, next_number
from tunesmith.trial import Prediction

PORTFOLIO = ("EI", "LCB", "PI")
"""What ``gp_hedge`` draws from (Hoffman, Brochu and de Freitas, 2011), each as often, since its
gains cannot be told from the record."""
FIRST_GAP_TRIAL = 4
WIDEST_GAP = 1 / 8
"""As long as no trial of a single float has entered so much of the line in one piece, every second
trial goes to the middle of the widest gap. A dip that is narrower than the gaps has no say in any
model, and a line has few."""


def suggest(
    settings: GaussianProcess, search: Search, visited: Visited, generator: np.random.Generator
) -> Candidate | None:
    """Return the point that is most worth trying; None where only visited ones were found."""
    told = Told.of(search.space, search.trials, search.pending)
    if told is None:
        return None
    wish = wish_of(settings, generator)
    number = next_number(search.trials, search.pending)
    gap = _gaps(told) if number >= FIRST_GAP_TRIAL and number % 2 == 0 else []
    for place, one in enumerate(rank(told, wish, generator, ahead=gap)):
        if one.flags not in visited:
            worth = one.worth if wish.acquisition == "LCB" else math.exp(min(one.worth, 700.0))
            prediction = Prediction(mean=one.mean, sd=one.sd, acquisition=worth)
            origin = "gap" if place < len(gap) else "gp"
            return Candidate(flags=one.flags, origin=origin, prediction=prediction)
    return None


def _gaps(told: Told) -> list[Array]:
    """Return the middle of the widest gap of a line, shape (1,), where it is too wide.

    A gap at an end counts twice: its middle, so far, is the end. One between two failed trials
    does not count.
    """
    if not told.cube.is_line:
        return []
    tried = np.vstack([told.failed, told.rows, told.pending])[:, 0]
    order = np.argsort(tried, kind="stable")
    first, last = order[0], order[-1]
    edges = np.concatenate([[-tried[first]], tried[order], [2.0 - tried[last]]])
    has_failed = np.concatenate([[first], order, [last]]) < len(told.failed)
    widths = np.where(has_failed[:-1] & has_failed[1:], 0.0, np.diff(edges))
    widest = int(np.argmax(widths))
    if widths[widest] <= WIDEST_GAP:
        return []
    middle = (edges[widest] + edges[widest + 1]) / 2
    return [np.clip(np.array([middle]), 0.0, 1.0)]


def wish_of(settings: GaussianProcess, generator: np.random.Generator) -> Wish:
    """Return what the user's settings ask for."""
    acquisition = settings.acq_func
    if acquisition == "gp_hedge":
        acquisition = PORTFOLIO[int(generator.integers(len(PORTFOLIO)))]
    return Wish(
        acquisition=acquisition,
        kappa=settings.kappa,
        xi=settings.xi,
        noise=None if isinstance(settings.noise, str) else float(settings.noise),
    )
