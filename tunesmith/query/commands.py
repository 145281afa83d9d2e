"""The commands that a view suggests to its user."""

import math
import shlex
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from tunesmith.batch import BatchSpec
from tunesmith.errors import QueryError
from tunesmith.execution import Execution
from tunesmith.flags.definition import FlagSource, FlagStyle, ScriptFlags
from tunesmith.flags.display import format_assignments, format_value, typed_setting
from tunesmith.flags.settings import Choices, Distribution, Setting, can_be_typed
from tunesmith.flags.values import Flags
from tunesmith.objective import Direction, Objective
from tunesmith.program import ProgramKind
from tunesmith.pruning import DEFAULT_RULE, PruningSpec
from tunesmith.query.attributes import ATTRIBUTES
from tunesmith.query.columns import Column, ColumnKind, parse_columns
from tunesmith.repeats import OVER, n_each
from tunesmith.trial import Run, TrialRecord, short_id

if TYPE_CHECKING:
    from tunesmith.stopping import StoppingSpec


def run_command(run: Run | TrialRecord, spec: BatchSpec | None) -> str:
    """Return the command that repeats one run, with values in full precision.

    Where there is no script it is what the run was given.

    Args:
        run: The run.
        spec: The specification of its batch; None if it is unreadable: then every flag is set,
            and other options are left out.
    """
    if spec is None:
        return _joined(["tunesmith", "run", run.script], format_assignments(run.flags))
    options = [*_script_options(spec), *_behind(spec)]
    flags = format_assignments(spec.passed(run.flags))
    if spec.program.kind is ProgramKind.NONE:
        return flags
    return _joined(_start(spec), flags, options)


def restart_command(spec: BatchSpec, *, n_finished: int, reported: Collection[str] = ()) -> str:
    """Return the command that continues a batch.

    An incomplete batch runs its missing trials. For a complete random search the command asks for
    as many trials again, which is the default of a search that learns. If no trial reported the
    objective, the command names the most similar scalar. A search without a script is asked.

    Args:
        spec: The specification of the batch.
        n_finished: How many of its trials have finished.
        reported: The scalars that a completed trial reported, if none reported the objective.
    """
    if spec.program.kind is ProgramKind.NONE:
        return f"tunesmith suggest {short_id(spec.id)}"
    is_drawn = spec.optimizer is not None and spec.optimizer.name in ("random", "sobol")
    is_complete = n_finished >= (spec.n_trials or 0)
    more = f" -m {spec.n_first_trials}" if is_drawn and is_complete else ""
    command = f"tunesmith run --restart {short_id(spec.id)}{more}"
    return f"{command} {_mended(spec, reported)}".rstrip()


def _mended(spec: BatchSpec, reported: Collection[str]) -> str:
    """Return the options that name the objective that was meant, and further ones as they are."""
    mend = spec.objective.suggest(reported)
    more = (word for one in spec.more_objectives for word in _naming(one))
    return f"{mend} {shlex.join(more)}".rstrip() if mend else ""


def _naming(objective: Objective) -> tuple[str, str]:
    """Return the option that names an objective, and its value."""
    return f"--{objective.direction}", str(objective.column)


def compare_command(spec: BatchSpec, *, is_sorted: bool) -> str:
    """Return the command that prints a batch's trials as a table.

    Args:
        spec: The specification of the batch.
        is_sorted: Whether to sort by the objective, or show the front of several, which a trial
            has to have reported.
    """
    words = ["tunesmith", "compare", short_id(spec.id), "--table"]
    if spec.more_objectives and is_sorted:
        return shlex.join([*words, "--pareto"])
    column = _column_text(spec) if is_sorted else None
    if column is not None:
        is_lowest = spec.objective.direction is Direction.MINIMIZE
        words += ["--min" if is_lowest else "--max", column]
    return shlex.join(words)


def batch_command(spec: BatchSpec) -> str | None:
    """Return the command that repeats a whole batch with the same seed.

    None if the batch files are unknown, which earlier versions of Tunesmith did not record, or if
    a flag is searched over what a sweep file says and no argument can.
    """
    if (spec.rows and not spec.files) or not all(map(can_be_typed, spec.settings.values())):
        return None
    given = sorted(spec.given_names) if spec.given is None else spec.given
    names = [name for name in given if spec.repeats is None or name != spec.repeats.over]
    flags = " ".join(_assignment(name, spec.settings[name]) for name in names)
    files = [f"@{file}" for file in spec.files]
    options = [*_search_options(spec), *_script_options(spec), *_batch_options(spec.execution)]
    options += ["--needed"] if spec.is_needed_only else []
    options += ["--label", spec.label] if spec.label else []
    options += [word for tag in spec.tags for word in ("--tag", tag)]
    start = _joined(_start(spec), flags)
    return _joined([], f"{start} {shlex.join(files)}".rstrip(), [*options, *_behind(spec)])


def _assignment(name: str, setting: Setting) -> str:
    """Return what sets a flag, quoted for a shell."""
    if isinstance(setting, Choices | Distribution):
        return shlex.quote(f"{name}={typed_setting(setting)}")
    return format_assignments({name: setting})


def _search_options(spec: BatchSpec) -> list[str]:
    words: list[str] = []
    if spec.optimizer is not None and spec.optimizer.name != "grid":
        words += ["--optimizer", spec.optimizer.name]
    whole = _grid_size(spec) * (1 if spec.repeats is None else spec.repeats.most)
    if spec.optimizer is not None and (words or spec.n_trials != whole):
        n_asked = (spec.n_trials or 0) // n_each(spec.repeats)
        words += ["--max-trials", str(n_asked), "--random-seed", str(spec.seed)]
    if spec.repeats is not None:
        words += ["--repeats", str(spec.repeats)]
        words += (
            ["--repeat-over", spec.repeats.over] if spec.repeats.over not in ("", OVER) else []
        )
    words += [word for text in spec.where for word in ("--where", text)]
    words += [word for text in spec.subject_to for word in ("--subject-to", text)]
    words += [word for text in spec.learn_from for word in ("--learn-from", text)]
    for point in spec.first:
        words += ["--first", _point_text(point)]
    settings = {} if spec.optimizer is None else spec.optimizer.settings
    for name, value in settings.items():
        words += ["-Fo", f"{name}={format_value(value, is_exact=True)}"]
    if spec.objective_named_in is not None or spec.objective != Objective():
        for one in spec.objectives:
            words += _naming(one)
    return words + _pruning_options(spec.pruning) + stopping_options(spec.stopping)


def _point_text(point: Flags) -> str:
    """Return a point as ``--first`` reads it."""
    texts = {name: format_value(value, is_exact=True) for name, value in point.items()}
    return ",".join(
        f"{name}=[{text}]" if isinstance(point[name], tuple) else f"{name}={text}"
        for name, text in texts.items()
    )


def _pruning_options(pruning: PruningSpec | None) -> list[str]:
    """Return the options that say which trials are stopped early."""
    if pruning is None:
        return []
    words = ["--prune" if pruning.rule == DEFAULT_RULE else f"--prune={pruning.rule}"]
    words += [] if pruning.column is None else ["--prune-on", str(pruning.column)]
    return words + (["--prune-after", str(pruning.min_points)] if pruning.min_points else [])


def stopping_options(stopping: "StoppingSpec | None") -> list[str]:
    """Return the options that end a batch before its time."""
    if stopping is None:
        return []
    given = {
        "--max-time": stopping.max_time,
        "--target": stopping.target,
        "--patience": stopping.patience,
        "--worth": stopping.worth,
        "--max-cost": stopping.max_cost,
    }
    words = [word for name, v in given.items() if v is not None for word in (name, str(v))]
    return [*words, "--stop-when-flat"] if stopping.is_flat and not stopping.worth else words


def _grid_size(spec: BatchSpec) -> int:
    """Return the number of points of the whole grid."""
    choices = (one for one in spec.settings.values() if isinstance(one, Choices))
    return math.prod(len(one.values) for one in choices) * max(1, len(spec.rows))


def _script_options(spec: BatchSpec) -> list[str]:
    """Return the options that change what one run of the script does."""
    execution, words = spec.execution, _flag_options(spec)
    if execution.python:
        words += ["--python", execution.python]
    if execution.is_in_place:
        words += ["--cwd", "project"]
    for link in execution.links:
        words += ["--link", link]
    for pattern in execution.output_scalars:
        words += ["--output-scalars", pattern]
    for file in execution.metrics:
        words += ["--metrics", file]
    if execution.timeout_s is not None:
        words += ["--timeout", f"{execution.timeout_s:.15g}s"]
    if execution.grace_s != Execution().grace_s:
        words += ["--grace", f"{execution.grace_s:.15g}s"]
    return words


def _flag_options(spec: BatchSpec) -> list[str]:
    """Return the options that say how flags are passed, and what the runs are called."""
    words: list[str] = []
    names = spec.given_names | spec.names_in_points
    if not spec.script_flags.takes_any and not names <= set(spec.script_flags.names):
        words.append("--force-flags")
    if _has_own_style(spec.script_flags):
        words += ["--flag-style", str(spec.script_flags.style)]
    if spec.operation != spec.program.name(spec.script):
        words += ["--name", spec.operation]
    return words


def _has_own_style(flags: ScriptFlags) -> bool:
    """Return whether a style was asked for: the program did not show it."""
    usual = (
        FlagSource.COMMAND,
        FlagSource.ARGPARSE,
        FlagSource.CLICK,
        FlagSource.OPTPARSE,
        FlagSource.GETOPT,
    )
    return flags.style is not FlagStyle.SPACED and flags.source in usual


def _batch_options(execution: Execution) -> Iterator[str]:
    """Yield the options that affect which trials run, and how many at once."""
    usual = Execution()
    n_jobs = max(1, len(execution.gpus) * execution.per_gpu)
    for option, value, default in (
        ("--runner", execution.runner, usual.runner),
        ("--jobs", execution.jobs, n_jobs if not execution.runner.is_remote else 0),
        ("--gpus", ",".join(execution.gpus), ""),
        ("--per-gpu", execution.per_gpu, usual.per_gpu),
        ("--warm", str(execution.warm), str(usual.warm)),
        ("--retries", execution.retries, usual.retries),
        ("--max-failures", execution.max_failures, usual.max_failures),
    ):
        if value != default:
            yield from (option, str(value))
    if execution.is_fatal_on_error:
        yield "--fail-on-trial-error"
    if execution.has_prefect_logs:
        yield "--prefect-logs"


def _behind(spec: BatchSpec) -> list[str]:
    """Return what stands after ``--``: a command, or the script's extra arguments."""
    is_command = spec.program.kind is ProgramKind.COMMAND
    words = spec.program.words if is_command else spec.extra_arguments
    return ["--", *words] if words else []


def _start(spec: BatchSpec) -> list[str]:
    """Return the words before the flags."""
    if spec.program.kind is ProgramKind.NONE:
        return ["tunesmith", "suggest", "--new"]
    return ["tunesmith", "run", *spec.program.asked(spec.script), *spec.script_flags.subcommand]


def _joined(start: list[str], flags: str, options: list[str] | None = None) -> str:
    """Return a command with quoted words; the flags are already quoted."""
    parts = (shlex.join(start), flags, shlex.join(options or []))
    return " ".join(part for part in parts if part)


def _column_text(spec: BatchSpec) -> str | None:
    """Return the unambiguous name of the objective's column; None if there is none.

    A scalar may share its name with an attribute or a flag, or have a comma in it.
    """
    column = spec.objective.column
    statistic = "" if str(column) == column.tag else f"{column.statistic} "
    texts = (f"{statistic}{column.tag}", f"{statistic}scalar:{column.tag}")
    for text in (*texts, *(f"{quote}{text}{quote}" for text in texts for quote in "\"'")):
        if _names_objective(text, spec):
            return text
    return None


def _names_objective(text: str, spec: BatchSpec) -> bool:
    objective, others = spec.objective.column, {*ATTRIBUTES, *spec.script_flags.names}
    try:
        found = parse_columns(text)
    except QueryError:
        return False
    kinds = [ColumnKind.SCALAR, *([] if objective.tag in others else [ColumnKind.ANY])]
    return any(
        found == (Column(kind=kind, name=objective.tag, statistic=objective.statistic),)
        for kind in kinds
    )
