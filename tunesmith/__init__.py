"""Tunesmith finds good hyperparameters for a script that its user did not change.

From Python: ``tunesmith.run("train.py", x=tunesmith.uniform(-2, 2), optimizer="gp")`` returns a
``Batch``; ``tunesmith.open(".").runs()`` reads a store; ``tunesmith.minimize`` searches a
function.
"""

from typing import TYPE_CHECKING, Any

from tunesmith.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from tunesmith import errors as errors
    from tunesmith.api.batches import Batch as Batch
    from tunesmith.api.functions import maximize as maximize
    from tunesmith.api.functions import minimize as minimize
    from tunesmith.api.new_search import new_search as new_search
    from tunesmith.api.open_store import OpenStore as OpenStore
    from tunesmith.api.running import arun as arun
    from tunesmith.api.running import open_store

    open = open_store  # noqa: A001 - it is called as tunesmith.open
    from tunesmith.api.running import run as run
    from tunesmith.api.spaces import choice as choice
    from tunesmith.api.spaces import integers as integers
    from tunesmith.api.spaces import lognormal as lognormal
    from tunesmith.api.spaces import loguniform as loguniform
    from tunesmith.api.spaces import normal as normal
    from tunesmith.api.spaces import uniform as uniform
    from tunesmith.batch import BatchSpec as BatchSpec
    from tunesmith.errors import TunesmithError as TunesmithError
    from tunesmith.objective import Objective as Objective
    from tunesmith.runner import Runner as Runner
    from tunesmith.scalar import ScalarSummary as ScalarSummary
    from tunesmith.trial import PlannedTrial as PlannedTrial
    from tunesmith.trial import TrialRecord as TrialRecord
    from tunesmith.trial import TrialStatus as TrialStatus

_HOMES = {
    "Batch": "tunesmith.api.batches:Batch",
    "BatchSpec": "tunesmith.batch:BatchSpec",
    "Objective": "tunesmith.objective:Objective",
    "OpenStore": "tunesmith.api.open_store:OpenStore",
    "PlannedTrial": "tunesmith.trial:PlannedTrial",
    "Runner": "tunesmith.runner:Runner",
    "ScalarSummary": "tunesmith.scalar:ScalarSummary",
    "TrialRecord": "tunesmith.trial:TrialRecord",
    "TrialStatus": "tunesmith.trial:TrialStatus",
    "TunesmithError": "tunesmith.errors:TunesmithError",
    "arun": "tunesmith.api.running:arun",
    "choice": "tunesmith.api.spaces:choice",
    "errors": "tunesmith.errors:",
    "integers": "tunesmith.api.spaces:integers",
    "lognormal": "tunesmith.api.spaces:lognormal",
    "loguniform": "tunesmith.api.spaces:loguniform",
    "maximize": "tunesmith.api.functions:maximize",
    "minimize": "tunesmith.api.functions:minimize",
    "new_search": "tunesmith.api.new_search:new_search",
    "normal": "tunesmith.api.spaces:normal",
    "open": "tunesmith.api.running:open_store",
    "run": "tunesmith.api.running:run",
    "uniform": "tunesmith.api.spaces:uniform",
}
"""The module of each public name, which is imported when the name is first used."""


def __getattr__(name: str) -> Any:
    """Import a public name; the command line starts without any of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tunesmith' has no attribute {name!r}")
    import importlib

    place, _, attribute = _HOMES[name].partition(":")
    module = importlib.import_module(place)
    return getattr(module, attribute) if attribute else module


def __dir__() -> list[str]:
    return sorted(["__version__", *_HOMES])
