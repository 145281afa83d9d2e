"""From a request to the generation with which a batch goes on, whether or not it runs now.

Pure: what is recorded and the clock come in as values.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.request.change import change
from tunesmith.request.first_points import is_grid, n_beyond, read_points
from tunesmith.request.options import said_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.first import FIRST, left_to_try
from tunesmith.search.grid import n_left
from tunesmith.search.space import SearchSpace
from tunesmith.trial import PlannedTrial, TrialRecord

LIVE = frozenset(
    {
        *("optimizer_flags", "cost", "max_trials", "first", "where", "jobs", "timeout", "grace"),
        *("retries", "max_failures", "fail_on_trial_error", "literal", "force_flags"),
        *("target", "patience", "stop_when_flat", "worth", "max_cost"),
        *("output_scalars", "metrics", "prefect_logs", "label", "tags"),
    }
)
"""The options that a batch takes over while it runs; others mean something for all of its trials,
or for the process that runs them."""
_OF_A_RESTART = ("failed", "pruned")


def steer(
    spec: BatchSpec,
    request: SweepRequest,
    *,
    planned: Sequence[PlannedTrial],
    unbegun: Collection[int],
    records: Sequence[TrialRecord],
    now: float,
    is_running: bool,
    ended: str = "",
) -> BatchSpec:
    """Return the next generation: what the request says, and the rest as it was.

    Points are tried beside the trials that the batch has, also such as were tried before. A grid
    whose lists change has the points that it lacks.

    Args:
        spec: The latest specification.
        request: What was asked for.
        planned: Every planned trial.
        unbegun: The numbers of those that have not started.
        records: The latest record of every finished trial.
        now: Seconds since 1970, UTC.
        is_running: Whether a process runs the batch.
        ended: How the latest generation ended; empty, the default, where all ran or it runs.

    Raises:
        FlagError: A flag is unknown, or a value does not fit.
        SpecificationError: An option cannot change, or not while the batch runs.
    """
    _check(request, is_running=is_running)
    changed = change(
        spec,
        replace(request, first=None),
        planned=planned,
        records=records,
        now=now,
        has_secrets=True,
        ended=ended,
    )
    n_trials = spec.n_trials if request.max_trials is None else changed.n_trials
    n_trials = n_trials or 0
    if request.max_trials is None and is_grid(changed) and _space(changed) != _space(spec):
        n_trials = _n_of_grid(changed, planned, unbegun)
    points = read_points(request.first or (), changed, is_forced=bool(request.force_flags))
    return replace(
        changed,
        first=(*spec.first, *points),
        n_trials=n_trials + len(points),
        rerun=spec.rerun,
        restarted=spec.restarted,
    )


def _check(request: SweepRequest, *, is_running: bool) -> None:
    for option in said_options(request):
        if option.name in _OF_A_RESTART:
            raise SpecificationError(f"{option.flag} says what a restart runs: leave it out")
        if is_running and option.name not in LIVE:
            raise SpecificationError(
                f"{option.flag} cannot change while the batch runs: stop it with tunesmith stop, "
                f"and give {option.flag} to tunesmith run --restart"
            )


def _space(spec: BatchSpec) -> object:
    return spec.settings, spec.where


def _n_of_grid(spec: BatchSpec, planned: Sequence[PlannedTrial], unbegun: Collection[int]) -> int:
    """Return how many trials a grid has, with those that ran before its lists were changed."""
    space = SearchSpace.of(spec)
    kept = [
        one
        for one in planned
        if one.origin == FIRST or one.number not in unbegun or space.contains(one.flags)
    ]
    ran = [one.flags for one in kept]
    n_queued = n_beyond(left_to_try(spec.first, planned), space, ran) if spec.first else 0
    return len(kept) + n_left(space, ran) + n_queued
