"""Which searches learn from the results of other runs."""

from tunesmith.batch import OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.registry import optimizer_settings, optimizers_with

SETTING = "prev-trials"
"""The setting of the optimizers that learn from other batches."""


def check_learns(optimizer: OptimizerSpec | None, request: SweepRequest) -> None:
    """Check that an optimizer learns from the results of other runs, if a request names any.

    Raises:
        SpecificationError: It does not, or there is none.
    """
    if not request.learn_from:
        return
    if optimizer is None:
        raise SpecificationError(
            "--learn-from needs a search: give a flag a range, as in x=[0.0:1.0]"
        )
    if SETTING not in optimizer_settings(optimizer.name):
        able = " or ".join(f"--optimizer {name}" for name in optimizers_with(SETTING))
        raise SpecificationError(
            f"--learn-from is not for optimizer {optimizer.name}, which learns from no results: "
            f"take {able}"
        )
