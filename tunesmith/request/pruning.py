"""How trials are stopped early, by what a request says of it."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from tunesmith.errors import SpecificationError
from tunesmith.objective import Objective
from tunesmith.pruning import NO_PRUNING, PruningSpec
from tunesmith.request.sweep_request import SweepRequest


def prune_as(
    pruning: PruningSpec | None, objectives: Sequence[Objective], request: SweepRequest
) -> PruningSpec | None:
    """Return how trials are stopped early from now on: as before, but for what the request says.

    Whoever names a scalar or a number of points to prune by asks for pruning.

    Args:
        pruning: How they were stopped before.
        objectives: What the search improves, the first one first.
        request: What was asked for.

    Raises:
        SpecificationError: A number is out of range, or the scalar cannot be judged early.
    """
    if request.prune == NO_PRUNING:
        return None
    if (request.prune, request.prune_on, request.prune_after) != (None, None, None):
        pruning = pruning or PruningSpec()
    if pruning is None:
        return None
    if request.prune is not None:
        pruning = replace(pruning, rule=request.prune)
    if request.prune_on is not None:
        pruning = replace(pruning, column=request.prune_on)
    if request.prune_after is not None:
        pruning = replace(pruning, min_points=request.prune_after)
    if pruning.min_points < 0:
        raise SpecificationError(f"--prune-after is {pruning.min_points}: expected 0 or more")
    if pruning.column is None and len(objectives) > 1:
        raise SpecificationError(
            f"--prune judges a trial by one scalar, and the search has {len(objectives)} "
            f"objectives: name the one that decides, as in --prune-on "
            f"{shlex.quote(str(objectives[0].column))}"
        )
    objective = objectives[0]
    column = pruning.column or objective.column
    if not objective.of_column(column).is_foretold:
        raise SpecificationError(
            f"--prune cannot judge a trial by {column} before its end: name a scalar whose last, "
            f"lowest or highest value counts, as in --prune-on {column.tag}"
        )
    return pruning
