"""What a search counts as the cost of a trial, by what a request says of it."""

from dataclasses import replace

from tunesmith.batch import OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.request.sweep_request import SweepRequest, TrialCost
from tunesmith.search.registry import optimizer_settings, optimizers_with

SETTING = "cost"
"""The optimizers' setting of this name."""


def weighing_cost(optimizer: OptimizerSpec, request: SweepRequest) -> OptimizerSpec:
    """Return an optimizer that counts what the request says; without a word as before.

    Raises:
        SpecificationError: It cannot count seconds.
    """
    if request.cost is None:
        return optimizer
    if SETTING in optimizer_settings(optimizer.name):
        settings = {**optimizer.settings, SETTING: str(request.cost)}
        return replace(optimizer, settings=settings)
    if request.cost is TrialCost.NONE:
        return optimizer
    able = " or ".join(f"--optimizer {name}" for name in optimizers_with(SETTING))
    raise SpecificationError(
        f"--cost seconds is not for optimizer {optimizer.name}, which looks at no seconds: "
        f"take {able}"
    )
