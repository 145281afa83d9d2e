"""From a request to the next generation of a batch: what a restart changes, and what it runs.

Pure: what is recorded and the clock come in as values.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.activity import with_conditions
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.secret_values import lost_secrets
from tunesmith.flags.settings import Setting
from tunesmith.repeats import n_each
from tunesmith.request.conditions import allow_as, check_where, subject_to_as
from tunesmith.request.execution import execute_as
from tunesmith.request.first_points import is_grid, n_beyond, not_asked_yet, read_points
from tunesmith.request.objectives import check_objectives
from tunesmith.request.options import said_options
from tunesmith.request.pruning import prune_as
from tunesmith.request.specification import check_max_trials
from tunesmith.request.stopping import going_on, stop_as
from tunesmith.request.sweep_request import SweepRequest, WorkingDirectory
from tunesmith.request.trial_cost import weighing_cost
from tunesmith.script.arguments import check_arguments
from tunesmith.search.first import left_to_try
from tunesmith.search.grid import n_left
from tunesmith.search.registry import (
    build_optimizer,
    canonical_name,
    is_automatic,
    is_sequential,
)
from tunesmith.search.repeating import grouped
from tunesmith.search.space import SearchSpace
from tunesmith.stopping import ENDS, TIME_OVER
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus


def change(
    spec: BatchSpec,
    request: SweepRequest,
    *,
    planned: Sequence[PlannedTrial],
    records: Sequence[TrialRecord],
    now: float,
    ended: str = "",
    has_secrets: bool = False,
) -> BatchSpec:
    """Return the next generation of a batch: what the request says, and the rest as it was.

    Missing trials always run. A grid and a random search run their failed trials again as well;
    a model-based search keeps them as what it knows of the space, but for those that
    ``--max-time`` ended. Pruned trials count as done. A search whose trials are all there gets as
    many more as it was first asked for, except a random one without ``max_trials``.

    Args:
        spec: The batch's latest specification.
        request: What was asked for.
        planned: Every trial that was planned.
        records: The latest record of every finished trial.
        now: Seconds since 1970, UTC.
        ended: How the latest generation ended, as the store has it; empty, the default, where all
            ran, and where it was killed.
        has_secrets: Whether who runs it has the secrets, which are not kept; by default not.

    Raises:
        FlagError: A flag is unknown, or a value does not fit.
        SpecificationError: An option cannot change, a number is out of range, a setting of the
            optimizer is wrong, or a secret is not given again, which was not kept.
    """
    _check_changes(spec, request)
    changed = _with_objective(_with_settings(spec, request, now=now), request)
    if not has_secrets:
        _check_secrets(changed)
    changed = replace(changed, pruning=prune_as(spec.pruning, changed.objectives, request))
    stopping = stop_as(spec.stopping, request)
    stopping = going_on(spec.stopping, stopping, records, ended=ended)
    changed = replace(changed, stopping=stopping)
    is_search = is_sequential(changed.optimizer)
    cut = tuple(one.number for one in records if one.reason == TIME_OVER)
    failed = tuple(one.number for one in records if one.status.is_failed)
    if request.first:
        changed = _with_first(changed, request)
    if request.failed or request.pruned:
        pruned = (one.number for one in records if one.status is TrialStatus.PRUNED)
        rerun = (*(failed if request.failed else ()), *(pruned if request.pruned else ()))
        return replace(changed, rerun=tuple(sorted(rerun)), is_rerun_only=True)
    total = spec.n_trials or 0
    n_missing = total - len(records)
    if request.max_trials is not None:
        n_more = int(min(request.max_trials, _n_proposable(changed, planned)))
        total = max(total, len(planned)) + n_more * n_each(changed.repeats)
    elif is_search and n_missing <= 0:
        total = len(planned) + spec.n_first_trials
    elif changed.first != spec.first:
        total += _n_more_of(spec, changed, planned)
    return replace(changed, rerun=cut if is_search else failed, n_trials=total)


def _n_proposable(spec: BatchSpec, planned: Sequence[PlannedTrial]) -> float:
    """Return how many more candidates there can be; infinity where nobody can tell."""
    if not is_grid(spec) or (spec.repeats is not None and spec.repeats.is_auto):
        return math.inf
    space = SearchSpace.of(spec)
    ran = [one.point for one in grouped(spec, planned)]
    n_unplanned = max(0, (spec.n_trials or 0) - len(planned)) // n_each(spec.repeats)
    n_first = n_beyond(left_to_try(spec.first, planned), space, ran) if spec.first else 0
    return max(0, n_left(space, ran) + n_first - n_unplanned)


def _n_more_of(spec: BatchSpec, changed: BatchSpec, planned: Sequence[PlannedTrial]) -> int:
    """Return how many trials more it takes to try the points that were added to a batch.

    Args:
        spec: The batch before.
        changed: The batch with the points.
        planned: Every trial that was planned.
    """
    if is_grid(spec):
        n_more = _n_proposable(changed, planned) - _n_proposable(spec, planned)
        return int(n_more) * n_each(spec.repeats)
    n_open = (spec.n_trials or 0) - len(planned)
    return max(0, len(left_to_try(changed.first, planned)) * n_each(spec.repeats) - n_open)


def _with_first(spec: BatchSpec, request: SweepRequest) -> BatchSpec:
    """Return a generation that tries the points of a request before others."""
    points = read_points(request.first or (), spec, is_forced=bool(request.force_flags))
    return replace(spec, first=(*spec.first, *not_asked_yet(points, spec.first)))


def resume(spec: BatchSpec, records: Sequence[TrialRecord], *, now: float) -> BatchSpec:
    """Return the generation of a batch that goes on after a pause, as if there had been none.

    A failed trial stays one: nobody has asked for it to be run again.

    Args:
        spec: The batch's latest specification.
        records: The latest record of every finished trial.
        now: Seconds since 1970, UTC.
    """
    done = {record.number for record in records if record.started >= spec.restarted}
    left = tuple(number for number in spec.rerun if number not in done)
    return replace(spec, rerun=left, generation=spec.generation + 1, restarted=now)


def complete(
    spec: BatchSpec,
    request: SweepRequest,
    *,
    n_trials: int,
    planned: Sequence[PlannedTrial],
    records: Sequence[TrialRecord],
    now: float,
    ended: str = "",
) -> BatchSpec | None:
    """Return the generation of a batch that runs what is missing; None if nothing is.

    Args:
        spec: The batch's latest specification.
        request: What was asked for.
        n_trials: How many trials are to be there in all, if not more have been asked for before.
        planned: Every trial that was planned.
        records: The latest record of every finished trial.
        now: Seconds since 1970, UTC.
        ended: As for ``change``: a batch that reached one of its limits lacks nothing, as long as
            the request asks for no other ones.

    Raises:
        TunesmithError: As ``change`` does.
    """
    asked = replace(request, max_trials=None)
    if ended in ENDS and stop_as(spec.stopping, request) == spec.stopping:
        return None
    changed = change(spec, asked, planned=planned, records=records, now=now, ended=ended)
    total = max(spec.n_trials or 0, n_trials)
    completed = replace(changed, rerun=(), n_trials=total)
    return completed if n_to_run(completed, planned, records) else None


def n_to_run(
    spec: BatchSpec, planned: Sequence[PlannedTrial], records: Sequence[TrialRecord]
) -> int:
    """Return how many trials a generation will run."""
    if spec.is_rerun_only:
        return len(spec.rerun)
    n_missing = len({one.number for one in planned} - {record.number for record in records})
    return len(spec.rerun) + n_missing + max(0, (spec.n_trials or 0) - len(planned))


def _check_changes(spec: BatchSpec, request: SweepRequest) -> None:
    """Check that a restart can change all that is asked for.

    Raises:
        SpecificationError: It cannot; the message names what.
    """
    check_max_trials(request.max_trials)
    name = request.optimizer and canonical_name(request.optimizer)
    if request.optimizer and is_automatic(request.optimizer) and spec.optimizer is not None:
        name = spec.optimizer.name  # it was chosen when the batch began
    asked = replace(request, optimizer=name)
    for option in said_options(asked):
        if not option.can_change and getattr(asked, option.name) != _kept(spec).get(option.name):
            raise _unchangeable(option.flag, option.fixed)
    if request.subcommand:
        split_argument(request.subcommand[0])  # says what is expected
    if request.files:
        raise _unchangeable(f"@{request.files[0]}", "a batch keeps its rows; leave it out")
    if request.extra_arguments:
        raise _unchangeable(
            f"-- {' '.join(request.extra_arguments)}",
            "finished trials had other arguments; leave it out, or start a new batch",
        )


def _kept(spec: BatchSpec) -> dict[str, object]:
    """Return what a restart may say of the options that it cannot change: what the batch has."""
    return {
        "optimizer": spec.optimizer and spec.optimizer.name,
        "seed": spec.seed,
        "learn_from": spec.learn_from,
        "repeats": spec.repeats and replace(spec.repeats, over=""),
        "repeat_over": spec.repeats and spec.repeats.over,
        "cwd": WorkingDirectory.PROJECT if spec.execution.is_in_place else WorkingDirectory.RUN,
        "links": spec.execution.links,
        "flag_style": spec.script_flags.style,
        "name": spec.operation,
    }


def _unchangeable(name: str, reason: str) -> SpecificationError:
    return SpecificationError(f"{name} cannot change at a restart: {reason}")


def _with_settings(spec: BatchSpec, request: SweepRequest, *, now: float) -> BatchSpec:
    given = _given(spec, request)
    settings = with_conditions({**spec.settings, **given}, spec.script_flags, spec.names_in_rows)
    given = {name: settings[name] for name in given}
    anew = [name for name, one in given.items() if one != spec.settings.get(name)]
    changed = replace(
        spec,
        where=allow_as(spec.where, request),
        subject_to=subject_to_as(spec.subject_to, request, spec.settings),
        optimizer=_optimizer(spec.optimizer, request),
        settings=settings,
        given=tuple(dict.fromkeys([*(spec.given or sorted(spec.given_names)), *given])),
        changed=tuple(dict.fromkeys([*spec.changed, *anew])),
        execution=execute_as(spec.execution, request),
        label=spec.label if request.label is None else request.label,
        tags=tuple(dict.fromkeys([*spec.tags, *(request.tags or ())])),
        is_needed_only=spec.is_needed_only if request.needed is None else request.needed,
        generation=spec.generation + 1,
        restarted=now,
        is_rerun_only=False,
    )
    check_where(changed.settings, changed.rows, changed.where)
    return changed


def _check_secrets(spec: BatchSpec) -> None:
    if lost := lost_secrets(spec.settings, spec.given_names):
        raise SpecificationError(
            f"{lost[0]} is a secret and was not kept: give it again, as {lost[0]}=VALUE"
        )


def _given(spec: BatchSpec, request: SweepRequest) -> dict[str, Setting]:
    given = assign(
        spec.script_flags,
        request.flags or (),
        script=spec.operation,
        literal=request.literal or (),
        is_forced=bool(request.force_flags),
    )
    check_arguments(spec.script_flags, given)
    return given


def _optimizer(optimizer: OptimizerSpec | None, request: SweepRequest) -> OptimizerSpec | None:
    if optimizer is None or (not request.optimizer_flags and request.cost is None):
        return optimizer
    settings = {**optimizer.settings, **(request.optimizer_flags or {})}
    changed = weighing_cost(replace(optimizer, settings=settings), request)
    build_optimizer(changed.name, changed.settings)
    return changed


def _with_objective(spec: BatchSpec, request: SweepRequest) -> BatchSpec:
    if not request.named_objectives:
        return spec
    first, *more = request.named_objectives
    check_objectives(spec.optimizer, request.named_objectives)
    spec = replace(spec, more_objectives=tuple(more))
    if first == spec.objective:
        return spec
    return replace(spec, objective=first, objective_named_in=spec.generation)
