"""From what a user asked for to a batch specification: a new one, or one that goes on.

Pure: the script was read, the files were read, and the clock and the seed come in as values.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import Assignment, ValueAssignment, assign
from tunesmith.flags.secret_values import lost_secrets
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Objective
from tunesmith.script.arguments import check_arguments
from tunesmith.search.grid import grid_size
from tunesmith.search.registry import build_optimizer, canonical_name
from tunesmith.search.space import SearchSpace
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

DEFAULT_TRIALS = 20
"""Trials of a search, unless a number is given."""

OptimizerSettings = Mapping[str, FlagValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """What is asked of a batch that goes on."""

    settings: Mapping[str, Setting] | None = None
    """Flags that get other values; None for none."""
    optimizer_settings: OptimizerSettings | None = None
    objective: Objective | None = None
    """What is improved from now on, by earlier trials' scalars too; None for what was."""
    max_trials: int | None = None
    """How many trials beyond those that were asked for before, which run too where they are
    missing; None to finish what is missing, or else as many again."""
    is_failed_only: bool = False
    """Whether to run the failed trials again, and nothing else."""
    now: float
    """Seconds since 1970, UTC."""


def read_changes(
    spec: BatchSpec,
    assignments: Sequence[Assignment | ValueAssignment],
    *,
    literal: Collection[str] = (),
    is_forced: bool = False,
) -> dict[str, Setting]:
    """Return what flags are set to with which a batch is to go on.

    Args:
        spec: The batch's latest specification.
        assignments: What was given.
        literal: Names whose text is taken as it is.
        is_forced: Whether flags that the script does not have are passed all the same.

    Raises:
        FlagError: A flag is unknown, or a value does not fit.
    """
    settings = assign(
        spec.script_flags,
        assignments,
        script=spec.operation,
        literal=literal,
        is_forced=is_forced,
        provided=spec.script_flags.names,
    )
    check_arguments(spec.script_flags, settings)
    return settings


def choose_optimizer(
    name: str | None, settings: Mapping[str, Setting], rows: Sequence[Mapping[str, FlagValue]]
) -> str | None:
    """Return the optimizer that a command means; None for a single run.

    Args:
        name: What ``--optimizer`` named, or None.
        settings: What each flag is set to.
        rows: The rows of batch files.

    Raises:
        SpecificationError: There is no optimizer of that name.
    """
    if name is not None:
        return canonical_name(name)
    if any(isinstance(setting, Distribution) for setting in settings.values()):
        return "random"
    if rows or any(isinstance(setting, Choices) for setting in settings.values()):
        return "grid"
    return None


def count_trials(
    optimizer: OptimizerSpec,
    settings: Mapping[str, Setting],
    rows: Sequence[Mapping[str, FlagValue]],
    *,
    max_trials: int | None,
) -> int:
    """Return how many trials a batch has: a grid one a point, a search ``max_trials`` or 20.

    Args:
        optimizer: What proposes the trials.
        settings: What each flag is set to.
        rows: The rows of batch files.
        max_trials: What was asked for; a grid with more points is sampled.

    Raises:
        SpecificationError: A setting of the optimizer is wrong, or there is nothing to search.
    """
    _check_max_trials(max_trials)
    build_optimizer(optimizer.name, optimizer.settings)
    if optimizer.name == "grid":
        size = grid_size(SearchSpace.from_settings(settings, rows))
        return min(size, max_trials or size)
    if rows:
        raise SpecificationError(
            "a batch file gives the trials of a grid: leave out the optimizer and the "
            "distributions, or the file"
        )
    if not any(isinstance(setting, Choices | Distribution) for setting in settings.values()):
        name = next(iter(settings), "x")
        raise SpecificationError(
            f"there is nothing to search with {optimizer.name!r}: give a flag a range, as in "
            f"{name}=[-1.0:1.0], or a list"
        )
    return max_trials or DEFAULT_TRIALS


def go_on(
    spec: BatchSpec,
    planned: Sequence[PlannedTrial],
    records: Sequence[TrialRecord],
    wish: Continuation,
) -> BatchSpec:
    """Return the next generation of a batch.

    Missing trials always run. A grid and a random search run their failed trials again as well;
    a model-based search keeps them as what it knows of the space. A search whose trials are all
    there gets as many more as it was first asked for, except a random one without ``max_trials``.

    Args:
        spec: The batch's latest specification.
        planned: Every trial that was planned.
        records: The latest record of every finished trial.
        wish: What is asked for.

    Raises:
        SpecificationError: A number is out of range, a setting of the optimizer is wrong, or a
            secret is not given again, which was not kept.
    """
    _check_max_trials(wish.max_trials)
    spec = _with_changes(spec, wish)
    is_search = (
        spec.optimizer is not None
        and build_optimizer(spec.optimizer.name, spec.optimizer.settings).is_sequential
    )
    failed = tuple(
        record.number for record in records if record.status is not TrialStatus.COMPLETED
    )
    total = spec.n_trials or 0
    if wish.is_failed_only:
        return replace(spec, rerun=failed, is_rerun_only=True)
    n_missing = total - len(records)
    if wish.max_trials is not None:
        total = max(total, len(planned)) + wish.max_trials
    elif is_search and n_missing <= 0:
        total = len(planned) + spec.n_first_trials
    return replace(spec, rerun=() if is_search else failed, n_trials=total)


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


def n_to_run(
    spec: BatchSpec, planned: Sequence[PlannedTrial], records: Sequence[TrialRecord]
) -> int:
    """Return how many trials a generation will run."""
    if spec.is_rerun_only:
        return len(spec.rerun)
    n_missing = len({one.number for one in planned} - {record.number for record in records})
    return len(spec.rerun) + n_missing + max(0, (spec.n_trials or 0) - len(planned))


def _check_max_trials(number: int | None) -> None:
    if number is not None and number < 1:
        raise SpecificationError(f"--max-trials is {number}: expected 1 or more")


def doubts(spec: BatchSpec) -> list[str]:
    """Return a line for each flag that is set, and that the script itself sets again."""
    names = {*spec.given_names, *(name for row in spec.rows for name in row)}
    return [
        f"{flag.name} {flag.note}: trials may not run with the value that you set"
        for flag in spec.script_flags.settable
        if flag.note and flag.name in names
    ]


def _with_changes(spec: BatchSpec, wish: Continuation) -> BatchSpec:
    optimizer = spec.optimizer
    if optimizer is not None and wish.optimizer_settings:
        chosen = {**optimizer.settings, **wish.optimizer_settings}
        optimizer = OptimizerSpec(name=optimizer.name, settings=chosen)
        build_optimizer(optimizer.name, optimizer.settings)
    wished: dict[str, Setting] = dict(wish.settings or {})
    anew = [name for name, one in wished.items() if one != spec.settings.get(name)]
    spec = replace(
        spec,
        optimizer=optimizer,
        settings={**spec.settings, **wished},
        given=tuple(dict.fromkeys([*spec.given_names, *wished])),
        changed=tuple(dict.fromkeys([*spec.changed, *anew])),
        generation=spec.generation + 1,
        restarted=wish.now,
        is_rerun_only=False,
    )
    if lost := lost_secrets(spec.settings, spec.given_names):
        raise SpecificationError(
            f"{lost[0]} is a secret and was not kept: give it again, as {lost[0]}=VALUE"
        )
    if wish.objective is None or wish.objective == spec.objective:
        return spec
    return replace(spec, objective=wish.objective, objective_named_in=spec.generation)
