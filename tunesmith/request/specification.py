"""From a request to the specification of a new batch.

Pure: the script and the batch files were read, and the clock and the seed come in as values.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.flags.activity import with_conditions
from tunesmith.flags.assignments import assign, check_required
from tunesmith.flags.definition import FlagSource, FlagStyle, ScriptFlags
from tunesmith.flags.secret_values import check_extra
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.objective import Objective
from tunesmith.program import Program
from tunesmith.request.conditions import allow_as, check_where, subject_to_as
from tunesmith.request.execution import execute_as
from tunesmith.request.first_points import with_first
from tunesmith.request.learners import check_learns
from tunesmith.request.objectives import check_objectives
from tunesmith.request.optimizer_choice import DEFAULT_TRIALS, Rows, optimizer_as
from tunesmith.request.option import Door
from tunesmith.request.options import said_options
from tunesmith.request.pruning import prune_as
from tunesmith.request.repeats import counting_flag, with_repeats
from tunesmith.request.stopping import stop_as
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.request.typed_options import check_set_once, typed_flags
from tunesmith.script.arguments import check_arguments
from tunesmith.script.option_words import DASHLESS, WITH_OPTIONS
from tunesmith.search.grid import grid_size
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

UNKNOWN = ScriptFlags(source=FlagSource.COMMAND, definitions=())
"""The flags of a program that cannot be asked for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A user's script, as it was found and read."""

    project: Path
    """The folder that a trial sees a copy of, absolute."""
    path: str
    """Within the project; of a command that names no file, its first word."""
    flags: ScriptFlags
    program: Program = field(default_factory=Program)
    words: tuple[str, ...] = ()
    """What was typed before the flags, beyond the subcommand: positional arguments."""
    n_behind: int = 0
    """How many of the words after ``--`` are the subcommand."""

    @property
    def name(self) -> str:
        """The name by which runs are called."""
        return self.program.name(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a new batch has of the world: who it is, and when it began."""

    id: str
    now: float
    """Seconds since 1970, UTC."""
    seed: int
    """For a search whose request names none."""


def specify(request: SweepRequest, script: Script, rows: Rows, origin: Origin) -> BatchSpec:
    """Return what is to be run; its source is not yet known.

    Args:
        request: What was asked for.
        script: The script.
        rows: The rows of the batch files.
        origin: What is new with every batch.

    Raises:
        TunesmithError: An option or a flag does not fit.
    """
    _check_options(request)
    script = in_style(script, request.flag_style)
    typed = typed_flags(script.flags, (*script.program.words, *(request.extra_arguments or ())))
    given, over = _given(request, script, rows, typed)
    check_set_once(typed_flags(script.flags, request.extra_arguments or ()), given)
    rows = tuple({n: v for n, v in row.items() if n not in given} for row in rows)
    check_arguments(script.flags, given, rows)
    check_extra(request.extra_arguments or ())
    settings = _settings(script, given, rows, typed)
    optimizer = optimizer_as(request, settings, rows)
    check_learns(optimizer, request)
    where = allow_as((), request)
    check_where(settings, rows, where)
    n_trials = optimizer and count_trials(
        optimizer, settings, rows, max_trials=request.max_trials, where=where
    )
    check_objectives(optimizer, request.named_objectives)
    spec = BatchSpec(
        id=origin.id,
        project=str(script.project),
        script=script.path,
        program=script.program,
        operation=request.name or script.name,
        script_flags=script.flags,
        settings=settings,
        given=tuple(given),
        rows=rows,
        files=request.files or (),
        extra_arguments=request.extra_arguments or (),
        objective=request.objective or Objective(),
        more_objectives=request.named_objectives[1:],
        objective_named_in=None if request.objective is None else 0,
        optimizer=optimizer or None,
        n_trials=n_trials or None,
        n_first_trials=n_trials or 0,
        where=where,
        subject_to=subject_to_as((), request, settings),
        learn_from=request.learn_from or (),
        seed=origin.seed if request.seed is None else request.seed,
        execution=execute_as(Execution(), request),
        label=request.label or "",
        tags=request.tags or (),
        created=origin.now,
        restarted=origin.now,
        is_needed_only=bool(request.needed),
    )
    spec = _with_ends(spec, request)
    spec = with_first(spec, request) if request.first else spec
    return with_repeats(spec, request, over)


def _with_ends(spec: BatchSpec, request: SweepRequest) -> BatchSpec:
    """Return a new batch with what ends its trials, and itself, before their time."""
    objectives = request.named_objectives or (spec.objective,)
    pruning = prune_as(None, objectives, request)
    return replace(spec, pruning=pruning, stopping=stop_as(None, request))


def _check_options(request: SweepRequest) -> None:
    for option in said_options(request):
        if Door.RUN not in option.doors:
            raise SpecificationError(f"{option.flag} needs --restart: a new batch has no trials")


def in_style(script: Script, style: FlagStyle | None) -> Script:
    """Return a script whose flags are passed in a style; None for the one that it has.

    Assignments of a script are not passed: who asks for a style says that it reads others. So
    does a style without dashes for a program with options, as detectron's train_net.py, whose
    options stay as they are.
    """
    if style is None:
        return script
    is_assigned = script.flags.source in (FlagSource.GLOBALS, FlagSource.NOTEBOOK)
    flags = UNKNOWN if is_assigned else script.flags
    reads_others = style in DASHLESS and flags.source in WITH_OPTIONS and not flags.subcommands
    return replace(
        script, flags=replace(flags, style=style, is_open=flags.is_open or reads_others)
    )


def _given(
    request: SweepRequest, script: Script, rows: Rows, typed: Collection[str]
) -> tuple[dict[str, Setting], str]:
    """Return what flags are set to, and the flag that counts the runs of a candidate."""
    given = assign(
        script.flags,
        request.flags or (),
        script=script.name,
        literal=request.literal or (),
        is_forced=bool(request.force_flags),
    )
    in_rows = {name for row in rows for name in row}
    names = {*given, *in_rows, *typed}
    over = counting_flag(request, script.flags, script=script.name, set_names=names)
    check_required(
        script.flags,
        {*names, over},
        script=script.name,
        has_others=bool(request.extra_arguments),
    )
    return given, over


def _settings(
    script: Script, given: Mapping[str, Setting], rows: Rows, typed: Collection[str]
) -> dict[str, Setting]:
    """Return what each flag is set to, defaults included."""
    in_rows = {name for row in rows for name in row}
    defaults = script.flags.defaults_beside({*given, *in_rows})
    left = {name: value for name, value in defaults.items() if name not in typed}
    return with_conditions({**left, **given}, script.flags, in_rows)


def count_trials(
    optimizer: OptimizerSpec,
    settings: Mapping[str, Setting],
    rows: Rows,
    *,
    max_trials: int | None,
    where: tuple[str, ...] = (),
) -> int:
    """Return how many trials a batch has: a grid one a point, a search ``max_trials`` or 20.

    Args:
        optimizer: What proposes the trials.
        settings: What each flag is set to.
        rows: The rows of batch files.
        max_trials: What was asked for; a grid with more points is sampled. None for all.
        where: Conditions on the points.

    Raises:
        SpecificationError: A setting of the optimizer is wrong, or there is nothing to search.
    """
    check_max_trials(max_trials)
    build_optimizer(optimizer.name, optimizer.settings)
    if optimizer.name == "grid":
        size = grid_size(SearchSpace.from_settings(settings, rows, where))
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


def check_max_trials(number: int | None) -> None:
    """Check a number of trials.

    Raises:
        SpecificationError: It is less than one.
    """
    if number is not None and number < 1:
        raise SpecificationError(f"--max-trials is {number}: expected 1 or more")


def doubts(spec: BatchSpec) -> list[str]:
    """Return a line for each flag that is set, and that the script itself sets again."""
    names = spec.given_names | spec.names_in_points
    return [
        f"{flag.name} {flag.note}: trials may not run with the value that you set"
        for flag in spec.script_flags.settable
        if flag.note and flag.name in names
    ]
