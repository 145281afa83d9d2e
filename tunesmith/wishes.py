"""From the words that ask for a batch, typed or written in a form, to its specification."""

import os
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.capturing import read_script_flags
from tunesmith.durations import parse_duration
from tunesmith.errors import HiddenFlagsError, ScriptError, SpecificationError
from tunesmith.execution import Execution
from tunesmith.executor.links import missing_links, place_links
from tunesmith.flags.assignments import (
    Assignment,
    ValueAssignment,
    assign,
    split_argument,
)
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.secret_values import check_extra
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Direction, Objective
from tunesmith.runner import LOCAL, Runner, WarmMode
from tunesmith.scalar import ScalarColumn
from tunesmith.script.arguments import check_arguments
from tunesmith.script.output_scalars import checked_patterns
from tunesmith.specify import choose_optimizer, count_trials
from tunesmith.storage.files.snapshots import snapshot_source
from tunesmith.storage.store import Store

SEED_BITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is asked for in words: a script, its flags, and how it is to be searched and run."""

    script: str | None = None
    folder: Path | None = None
    """Where a relative path of the script begins; None for the working directory."""
    arguments: tuple[str, ...] = ()
    """``NAME=VALUE`` and ``@FILE``, as typed."""
    flags: Mapping[str, Setting] = field(default_factory=dict)
    """Flags that a program sets, which are values already."""
    extra_arguments: tuple[str, ...] = ()
    """What the script is given after its flags."""
    optimizer: str | None = None
    opt_flag: tuple[str, ...] = ()
    """Flags of the optimizer, ``NAME=VALUE``."""
    optimizer_flags: Mapping[str, FlagValue] = field(default_factory=dict)
    """Flags of the optimizer that a program sets."""
    minimize: str | None = None
    maximize: str | None = None
    max_trials: int | None = None
    random_seed: int | None = None
    runner: str | None = None
    """Where trials run; None for this machine."""
    jobs: int | None = None
    """Trials at once; None for one, one a GPU, or what the workers of ``runner`` take."""
    warm: str | None = None
    """``auto``, ``on`` or ``off``; None for ``auto``."""
    gpus: str | None = None
    per_gpu: int = 1
    timeout: str | None = None
    grace: str | None = None
    retries: int = 0
    max_failures: int | None = None
    fail_on_trial_error: bool = False
    needed: bool = False
    literal: tuple[str, ...] = ()
    force_flags: bool = False
    python: str | None = None
    cwd: str = "run"
    link: tuple[str, ...] = ()
    output_scalars: tuple[str, ...] = ()
    prefect_logs: bool = False
    label: str = ""
    tag: tuple[str, ...] = ()


def read_flags(wishes: Wishes, home: Path) -> tuple[Path, ScriptFlags]:
    """Return the script's path and its flags.

    Raises:
        ScriptError: No script was named, or it cannot be read.
    """
    if wishes.script is None:
        raise ScriptError(
            "no script was named: write tunesmith run train.py x=[-1,0,1], or --restart RUN"
        )
    if "=" in wishes.script and not (_folder(wishes) / wishes.script).exists():
        raise ScriptError(f"{wishes.script!r} is no script: name the script before its flags")
    path = _folder(wishes) / wishes.script
    python = interpreter(wishes) or sys.executable
    project = _project(path, _folder(wishes))
    try:
        return path, read_script_flags(path, project=project, python=python, home=home)
    except HiddenFlagsError:
        if not wishes.force_flags:
            raise
        return path, ScriptFlags(source=FlagSource.ARGPARSE, definitions=())


def make_specification(
    wishes: Wishes, script: Path, script_flags: ScriptFlags, *, home: Path
) -> BatchSpec:
    """Return what is to be run; nothing is written, and the source is not yet known.

    Args:
        wishes: The options.
        script: The script's path.
        script_flags: The script's flags.
        home: The store's folder.

    Raises:
        TunesmithError: An option, a flag or a file does not fit.
    """
    assignments, files = split_arguments(wishes.arguments)
    rows = _read_files(files, script_flags, wishes)
    given = assign(
        script_flags,
        [*assignments, *set_by_program(wishes.flags)],
        script=script.name,
        literal=wishes.literal,
        is_forced=wishes.force_flags,
        provided={name for row in rows for name in row},
    )
    settings = {**script_flags.defaults, **given}
    rows = tuple({n: v for n, v in row.items() if n not in given} for row in rows)
    check_arguments(script_flags, given, rows)
    name = choose_optimizer(wishes.optimizer, settings, rows)
    set_by_words = read_optimizer_settings(wishes.opt_flag)
    optimizer = name and OptimizerSpec(
        name=name, settings={**set_by_words, **wishes.optimizer_flags}
    )
    n_trials = optimizer and count_trials(optimizer, settings, rows, max_trials=wishes.max_trials)
    now = time.time()
    project = _project(script, _folder(wishes))
    inner = str(script.resolve().relative_to(project))
    _check_links(project, inner, wishes.link)
    check_extra(wishes.extra_arguments)
    return BatchSpec(
        id=uuid.uuid4().hex,
        home=str(home),
        project=str(project),
        script=inner,
        operation=script.name,
        script_flags=script_flags,
        settings=settings,
        given=tuple(given),
        rows=rows,
        files=tuple(files),
        extra_arguments=wishes.extra_arguments,
        objective=read_objective(wishes) or Objective(),
        objective_named_in=None if read_objective(wishes) is None else 0,
        optimizer=optimizer or None,
        n_trials=n_trials or None,
        n_first_trials=n_trials or 0,
        seed=_seed(wishes),
        execution=_execution(wishes),
        label=wishes.label,
        tags=wishes.tag,
        created=now,
        restarted=now,
        is_needed_only=wishes.needed,
    )


def split_arguments(arguments: Sequence[str]) -> tuple[list[Assignment], list[str]]:
    """Return the ``NAME=VALUE`` arguments, and the batch files named by ``@FILE``.

    Raises:
        FlagError: An argument is neither.
    """
    files = [argument[1:] for argument in arguments if argument.startswith("@")]
    flags = [argument for argument in arguments if not argument.startswith("@")]
    return [split_argument(argument) for argument in flags], files


def set_by_program(flags: Mapping[str, Setting]) -> list[ValueAssignment]:
    """Return flags that are values already as ``assign`` takes them."""
    return [ValueAssignment(name=name, setting=one) for name, one in flags.items()]


def read_optimizer_settings(texts: Sequence[str]) -> dict[str, FlagValue]:
    """Return the optimizer's flags that ``-Fo`` set.

    Raises:
        SpecificationError: One of them has several values.
    """
    settings: dict[str, FlagValue] = {}
    for text in texts:
        assignment = split_argument(text)
        setting = read_setting(assignment.text)
        if isinstance(setting, Choices | Distribution):
            raise SpecificationError(
                f"-Fo {text} has several values: an optimizer's flag takes one"
            )
        settings[assignment.name.replace("_", "-")] = setting
    return settings


def read_objective(wishes: Wishes) -> Objective | None:
    """Return the objective that ``--minimize`` or ``--maximize`` names; None where neither does.

    Raises:
        SpecificationError: Both were given, or something else than one name.
    """
    for option, name in (("--minimize", wishes.minimize), ("--maximize", wishes.maximize)):
        if name is not None and not isinstance(name, str):  # a program may pass anything
            raise SpecificationError(
                f"{option} is {name!r}: a search has one objective, name one scalar"
            )
    if wishes.minimize and wishes.maximize:
        raise SpecificationError("--minimize and --maximize were both given: choose one")
    if wishes.maximize:
        column = ScalarColumn.from_text(wishes.maximize)
        return Objective(column=column, direction=Direction.MAXIMIZE)
    if not wishes.minimize:  # a form leaves an empty text
        return None
    return Objective(column=ScalarColumn.from_text(wishes.minimize))


def _execution(wishes: Wishes) -> Execution:
    return Execution(
        python=interpreter(wishes),
        runner=LOCAL if not wishes.runner else Runner.from_text(wishes.runner),
        jobs=default_jobs(wishes) if wishes.jobs is None else wishes.jobs,
        warm=Execution().warm if wishes.warm is None else read_warm(wishes.warm),
        timeout_s=None if wishes.timeout is None else parse_duration(wishes.timeout),
        grace_s=Execution().grace_s if wishes.grace is None else parse_duration(wishes.grace),
        retries=wishes.retries,
        max_failures=wishes.max_failures,
        is_fatal_on_error=wishes.fail_on_trial_error,
        gpus=read_gpus(wishes.gpus),
        per_gpu=wishes.per_gpu,
        is_in_place=wishes.cwd == "project",
        links=wishes.link,
        output_scalars=checked_patterns(wishes.output_scalars),
        has_prefect_logs=wishes.prefect_logs,
    )


def interpreter(wishes: Wishes) -> str:
    """Return the interpreter of the trials; empty for the one that runs Tunesmith.

    A name is looked up on the path where a trial starts. What has a slash is a path, meant from
    where it is typed; its last link is kept, since a virtual environment is known by it.
    """
    python = wishes.python or ""
    if "/" not in python:
        return python
    return str((_folder(wishes) / Path(python).expanduser()).absolute())


def default_jobs(wishes: Wishes) -> int:
    """Return how many trials run at once where nobody said; 0 for what workers elsewhere take.

    Raises:
        SpecificationError: There is no such runner.
    """
    if wishes.runner is not None and Runner.from_text(wishes.runner).is_remote:
        return 0
    return max(1, len(read_gpus(wishes.gpus)) * wishes.per_gpu)


def read_warm(text: str) -> WarmMode:
    """Return how trials on this machine are started.

    Raises:
        SpecificationError: There is no such way.
    """
    try:
        return WarmMode(text)
    except ValueError as error:
        raise SpecificationError(f"--warm is {text!r}: expected auto, on or off") from error


def read_gpus(text: str | None) -> tuple[str, ...]:
    """Return the GPUs that a list such as ``0,1`` names; none for None."""
    return tuple(gpu.strip() for gpu in (text or "").split(",") if gpu.strip())


def _read_files(
    files: Sequence[str], script_flags: ScriptFlags, wishes: Wishes
) -> tuple[dict[str, FlagValue], ...]:
    rows: list[dict[str, FlagValue]] = []
    for file in files:
        try:
            text = (_folder(wishes) / file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SpecificationError(
                f"the batch file {file!r} cannot be read: {reason}"
            ) from error
        rows += read_rows(text, name=file, script_flags=script_flags, is_forced=wishes.force_flags)
    if files and not rows:
        raise SpecificationError(f"the batch file(s) {', '.join(files)} have no rows")
    return tuple(rows)


def with_source(spec: BatchSpec, *, tell: Callable[[str], None]) -> BatchSpec:
    """Return the specification with the digest of the source, which the store has by then.

    Args:
        spec: What is about to run.
        tell: Is told of a copy that takes a while, and what was left out of the source that the
            script may miss, a line each.
    """
    store, project = Store.create(Path(spec.home)), Path(spec.project)
    links = spec.execution.links
    taken = snapshot_source(store, project, project / spec.script, links=links, tell=tell)
    for note in taken.notes:
        tell(note)
    return replace(spec, source_digest=taken.digest)


def _folder(wishes: Wishes) -> Path:
    """Return the folder that paths are relative to; empty for the working directory."""
    return wishes.folder or Path()


def _project(script: Path, folder: Path) -> Path:
    """Return the folder that a trial sees a copy of: the working directory, where it can be."""
    here = folder.resolve()
    return here if script.resolve().is_relative_to(here) else script.resolve().parent


def _check_links(project: Path, script: str, links: Sequence[str]) -> None:
    """Check, before anything runs, that links lead somewhere and have a place in a run."""
    place_links(project, script, links)
    if missing := next(missing_links(project, links), None):
        raise SpecificationError(
            f"--link {missing}: there is nothing of that name; a relative path begins at {project}"
        )


def _seed(wishes: Wishes) -> int:
    if wishes.random_seed is not None:
        return wishes.random_seed
    return int.from_bytes(os.urandom(SEED_BITS // 8))
