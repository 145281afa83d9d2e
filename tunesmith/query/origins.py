"""The origins of trials: what proposed them, and why."""

from collections.abc import Mapping
from types import MappingProxyType

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "grid": "a combination of the given values",
        "random": "drawn at random from the search space",
        "sobol": "the next point of a sequence that fills the space evenly",
        "initial": "the initial values that were given",
        "first": "asked for by --first or tunesmith queue",
        "random-start": "drawn at random, to give the model its first results",
        "gp": "where a Gaussian process expected the most improvement",
        "gap": "the middle of the widest gap, where the model could miss a narrow dip",
        "repeat": "run again, since results vary from run to run",
        "forest": "where a forest of trees expected the most improvement",
        "gbrt": "where boosted trees expected the most improvement",
        "optuna:tpe": "where good trials are dense and bad ones are not (Optuna's TPE)",
        "optuna:cmaes": "drawn around the good trials so far (Optuna's CMA-ES)",
        "optuna:gp": "where Optuna's Gaussian process expected the most improvement",
        "optuna:nsgaii": "crossed from good trials so far (Optuna's NSGA-II)",
        "given": "given on the command line",
        "row": "a row of a batch file",
    }
)
"""The meaning of each origin."""


def describe_origin(origin: str) -> str:
    """Return an origin with its meaning: ``grid, a combination of the given values``."""
    meaning = MEANINGS.get(origin, "")
    return f"{origin}, {meaning}" if meaning else origin
