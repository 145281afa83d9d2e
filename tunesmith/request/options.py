"""The table of options: what a request may say, by whichever door it comes in.

Everything that names an option is derived from it: the command line, the form in Prefect, the
keyword arguments of ``tunesmith.run``, and the reference page.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tunesmith.flags.definition import FlagStyle
from tunesmith.pruning import DEFAULT_RULE
from tunesmith.request.option import Door, Group, Kind, Option
from tunesmith.request.sweep_request import SweepRequest, TrialCost, WorkingDirectory
from tunesmith.runner import WarmMode

_METAVARS = {
    Kind.COUNT: "N",
    Kind.LIMIT: "N",
    Kind.DURATION: "DURATION",
    Kind.TIME_LIMIT: "DURATION",
    Kind.COLUMN: "COL",
    Kind.RUNNER: "URI",
    Kind.SITTING: "DURATION",
    Kind.CONDITION: "CONDITION",
}


def _option(name: str, kind: Kind, help: str, *, typed: str = "", **rest: Any) -> dict[str, Any]:  # noqa: A002 - the field's name
    """Return the fields of an option but its group.

    Args:
        name: Its name.
        kind: What its values are.
        help: What it does.
        typed: Its spellings on the command line, by default its name.
        rest: Other fields; ``but`` are the doors that it does not have, one that is ``fixed``
            not that of a restart.
    """
    closed = {*rest.pop("but", ())}
    if "fixed" in rest:
        closed.add(Door.RESTART)
        rest["fixed"] += "; leave it out, or start a new batch"
    return {
        "name": name,
        "kind": kind,
        "help": help,
        "spelling": tuple(typed.split()) or (f"--{name.replace('_', '-')}",),
        "metavar": _METAVARS.get(kind, ""),
        "doors": frozenset(Door) - closed,
        **rest,
    }


_DEPLOYED = (Door.FIRING,)
"""Not at a run of a deployment: ``tunesmith deploy`` sets it."""

# fmt: off
# Each option is a row.
_TABLE = {
    Group.SEARCH: (
        _option("optimizer", Kind.TEXT,
                "Optimizer: auto (the preview says which, and why), gp, forest, gbrt, random, "
                "sobol, grid, optuna:tpe, …",
                typed="-o --optimizer", metavar="NAME",
                default="grid for lists, random for ranges", fixed="a batch keeps its optimizer"),
        _option("optimizer_flags", Kind.FLAGS, "Flags of the optimizer, as random-starts=5.",
                typed="-Fo --opt-flag", metavar="NAME=VALUE"),
        _option("maximize", Kind.COLUMN, "Scalar to maximize.", typed="-X --maximize"),
        _option("minimize", Kind.COLUMN, "Scalar to minimize.", typed="-N --minimize",
                default="loss"),
        _option("objectives", Kind.OBJECTIVES,
                "Scalars to improve at once, as minimize loss, maximize acc; where typed, "
                "--minimize and --maximize more than once are the same.", metavar="OBJECTIVE"),
        _option("max_trials", Kind.COUNT,
                "Number of trials, with --repeats N of candidates; of a batch that goes on, of "
                "additional ones.",
                typed="-m --max-trials", default="the whole grid, 20 of a search"),
        _option("subject_to", Kind.CONDITIONS,
                "Condition on scalars that the best trial has to meet, as 'latency <= 50'.",
                metavar="CONDITION", default="none", but=(Door.PROJECT,)),
        _option("where", Kind.CONDITIONS,
                "Condition on flags that every trial meets, as 'layers * width <= 4096'.",
                metavar="CONDITION", default="none", but=(Door.PROJECT,)),
        _option("seed", Kind.COUNT, "Seed for the search.", typed="--random-seed",
                default="random", fixed="the trials that were proposed depend on it"),
        _option("first", Kind.POINTS,
                "Trial that runs first, as lr=3e-4,depth=6, or defaults for the script's own "
                "values.",
                metavar="POINT", but=(Door.PROJECT,)),
        _option("learn_from", Kind.TEXTS,
                "Results that inform the search: a run, an operation, a CSV file, or a "
                "study of Optuna as optuna:URL.",
                metavar="SOURCE", but=(Door.PROJECT,),
                fixed="a batch keeps the results that it began with"),
        _option("needed", Kind.SWITCH,
                "Skip trials that this script completed before with the same flags."),
        _option("cost", Kind.CHOICE,
                "What the expected gain of a trial is weighed against: its expected seconds, or "
                "none (gp only).",
                choice=TrialCost, default="none", but=(Door.PROJECT,)),
        _option("prune", Kind.PRUNER,
                "Stop trials early that will not become the best, by their printed objective: "
                "careful, bold, halving, median, after:N:K, off, …",
                metavar="RULE", bare=DEFAULT_RULE, default="off"),
        _option("prune_on", Kind.COLUMN,
                "Scalar by which trials are stopped early.", default="the objective",
                but=(Door.PROJECT,)),
        _option("prune_after", Kind.COUNT,
                "Number of printed points of a trial before which it is not stopped early.",
                default="0", but=(Door.PROJECT,)),
        _option("repeats", Kind.REPEATS,
                "How often each candidate is run, to tell good ones from lucky ones: a number, "
                "or auto:5 for up to 5 where it is undecided which is the best.",
                metavar="N", default="1", but=(Door.PROJECT,),
                fixed="the trials that were proposed depend on it"),
        _option("repeat_over", Kind.TEXT,
                "Flag that is 1, 2, 3, … in the runs of a candidate.", metavar="NAME",
                default="seed, where the script has it", but=(Door.PROJECT,),
                fixed="finished trials counted their runs in another way"),
    ),
    Group.EXECUTION: (
        _option("jobs", Kind.COUNT, "Trials that run at once.", typed="-j --jobs",
                default="1, one per GPU, or what the workers take"),
        _option("runner", Kind.RUNNER, "Where trials run: local, dask://HOST:PORT or prefect://.",
                default="local", but=_DEPLOYED),
        _option("gpus", Kind.GPUS, "GPUs to share out among the trials, as 0,1.", metavar="LIST",
                default="none"),
        _option("per_gpu", Kind.COUNT, "Trials that run at once on each GPU.", metavar="K",
                default="1"),
        _option("warm", Kind.CHOICE, "Whether to import once and fork each trial.",
                choice=WarmMode, default="auto"),
    ),
    Group.STOPPING: (
        _option("max_time", Kind.SITTING,
                "Start no trial that is expected to end after so long, counted from this start of "
                "the batch: seconds, or 30m, 2h; 2h! ends those that run by then.",
                default="none"),
        _option("target", Kind.CONDITION,
                "Stop once a trial meets a condition, as 'loss <= 0.1'.", default="none",
                but=(Door.PROJECT,)),
        _option("patience", Kind.LIMIT,
                "Stop after N trials in a row without a better result.", default="none"),
        _option("stop_when_flat", Kind.SWITCH,
                "Stop when the next trials are expected to gain nothing that could be told from "
                "noise."),
        _option("worth", Kind.WORTH,
                "Stop when the next trials are expected to gain less than that, as "
                "'0.001 per minute'.", metavar="GAIN", default="none", but=(Door.PROJECT,)),
        _option("max_cost", Kind.BUDGET,
                "Stop when the sum of a scalar over the trials has reached a number, as "
                "'dollars 20'.", metavar="'COL N'", default="none", but=(Door.PROJECT,)),
    ),
    Group.FAILURES: (
        _option("timeout", Kind.TIME_LIMIT, "Time limit of a trial: seconds, or 30s, 5m, 2h.",
                default="none"),
        _option("grace", Kind.DURATION, "Time between SIGTERM and SIGKILL: seconds, or 30s.",
                default="10s"),
        _option("retries", Kind.COUNT, "Maximum number of retries of a failed trial.",
                default="0"),
        _option("max_failures", Kind.LIMIT, "End the batch after N failed trials.",
                default="none"),
        _option("fail_on_trial_error", Kind.SWITCH, "End the batch at the first failed trial."),
    ),
    Group.SCRIPT: (
        _option("literal", Kind.TEXTS, "Flags whose text is taken as it is.", metavar="NAME",
                but=(Door.PYTHON, Door.FILE, Door.PROJECT)),
        _option("force_flags", Kind.SWITCH, "Pass flags that the script is not known to have.",
                but=_DEPLOYED),
        _option("flag_style", Kind.CHOICE, "How flags are passed to the program.",
                choice=FlagStyle, metavar="STYLE", default="as the program reads them",
                but=_DEPLOYED, fixed="finished trials were given their flags in another way"),
        _option("python", Kind.TEXT, "Interpreter of the script.", metavar="PATH",
                default="the one that runs Tunesmith", but=_DEPLOYED),
        _option("cwd", Kind.CHOICE, "Working directory of a trial: its own copy, or the project.",
                choice=WorkingDirectory, default="run", but=_DEPLOYED,
                fixed="finished trials ran in another directory"),
        _option("links", Kind.TEXTS,
                "Paths that are linked into the working directory of each trial.", typed="--link",
                metavar="PATH", but=_DEPLOYED,
                fixed="the recorded source was taken with the links that it had"),
    ),
    Group.OUTPUT: (
        _option("output_scalars", Kind.PATTERNS,
                "Patterns of the lines by which the script prints scalars.", metavar="PATTERN",
                default="names and numbers anywhere in a line"),
        _option("metrics", Kind.TEXTS,
                "Files with metrics, JSON or CSV, that a trial writes where it runs.",
                metavar="FILE", default="metrics.json, metrics.csv, JSON lines and the like"),
        _option("prefect_logs", Kind.SWITCH, "Show the output of the trials in Prefect.",
                but=_DEPLOYED),
        _option("name", Kind.TEXT, "Name by which the runs are called.", metavar="NAME",
                default="the one of the script, or of a command's program",
                but=(Door.DEPLOY, Door.FORM, Door.FIRING, Door.FILE),
                fixed="the runs of a batch have one name"),
        _option("label", Kind.TEXT, "Label of the batch and its trials.", typed="-l --label",
                metavar="TEXT", but=(Door.PROJECT,)),
        _option("tags", Kind.TEXTS, "Tags of the batch and its trials.", typed="-t --tag",
                metavar="TAG"),
    ),
    Group.RESTART: (
        _option("failed", Kind.SWITCH, "Run only the failed trials of a batch that goes on.",
                but=frozenset(Door) - {Door.RESTART}),
        _option("pruned", Kind.SWITCH,
                "Run only the pruned trials of a batch that goes on, to their end.",
                but=frozenset(Door) - {Door.RESTART}),
    ),
}
# fmt: on

OPTIONS = tuple(Option(group=group, **one) for group, rows in _TABLE.items() for one in rows)
"""Every option, in the order of the help."""


def options_of(*doors: Door) -> tuple[Option, ...]:
    """Return the options that one of some doors has, in the order of the table."""
    return tuple(option for option in OPTIONS if not option.doors.isdisjoint(doors))


def read_options(given: Mapping[str, object], *, is_typed: bool = True) -> dict[str, Any]:
    """Return fields of a request: options by their names, from text or values.

    What is None or empty was not said. Names that are no option are left out.

    Args:
        given: Text or values by the names of options.
        is_typed: Whether messages name an option by its flag, not by its name in Python.

    Raises:
        SpecificationError: A value does not fit.
    """
    return {
        option.name: option.value(given[option.name], is_typed=is_typed)
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
