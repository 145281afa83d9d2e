"""What a restart from Python takes beside flags: options of ``tunesmith.run`` that can change."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypedDict

from tunesmith.api.spaces import FlagInput, to_assignments
from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.request.options import OPTIONS, read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.runner import Runner


class RestartOptions(TypedDict, total=False):
    """The options that a restart can change; each is what it is for ``tunesmith.run``."""

    optimizer_flags: Mapping[str, FlagValue] | None
    maximize: str | None
    minimize: str | None
    first: Sequence[str | Mapping[str, FlagValue]] | None
    subject_to: Sequence[str] | None
    where: Sequence[str] | None
    objectives: Sequence[str] | None
    needed: bool | None
    cost: Literal["none", "seconds"] | None
    prune: str | bool | None
    prune_on: str | None
    prune_after: int | None
    jobs: int | None
    runner: str | Runner | None
    gpus: Sequence[int | str] | None
    per_gpu: int | None
    warm: Literal["auto", "on", "off"] | None
    max_time: float | str | timedelta | None
    target: str | None
    patience: int | Literal["none"] | None
    stop_when_flat: bool | None
    worth: str | None
    max_cost: str | None
    timeout: float | str | timedelta | None
    grace: float | str | timedelta | None
    retries: int | None
    max_failures: int | Literal["none"] | None
    fail_on_trial_error: bool | None
    force_flags: bool | None
    python: str | None
    output_scalars: Sequence[str] | None
    metrics: Sequence[str] | None
    prefect_logs: bool | None
    label: str | None
    tags: Sequence[str] | None
    failed: bool | None
    pruned: bool | None


def read_restart(options: Mapping[str, Any], flags: Mapping[str, FlagInput]) -> SweepRequest:
    """Return the request of a restart.

    Args:
        options: Options by their names; None where nothing was said.
        flags: Flags that get other values.

    Raises:
        SpecificationError: There is no option of a name, or a value does not fit.
        FlagError: A flag cannot be set to its value.
    """
    known = [option.name for option in OPTIONS]
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {near[0]!r}?" if near else "; flags go into flags={…}"
            raise SpecificationError(f"a restart has no option {name!r}{hint}")
    return SweepRequest(flags=to_assignments(flags), **read_options(options, is_typed=False))
