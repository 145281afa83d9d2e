"""Which optimizers can improve what a request asks for."""

from collections.abc import Sequence

from tunesmith.batch import OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.objective import Objective
from tunesmith.search.registry import optimizers_for_several, takes_several


def check_objectives(optimizer: OptimizerSpec | None, objectives: Sequence[Objective]) -> None:
    """Check that an optimizer can improve all objectives.

    Args:
        optimizer: What proposes the trials; None for a single run.
        objectives: All that the search improves; empty for the default one.

    Raises:
        SpecificationError: There are several, and it takes one only.
    """
    if optimizer is None or len(objectives) < 2 or takes_several(optimizer.name):
        return
    able = ", ".join(optimizers_for_several())
    raise SpecificationError(
        f"optimizer {optimizer.name} takes one objective, and {len(objectives)} were named "
        f"({', '.join(map(str, objectives))}): take one of {able}"
    )
