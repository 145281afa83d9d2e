"""What a user asks for, by whatever door it came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tunesmith.batch import OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.flags.assignments import Assignment, ValueAssignment
from tunesmith.flags.definition import FlagStyle
from tunesmith.flags.points import Point
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Direction, Objective
from tunesmith.repeats import Repeats
from tunesmith.runner import Runner, WarmMode
from tunesmith.scalar import ScalarColumn
from tunesmith.stopping import MaxCost, MaxTime, Worth


class WorkingDirectory(StrEnum):
    """Where a trial runs."""

    RUN = "run"
    """In a copy of the project, in a folder of its own."""
    PROJECT = "project"
    """In the project's folder itself."""


class TrialCost(StrEnum):
    """What the gain of a trial is weighed against."""

    NONE = "none"
    """Nothing: a trial is a trial."""
    SECONDS = "seconds"
    """The seconds that it is expected to take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """A script, its flags, and how it is to be searched and run; None where nothing was said.

    The fields below ``default_optimizer`` are the options of ``request.options``.

    Raises:
        SpecificationError: Two of ``minimize``, ``maximize`` and ``objectives`` were given.
    """

    script: str | None = None
    folder: Path | None = None
    """Where relative paths begin; None for the working directory."""
    flags: tuple[Assignment | ValueAssignment, ...] | None = None
    """Flags of the script: values, or text that is read when the script's flags are known."""
    files: tuple[str, ...] | None = None
    """Batch files."""
    extra_arguments: tuple[str, ...] | None = None
    """What the script is given after its flags."""
    subcommand: tuple[str, ...] | None = None
    """The words between the script and its first flag."""
    command: tuple[str, ...] | None = None
    """The words of a command, instead of a script."""
    default_optimizer: OptimizerSpec | None = None
    """What a project's searches over ranges use where no optimizer is named; lists stay a grid."""

    optimizer: str | None = None
    optimizer_flags: Mapping[str, FlagValue] | None = None
    maximize: ScalarColumn | None = None
    minimize: ScalarColumn | None = None
    objectives: tuple[Objective, ...] | None = None
    """All that is improved, instead of one by ``minimize`` or ``maximize``."""
    max_trials: int | None = None
    subject_to: tuple[str, ...] | None = None
    """Constraints on scalars."""
    where: tuple[str, ...] | None = None
    """Conditions; ``none`` alone for no condition."""
    seed: int | None = None
    jobs: int | None = None
    runner: Runner | None = None
    gpus: tuple[str, ...] | None = None
    per_gpu: int | None = None
    warm: WarmMode | None = None
    timeout: float | None = None
    """Seconds; infinity for no limit."""
    grace: float | None = None
    """Seconds."""
    retries: int | None = None
    max_failures: float | None = None
    """Infinity for no limit."""
    fail_on_trial_error: bool | None = None
    first: tuple[Point, ...] | None = None
    """Points that are tried first, as text or as the values of flags."""
    learn_from: tuple[str, ...] | None = None
    """Runs, operations, tables and studies."""
    needed: bool | None = None
    cost: TrialCost | None = None
    prune: str | None = None
    """A pruner with its arguments, or ``off``."""
    prune_on: ScalarColumn | None = None
    prune_after: int | None = None
    repeats: Repeats | None = None
    repeat_over: str | None = None
    """The name of a flag."""
    max_time: MaxTime | None = None
    """Infinitely long for no limit."""
    target: str | None = None
    """A condition, or ``none``."""
    patience: float | None = None
    """Infinity for no limit."""
    stop_when_flat: bool | None = None
    worth: Worth | None = None
    """Of infinity for none."""
    max_cost: MaxCost | None = None
    """Of infinity for no limit."""
    literal: tuple[str, ...] | None = None
    force_flags: bool | None = None
    flag_style: FlagStyle | None = None
    python: str | None = None
    cwd: WorkingDirectory | None = None
    links: tuple[str, ...] | None = None
    output_scalars: tuple[str, ...] | None = None
    metrics: tuple[str, ...] | None = None
    prefect_logs: bool | None = None
    name: str | None = None
    label: str | None = None
    tags: tuple[str, ...] | None = None
    failed: bool | None = None
    pruned: bool | None = None

    def __post_init__(self) -> None:
        given = [name for name in _OBJECTIVES if getattr(self, name) is not None]
        if len(given) > 1:
            raise SpecificationError(
                f"{' and '.join(f'--{name}' for name in given)} were both given, and which one "
                "comes first is not known: give objectives alone, as in minimize loss and "
                "maximize acc"
            )
        for tag in self.tags or ():
            check_tag(tag)
        if self.name is not None and not _is_name(self.name):
            raise SpecificationError(
                f"--name is {self.name!r}: a name has no spaces, commas and slashes"
            )

    @property
    def objective(self) -> Objective | None:
        """The objective that was named, of several the first; None for none."""
        return next(iter(self.named_objectives), None)

    @property
    def named_objectives(self) -> tuple[Objective, ...]:
        """All objectives that were named; empty for none."""
        if self.maximize is not None:
            return (Objective(column=self.maximize, direction=Direction.MAXIMIZE),)
        if self.minimize is not None:
            return (Objective(column=self.minimize),)
        return self.objectives or ()

    @property
    def interpreter(self) -> str:
        """The interpreter of the trials; empty for the one that runs Tunesmith.

        A name is looked up on the path where a trial starts. What has a slash is a path, meant
        from where it is typed; its last link is kept, since a virtual environment is known by it.
        """
        python = self.python or ""
        if "/" not in python:
            return python
        return str(((self.folder or Path()) / Path(python).expanduser()).absolute())


_OBJECTIVES = ("minimize", "maximize", "objectives")


def _is_name(text: str) -> bool:
    return bool(text) and text.isprintable() and not any(mark in text for mark in " ,/")


def check_tag(tag: str) -> None:
    """Refuse a tag that a list of tags could not show.

    Raises:
        SpecificationError: It is empty, or has spaces, commas or control characters.
    """
    if not tag or not tag.isprintable() or any(mark in tag for mark in " ,"):
        raise SpecificationError(f"{tag!r} is not a tag: a tag has no spaces and no commas")
