"""One option of a request: how it is named, read and told, and where it may be given."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tunesmith.errors import SpecificationError, TunesmithError
from tunesmith.request.reading import (
    UnfitError,
    read_choice,
    read_column,
    read_condition,
    read_conditions,
    read_count,
    read_duration,
    read_gpus,
    read_limit,
    read_max_cost,
    read_max_time,
    read_objectives,
    read_optimizer_flags,
    read_patterns,
    read_points,
    read_pruner,
    read_repeats,
    read_runner,
    read_switch,
    read_text,
    read_texts,
    read_time_limit,
    read_worth,
)


class Door(StrEnum):
    """Where a request comes in."""

    RUN = "run"
    """``tunesmith run``: a new batch."""
    RESTART = "restart"
    """``tunesmith run --restart`` and ``Batch.restart``: a batch that goes on."""
    DEPLOY = "deploy"
    """``tunesmith deploy``."""
    FORM = "form"
    """The parameters of a deployment, as Prefect shows and keeps them."""
    FIRING = "firing"
    """The parameters that a run of a deployment may change: how it searches, and not what runs
    where."""
    PYTHON = "python"
    """``tunesmith.run``."""
    FILE = "file"
    """The keys of a sweep file."""
    PROJECT = "project"
    """The keys of ``[tool.tunesmith]`` in a project's pyproject.toml."""


class Group(StrEnum):
    """The headings of the help, in its order."""

    SEARCH = "Search"
    SCRIPT = "Script and flags"
    EXECUTION = "Execution"
    STOPPING = "When to stop"
    FAILURES = "Limits and failures"
    OUTPUT = "Output and labels"
    RESTART = "Restart and preview"


class Kind(StrEnum):
    """What the values of an option are."""

    TEXT = "string"
    TEXTS = "list of strings"
    PATTERNS = "list of patterns"
    CONDITIONS = "list of conditions"
    COUNT = "whole number"
    LIMIT = "whole number, or none"
    SWITCH = "yes or no"
    DURATION = "duration in seconds, or 30s, 5m, 2h"
    TIME_LIMIT = "duration, or none"
    CHOICE = "one of its choices"
    COLUMN = "scalar"
    OBJECTIVES = "list of objectives"
    RUNNER = "runner"
    GPUS = "list of GPUs"
    FLAGS = "names and values"
    POINTS = "list of points"
    PRUNER = "name of a pruner"
    REPEATS = "whole number, or auto:N"
    SITTING = "duration, which ! follows to end running trials, or none"
    CONDITION = "condition, or none"
    WORTH = "number per minute, hour or trial, or none"
    BUDGET = "scalar and number, or none"


_READERS: dict[Kind, Callable[[object], Any]] = {
    Kind.TEXT: read_text,
    Kind.TEXTS: read_texts,
    Kind.PATTERNS: read_patterns,
    Kind.CONDITIONS: read_conditions,
    Kind.COUNT: read_count,
    Kind.LIMIT: read_limit,
    Kind.SWITCH: read_switch,
    Kind.DURATION: read_duration,
    Kind.TIME_LIMIT: read_time_limit,
    Kind.COLUMN: read_column,
    Kind.OBJECTIVES: read_objectives,
    Kind.RUNNER: read_runner,
    Kind.GPUS: read_gpus,
    Kind.FLAGS: read_optimizer_flags,
    Kind.POINTS: read_points,
    Kind.PRUNER: read_pruner,
    Kind.REPEATS: read_repeats,
    Kind.SITTING: read_max_time,
    Kind.CONDITION: read_condition,
    Kind.WORTH: read_worth,
    Kind.BUDGET: read_max_cost,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that a request may say."""

    name: str
    """The field of ``SweepRequest``, and the keyword, parameter or key at each door."""
    spelling: tuple[str, ...]
    """On the command line, the long one last."""
    kind: Kind
    help: str
    """What it does; a sentence."""
    default: str = ""
    """What holds where it is left out, for readers; empty where there is nothing to tell."""
    metavar: str = ""
    bare: str = ""
    """What it means on the command line without a value, which then stands behind ``=`` alone;
    empty where it needs one."""
    choice: type[StrEnum] | None = None
    """The values of a choice."""
    group: Group
    doors: frozenset[Door] = frozenset(Door)
    fixed: str = ""
    """Why a restart cannot change it; empty where it can."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it takes; empty where it is no choice."""
        return tuple(map(str, self.choice or ()))

    @property
    def flag(self) -> str:
        """Its long spelling on the command line, by which messages name it."""
        return self.spelling[-1]

    @property
    def can_change(self) -> bool:
        """Whether a restart can change it."""
        return Door.RESTART in self.doors

    @property
    def has_several(self) -> bool:
        """Whether the command line may give it more than once."""
        return self.kind in (
            Kind.TEXTS,
            Kind.PATTERNS,
            Kind.CONDITIONS,
            Kind.FLAGS,
            Kind.OBJECTIVES,
            Kind.POINTS,
        )

    @property
    def description(self) -> str:
        """What it does and its default, in one line."""
        return f"{self.help}  [default: {self.default}]" if self.default else self.help

    def value(self, given: object, *, is_typed: bool = True) -> Any:
        """Return what was given as the request keeps it.

        Args:
            given: Text, or the value itself.
            is_typed: Whether messages name the option by its flag, not by its name in Python.

        Raises:
            SpecificationError: It does not fit; the message names the option.
        """
        shown = self.flag if is_typed else self.name
        try:
            if self.choice is not None:
                return read_choice(given, self.choice)
            return _READERS[self.kind](given)
        except UnfitError as error:
            raise SpecificationError(f"{shown} is {given!r}: expected {error}") from error
        except TunesmithError as error:
            text = str(error).removeprefix(self.flag)
            raise SpecificationError(
                f"{shown}{'' if text != str(error) else ': '}{text}"
            ) from error
