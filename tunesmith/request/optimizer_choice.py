"""Which optimizer proposes the trials of a new batch, by what a request says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tunesmith.batch import OptimizerSpec
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.request.repeats import is_repeating
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.request.trial_cost import weighing_cost
from tunesmith.search.automatic import choose
from tunesmith.search.registry import AUTO, canonical_name, is_automatic

DEFAULT_TRIALS = 20
"""Trials of a search, unless a number is given."""

Rows = Sequence[Mapping[str, FlagValue]]


def optimizer_as(
    request: SweepRequest, settings: Mapping[str, Setting], rows: Rows
) -> OptimizerSpec | None:
    """Return the optimizer of a batch, where the project's own may stand for a random search.

    None for a single run; one that is repeated is a grid of one point.
    """
    name = choose_optimizer(request.optimizer, settings, rows)
    if name is None and is_repeating(request):
        name = "grid"
    if name is None:
        return None
    default, flags = request.default_optimizer, request.optimizer_flags or {}
    if request.optimizer is None and name == "random" and default is not None:
        name, flags = default.name, {**default.settings, **flags}
    optimizer = OptimizerSpec(name=name, settings=flags)
    if is_automatic(name):
        chosen = choose(settings, request.max_trials or DEFAULT_TRIALS)
        optimizer = replace(optimizer, name=chosen.name, reason=chosen.reason)
    return weighing_cost(optimizer, request)


def choose_optimizer(name: str | None, settings: Mapping[str, Setting], rows: Rows) -> str | None:
    """Return the optimizer that a request means, ``auto`` as it is; None for a single run.

    Args:
        name: The optimizer that the request names, or None.
        settings: What each flag is set to.
        rows: The rows of batch files.

    Raises:
        SpecificationError: There is no optimizer of that name.
    """
    if name is not None:
        return AUTO if is_automatic(name) else canonical_name(name)
    if any(isinstance(setting, Distribution) for setting in settings.values()):
        return "random"
    if rows or any(isinstance(setting, Choices) for setting in settings.values()):
        return "grid"
    return None
