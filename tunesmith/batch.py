"""The batch specification: everything a batch needs, as one frozen value.

It is written to the store before the first trial, where a flow run finds it by its id.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tunesmith.batch_conditions import constraints_of, where_of
from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.flags.definition import FlagStyle, ScriptFlags
from tunesmith.flags.secret_values import Secret, check_passing, secrets_of
from tunesmith.flags.settings import Choices, Distribution, Setting, admits, condition_of
from tunesmith.flags.values import Flags, FlagValue, point_key
from tunesmith.objective import Measured, Objective
from tunesmith.program import Program
from tunesmith.pruning import PruningSpec
from tunesmith.repeats import Repeats

if TYPE_CHECKING:  # what few batches have is imported for those, so that every command starts fast
    from tunesmith.constraint import Constraint
    from tunesmith.earlier_results import EarlierResults
    from tunesmith.flags.conditions.where import Where
    from tunesmith.stopping import StoppingSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerSpec:
    """Which optimizer proposes the trials, and its own flags."""

    name: str
    """The registered name: ``grid``, ``random``, ``gp``, …"""
    settings: Mapping[str, FlagValue] = field(default_factory=dict)
    """What ``-Fo`` set, by the names that a user types (``random-starts``)."""
    reason: str = ""
    """Why this one, where the user left the choice to Tunesmith (``auto``); empty elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSpec:
    """What a batch does. A single run is a batch of one trial without an optimizer.

    Raises:
        SpecificationError: Its fields contradict each other.
    """

    id: str
    project: str
    """The project's root, absolute."""
    script: str
    """The path, within the project, of the file that is run; of a command that names none, its
    first word."""
    program: Program = field(default_factory=Program)
    """How that file is run; as a Python script in specifications of earlier versions."""
    operation: str
    """The trials' operation: the name of the script or module, as ``train.py``."""
    script_flags: ScriptFlags
    settings: Mapping[str, Setting]
    """The setting of each flag, defaults included."""
    given: tuple[str, ...] | None = None
    """The flags that the user has set and the script gets; defaults are left to the script. None
    in specifications of earlier versions: then the flags that are not at their default."""
    rows: tuple[Mapping[str, FlagValue], ...] = ()
    """Rows of batch files: each gives one trial, or one grid, its own values."""
    files: tuple[str, ...] = ()
    """The paths of the batch files, as typed; empty in specifications of earlier versions."""
    extra_arguments: tuple[str, ...] = ()
    """The script's own arguments, as typed after ``--``."""
    objective: Objective = field(default_factory=Objective)
    """What the search improves; of several objectives the first."""
    more_objectives: tuple[Objective, ...] = ()
    """The further ones, in the order in which they were given; empty for a search of one."""
    optimizer: OptimizerSpec | None = None
    n_trials: int | None = None
    """Trials in all, with those of earlier generations; None for a single run."""
    n_first_trials: int = 0
    """Trials of the first generation; a restart of a search adds as many."""
    first: tuple[Flags, ...] = ()
    """Points that are tried before any that is proposed, in their order; what they leave open is
    proposed."""
    subject_to: tuple[str, ...] = ()
    """Constraints on what trials report, all of which the best has to meet; empty for none."""
    where: tuple[str, ...] = ()
    """Conditions on flags that every proposed trial meets, as they were typed."""
    learn_from: tuple[str, ...] = ()
    """Where results come from that inform the optimizer from the first trial on, as typed."""
    earlier: "tuple[EarlierResults, ...]" = ()
    """Those results, as they were when the batch was made."""
    seed: int = 0
    execution: Execution = field(default_factory=Execution)
    stopping: "StoppingSpec | None" = None
    """What ends the batch before it has run all trials, though nothing is wrong; None for none."""
    pruning: PruningSpec | None = None
    """How trials are stopped early; None where all run to their end."""
    repeats: Repeats | None = None
    """How often each candidate is run; None for once."""
    label: str = ""
    tags: tuple[str, ...] = ()
    source_digest: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    """Data that the source names and that is not in its copy, by path from the project: the digest
    of what the store keeps, or nothing where trials read the project's own by a link."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What a result depends on beside the source, as text by name: the commit, versions. Empty
    before the start, and in specifications of earlier versions."""
    created: float = 0.0
    """Seconds since 1970, UTC, of the first start."""
    generation: int = 0
    """0 for the first start, and one more for each restart."""
    restarted: float = 0.0
    """Seconds since 1970, UTC, of this generation's start."""
    rerun: tuple[int, ...] = ()
    """Numbers of finished trials that this generation runs again."""
    is_rerun_only: bool = False
    """Whether this generation runs only those, and no missing trials."""
    is_needed_only: bool = False
    """Whether trials that the same script has completed with the same flags are left out."""
    objective_named_in: int | None = None
    """The generation that named the objective: earlier trials recorded another one, or none. None
    if it was never named: then the lowest loss is best."""
    changed: tuple[str, ...] = ()
    """Flags that a restart has changed: the search space is that of their latest settings, and may
    not contain earlier trials."""

    def __post_init__(self) -> None:
        is_argument = self.script_flags.style is not FlagStyle.ENVIRONMENT
        is_shown = is_argument and not self.program.is_python
        check_passing(self.secrets, is_remote=self.execution.runner.is_remote, is_shown=is_shown)
        if self.n_trials is not None and self.n_trials < 0:
            raise SpecificationError(f"--max-trials is {self.n_trials}: expected 1 or more")
        constraints_of(self.subject_to)
        columns = [one.column for one in self.objectives]
        if twice := [column for place, column in enumerate(columns) if column in columns[:place]]:
            raise SpecificationError(f"{twice[0]} is named as an objective twice: name it once")
        if self.stopping is not None and self.stopping.is_flat:
            self.stopping.check_flat(n_objectives=len(self.objectives))
        if self.optimizer is None and (self.has_distributions or self.has_choices or self.rows):
            raise SpecificationError("a single run takes one value for each flag")
        if self.optimizer is not None and self.n_trials is None:
            raise SpecificationError("a batch needs a number of trials")
        if self.optimizer is not None and self.optimizer.name == "grid" and self.has_distributions:
            raise SpecificationError(
                "a grid needs lists or sequences, not distributions: write x=linspace[-2:2:5], "
                "or use --optimizer random"
            )

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All that the search improves, the first one first."""
        return (self.objective, *self.more_objectives)

    @property
    def is_single(self) -> bool:
        """Whether it is one run of the script, without an optimizer."""
        return self.optimizer is None

    @property
    def has_distributions(self) -> bool:
        """Whether any flag is searched over an interval."""
        return any(isinstance(setting, Distribution) for setting in self.settings.values())

    @property
    def constraints(self) -> "tuple[Constraint, ...]":
        """What trials have to meet, read from ``subject_to``."""
        return constraints_of(self.subject_to)

    def violation(self, trial: Measured) -> float:
        """Return 0 where a trial meets all constraints, else the sum of its violations."""
        return sum(one.violation(trial) for one in self.constraints)

    @property
    def wanted_tags(self) -> tuple[str, ...]:
        """The scalars that are looked for by name in what trials print, each once."""
        objectives = (one.column.tag for one in self.objectives)
        constrained = (column.tag for one in self.constraints for column in one.columns)
        return tuple(dict.fromkeys((*objectives, *constrained)))

    def searches(self, flags: Flags) -> bool:
        """Return whether a point of this batch lies in the current search space."""
        where = self.read_where() if self.where else None
        if where is not None and not where.allows(flags):
            return False
        return all(
            admits(setting, flags.get(name))
            for name in self.changed
            if (condition := condition_of(setting := self.settings[name])) is None
            or condition.holds(flags)
        )

    def read_where(self) -> "Where | None":
        """Return the conditions of ``where``; None for none, and an error where one is wrong."""
        return where_of(self.where, {*self.settings, *self.names_in_rows})

    @property
    def has_choices(self) -> bool:
        """Whether any flag has several values."""
        return any(isinstance(setting, Choices) for setting in self.settings.values())

    @property
    def secrets(self) -> dict[str, FlagValue]:
        """The values that are passed to the script and written nowhere, by flag."""
        return secrets_of(self.settings)

    def with_secrets(self, secrets: Flags) -> "BatchSpec":
        """Return the specification with the secrets that it had before it was stored."""
        hidden = {name: Secret(value) for name, value in secrets.items()}
        return dataclasses.replace(self, settings={**self.settings, **hidden})

    @property
    def fixed_names(self) -> frozenset[str]:
        """The names of the flags that have the same value in every trial."""
        over = {self.repeats.over} if self.repeats is not None else set()
        return frozenset(self.fixed_flags.keys() - self.names_in_points - over)

    @property
    def names_in_rows(self) -> frozenset[str]:
        """The names of the flags that rows of batch files set."""
        global _names_in_rows
        rows, names = _names_in_rows
        if rows is not self.rows:
            names = frozenset(name for row in self.rows for name in row)
            _names_in_rows = self.rows, names
        return names

    @property
    def names_in_points(self) -> frozenset[str]:
        """The names of the flags that rows, or the points that are tried first, set."""
        return self.names_in_rows.union(*self.first)

    @property
    def fixed_flags(self) -> dict[str, FlagValue]:
        """The flags that have one value."""
        several = (Choices, Distribution)
        return {n: value for n, value in self.settings.items() if not isinstance(value, several)}

    @property
    def given_names(self) -> frozenset[str]:
        """The names of the flags that have been set in every trial."""
        if self.given is not None:
            return frozenset(self.given)
        defaults = self.script_flags.defaults
        several = (Choices, Distribution)
        return frozenset(
            name
            for name, setting in self.settings.items()
            if isinstance(setting, several) or setting != defaults.get(name)
        )

    def passed(self, flags: Flags) -> dict[str, FlagValue]:
        """Return the flags that the script is given in a trial: those that were set.

        A flag that only other rows or points set keeps its default, and is left to the script.
        """
        given, defaults = self.given_names, self.script_flags.defaults
        perhaps = flags.keys() if self.given is None else self.names_in_points
        return {
            name: value
            for name, value in flags.items()
            if name in given or (name in perhaps and _differs(value, defaults.get(name)))
        }

    @property
    def searched_settings(self) -> Mapping[str, Setting]:
        """The settings of the flags that candidates have: not of that which counts their runs."""
        over = None if self.repeats is None else self.repeats.over
        return {name: one for name, one in self.settings.items() if name != over}

    def point(self, flags: Flags) -> Flags:
        """Return the flags of the candidate that a trial runs; without repeats the trial's own."""
        return flags if self.repeats is None else self.repeats.point(flags)

    def varied(self, flags: Flags) -> dict[str, FlagValue]:
        """Return the flags of a trial that vary between trials.

        Where none varies, return all but those that are None.
        """
        fixed = self.fixed_names
        differing = {n: value for n, value in flags.items() if n not in fixed}
        return differing or {n: value for n, value in flags.items() if value is not None}

    @property
    def batch_operation(self) -> str:
        """The operation that the list of runs shows: ``train.py+`` for a grid, ``train.py+gp``."""
        if self.optimizer is None:
            return self.operation
        return f"{self.operation}+{'' if self.optimizer.name == 'grid' else self.optimizer.name}"


_names_in_rows: tuple[tuple[Mapping[str, FlagValue], ...], frozenset[str]] = ((), frozenset())
"""The rows that were looked through last, and their flags."""


def _differs(value: FlagValue, default: FlagValue) -> bool:
    return point_key(value) != point_key(default)
