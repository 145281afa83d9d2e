"""The table of options: what a request may say, by whichever door it comes in.

Everything that names an option is derived from it: the command line, the form in Prefect, the
keyword arguments of ``tunesmith.run``, and the reference page.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from tunesmith.request.option import Door, Group, Kind, Option
from tunesmith.request.reading import (
    choice_of,
    read_column,
    read_count,
    read_duration,
    read_gpus,
    read_optimizer_flags,
    read_patterns,
    read_runner,
    read_switch,
    read_text,
    read_texts,
)
from tunesmith.request.sweep_request import SweepRequest, WorkingDirectory
from tunesmith.runner import WarmMode

_NEW = frozenset(Door) - {Door.RESTART}
_DEPLOYED = frozenset(Door) - {Door.FIRING}
"""Of what ``tunesmith deploy`` sets: a run of the deployment does not change it."""


def _count(name: str, spelling: tuple[str, ...], **rest: Any) -> Option:
    given = {"metavar": "N", **rest}
    return Option(name=name, spelling=spelling, kind=Kind.COUNT, read=read_count, **given)


def _switch(name: str, **rest: Any) -> Option:
    spelling = (f"--{name.replace('_', '-')}",)
    return Option(name=name, spelling=spelling, kind=Kind.SWITCH, read=read_switch, **rest)


def _texts(name: str, spelling: tuple[str, ...], **rest: Any) -> Option:
    return Option(name=name, spelling=spelling, kind=Kind.TEXTS, read=read_texts, **rest)


def _text(name: str, spelling: tuple[str, ...], **rest: Any) -> Option:
    return Option(name=name, spelling=spelling, kind=Kind.TEXT, read=read_text, **rest)


def _duration(name: str, **rest: Any) -> Option:
    given = {"metavar": "DURATION", "group": Group.FAILURES, **rest}
    return Option(
        name=name, spelling=(f"--{name}",), kind=Kind.DURATION, read=read_duration, **given
    )


def _choice(name: str, kind: type[StrEnum], **rest: Any) -> Option:
    return Option(
        name=name,
        spelling=(f"--{name}",),
        kind=Kind.CHOICE,
        read=choice_of(kind),
        choices=tuple(map(str, kind)),
        **rest,
    )


def _column(name: str, short: str, **rest: Any) -> Option:
    return Option(
        name=name,
        spelling=(short, f"--{name}"),
        kind=Kind.COLUMN,
        read=read_column,
        metavar="COL",
        help=f"Scalar to {name}.",
        group=Group.SEARCH,
        **rest,
    )


OPTIONS: tuple[Option, ...] = (
    _text(
        "optimizer",
        ("-o", "--optimizer"),
        metavar="NAME",
        help="Optimizer: auto, gp, forest, gbrt, random, sobol, grid, optuna:tpe, …",
        default="grid for lists, random for ranges",
        group=Group.SEARCH,
        doors=_NEW,
        fixed="a batch keeps its optimizer; leave it out, or start a new batch",
    ),
    Option(
        name="optimizer_flags",
        spelling=("-Fo", "--opt-flag"),
        kind=Kind.FLAGS,
        read=read_optimizer_flags,
        metavar="NAME=VALUE",
        help="Flags of the optimizer, as random-starts=5.",
        group=Group.SEARCH,
    ),
    _column("maximize", "-X"),
    _column("minimize", "-N", default="loss"),
    _count(
        "max_trials",
        ("-m", "--max-trials"),
        help="Number of trials; of a batch that goes on, of additional ones.",
        default="the whole grid, 20 of a search",
        group=Group.SEARCH,
    ),
    _count(
        "seed",
        ("--random-seed",),
        help="Seed for the search.",
        default="random",
        group=Group.SEARCH,
        doors=_NEW,
        fixed="the trials that were proposed depend on it; leave it out, or start a new batch",
    ),
    _count(
        "jobs",
        ("-j", "--jobs"),
        help="Trials that run at once.",
        default="1, one per GPU, or what the workers take",
        group=Group.EXECUTION,
    ),
    Option(
        name="runner",
        spelling=("--runner",),
        kind=Kind.RUNNER,
        read=read_runner,
        metavar="URI",
        help="Where trials run: local, dask://HOST:PORT or prefect://.",
        default="local",
        group=Group.EXECUTION,
        doors=_DEPLOYED,
    ),
    Option(
        name="gpus",
        spelling=("--gpus",),
        kind=Kind.GPUS,
        read=read_gpus,
        metavar="LIST",
        help="GPUs to share out among the trials, as 0,1.",
        default="none",
        group=Group.EXECUTION,
    ),
    _count(
        "per_gpu",
        ("--per-gpu",),
        metavar="K",
        help="Trials that run at once on each GPU.",
        default="1",
        group=Group.EXECUTION,
    ),
    _choice(
        "warm",
        WarmMode,
        help="Whether to import once and fork each trial.",
        default="auto",
        group=Group.EXECUTION,
    ),
    _duration("timeout", help="Time limit of a trial: seconds, or 30s, 5m, 2h.", default="none"),
    _duration("grace", help="Time between SIGTERM and SIGKILL: seconds, or 30s.", default="10s"),
    _count(
        "retries",
        ("--retries",),
        help="Maximum number of retries of a failed trial.",
        default="0",
        group=Group.FAILURES,
    ),
    _count(
        "max_failures",
        ("--max-failures",),
        help="End the batch after N failed trials.",
        default="no limit",
        group=Group.FAILURES,
    ),
    _switch(
        "fail_on_trial_error",
        help="End the batch at the first failed trial.",
        group=Group.FAILURES,
    ),
    _switch(
        "needed",
        help="Skip trials that this script completed before with the same flags.",
        group=Group.SEARCH,
    ),
    _texts(
        "literal",
        ("--literal",),
        metavar="NAME",
        help="Flags whose text is taken as it is.",
        group=Group.SCRIPT,
        doors=frozenset(Door) - {Door.PYTHON},
    ),
    _switch(
        "force_flags",
        help="Pass flags that the script is not known to have.",
        group=Group.SCRIPT,
        doors=_DEPLOYED,
    ),
    _text(
        "python",
        ("--python",),
        metavar="PATH",
        help="Interpreter of the script.",
        default="the one that runs Tunesmith",
        group=Group.SCRIPT,
        doors=_DEPLOYED,
    ),
    _choice(
        "cwd",
        WorkingDirectory,
        help="Working directory of a trial: its own copy, or the project.",
        default="run",
        group=Group.SCRIPT,
        doors=_NEW & _DEPLOYED,
        fixed="finished trials ran in another directory; leave it out, or start a new batch",
    ),
    _texts(
        "links",
        ("--link",),
        metavar="PATH",
        help="Paths that are linked into the working directory of each trial.",
        group=Group.SCRIPT,
        doors=_NEW & _DEPLOYED,
        fixed="the recorded source was taken with the links that it had; leave it out, or start a "
        "new batch",
    ),
    Option(
        name="output_scalars",
        spelling=("--output-scalars",),
        kind=Kind.PATTERNS,
        read=read_patterns,
        metavar="PATTERN",
        help="Patterns of the lines by which the script prints scalars.",
        default="NAME: NUMBER",
        group=Group.OUTPUT,
    ),
    _switch(
        "prefect_logs",
        help="Show the output of the trials in Prefect.",
        group=Group.OUTPUT,
        doors=_DEPLOYED,
    ),
    _text(
        "label",
        ("-l", "--label"),
        metavar="TEXT",
        help="Label of the batch and its trials.",
        group=Group.OUTPUT,
    ),
    _texts(
        "tags",
        ("-t", "--tag"),
        metavar="TAG",
        help="Tags of the batch and its trials.",
        group=Group.OUTPUT,
    ),
    _switch(
        "failed",
        help="Run only the failed trials of a batch that goes on.",
        group=Group.RESTART,
        doors=frozenset({Door.RESTART}),
    ),
)
"""Every option, in the order of the command line."""


def options_of(*doors: Door) -> tuple[Option, ...]:
    """Return the options that one of some doors has, in the order of the table."""
    return tuple(option for option in OPTIONS if not option.doors.isdisjoint(doors))


def read_options(given: Mapping[str, object]) -> dict[str, Any]:
    """Return fields of a request: options by their names, from text or values.

    What is None or empty was not said. Names that are no option are left out.

    Raises:
        SpecificationError: A value does not fit.
    """
    return {
        option.name: option.value(given[option.name])
        for option in OPTIONS
        if _is_said(given.get(option.name))
    }


def said_options(request: SweepRequest) -> Iterator[Option]:
    """Yield the options that a request says something of."""
    for option in OPTIONS:
        if _is_said(getattr(request, option.name)):
            yield option


def _is_said(value: object) -> bool:
    return value is not None and not (isinstance(value, str | tuple | list | dict) and not value)
