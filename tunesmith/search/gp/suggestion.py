"""The candidate of the optimizer ``gp``: the best ranked point that no trial has had."""

import math

import numpy as np

from tunesmith.search.gp.proposal import Told, Wish, rank
from tunesmith.search.optimizer import Candidate
from tunesmith.search.surrogate import GaussianProcess
from tunesmith.search.turns import Search
from tunesmith.search.visited import Visited
from tunesmith.trial import Prediction

PORTFOLIO = ("EI", "LCB", "PI")
"""What ``gp_hedge`` draws from (Hoffman, Brochu and de Freitas, 2011), each as often, since its
gains cannot be told from the record."""


def suggest(
    settings: GaussianProcess, search: Search, visited: Visited, generator: np.random.Generator
) -> Candidate | None:
    """Return the point that is most worth trying; None where only visited ones were found."""
    told = Told.of(search.space, search.trials, search.pending)
    if told is None:
        return None
    wish = wish_of(settings, generator)
    for one in rank(told, wish, generator):
        if one.flags not in visited:
            worth = one.worth if wish.acquisition == "LCB" else math.exp(min(one.worth, 700.0))
            prediction = Prediction(mean=one.mean, sd=one.sd, acquisition=worth)
            return Candidate(flags=one.flags, origin="gp", prediction=prediction)
    return None


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
