"""How often each candidate is run, by what a request says of it."""

import math
from collections.abc import Collection
from dataclasses import replace

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.definition import NUMERIC, FlagDefinition, FlagType, ScriptFlags
from tunesmith.repeats import OVER, USUAL, Repeats
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.space import SearchSpace


def is_repeating(request: SweepRequest) -> bool:
    """Return whether candidates are repeated: who names the flag that counts runs asks for it."""
    return request.repeats is not None or request.repeat_over is not None


def with_repeats(spec: BatchSpec, request: SweepRequest, over: str) -> BatchSpec:
    """Return a new batch that runs its candidates as often as a request says.

    Args:
        spec: The batch, with as many trials as it has candidates.
        request: What was asked for.
        over: The flag that counts the runs of a candidate; empty for none.

    Raises:
        SpecificationError: Another option contradicts repeats.
    """
    if not is_repeating(request):
        return spec
    if request.needed:
        raise SpecificationError(
            "--needed skips what the script has run before, and --repeats runs it again: leave "
            "one of them out"
        )
    if SearchSpace.of(spec).n_repeats > 1:
        raise SpecificationError(
            "a list names a value twice, which repeats the grid as --repeats does: leave one out"
        )
    repeats = replace(request.repeats or Repeats(most=USUAL), over=over)
    total = _n_runs(spec, repeats, request.max_trials)
    if not over:
        return replace(spec, repeats=repeats, n_trials=total, n_first_trials=total)
    return replace(
        spec,
        repeats=repeats,
        settings={**spec.settings, over: spec.settings.get(over, 1)},
        given=(*(spec.given or ()), over),
        n_trials=total,
        n_first_trials=total,
    )


def _n_runs(spec: BatchSpec, repeats: Repeats, max_trials: int | None) -> int:
    """Return how many trials a batch has, at most: ``auto`` takes their number as one of runs."""
    n_candidates = spec.n_trials or 0
    if not repeats.is_auto:
        return n_candidates * repeats.most
    is_grid = spec.optimizer is not None and spec.optimizer.name == "grid"
    if not is_grid:
        return n_candidates
    return int(min(max_trials or math.inf, n_candidates * repeats.most))


def counting_flag(
    request: SweepRequest, flags: ScriptFlags, *, script: str, set_names: Collection[str]
) -> str:
    """Return the flag that counts the runs of a candidate; empty where they do not differ.

    Args:
        request: What was asked for.
        flags: Those of the script.
        script: Its name.
        set_names: The flags that are set otherwise.

    Raises:
        SpecificationError: The flag does not exist, takes no numbers, or is set.
    """
    if not is_repeating(request):
        return ""
    name = request.repeat_over or OVER
    found = find_flag(flags, name)
    if request.repeat_over is None and (found is None or not _takes_numbers(found)):
        return ""
    if found is None and not (flags.takes_any or request.force_flags):
        known = ", ".join(one.name for one in flags.settable) or "none"
        raise SpecificationError(
            f"--repeat-over {name}: {script} has no such flag; its flags are {known}"
        )
    if found is not None and not _takes_numbers(found):
        raise SpecificationError(
            f"--repeat-over {name}: it would be 1, 2, 3, …, and {script} takes no numbers for it: "
            "name another flag"
        )
    name = name if found is None else found.name
    if name in set_names:
        raise SpecificationError(
            f"{name} is set, and --repeats makes it 1, 2, 3, …: leave {name} out, or name another "
            "flag with --repeat-over"
        )
    return name


def _takes_numbers(flag: FlagDefinition) -> bool:
    if flag.choices:
        return all(_is_number(one) for one in flag.choices)
    if flag.type is FlagType.ANY:
        return flag.default is None or _is_number(flag.default)
    return flag.type in NUMERIC


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
