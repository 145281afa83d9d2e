"""Trials and runs: one execution of the script, its status, and what is recorded of it."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tunesmith.flags.display import format_flags, format_value, shortened
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Objective
from tunesmith.pruning import Pruned
from tunesmith.scalar import ScalarSummary

MAX_ROWS = 20
"""The most flags, and scalars, that the table of a trial lists."""


class TrialStatus(StrEnum):
    """The status of a run. Only a finished one is ever recorded; the others are derived."""

    PENDING = "pending"
    """Planned, not started."""
    RUNNING = "running"
    """Started, and its batch is alive."""
    COMPLETED = "completed"
    """Ended with exit code 0."""
    ERROR = "error"
    """Ended with another exit code."""
    TERMINATED = "terminated"
    """Ended by a signal, a stop or a timeout, or with the process of its batch."""
    PRUNED = "pruned"
    """Stopped early since it was unlikely to become the best."""

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended."""
        return self not in (TrialStatus.PENDING, TrialStatus.RUNNING)

    @property
    def is_failed(self) -> bool:
        """Whether the run has ended otherwise than it should; a pruned one has not failed."""
        return self in (TrialStatus.ERROR, TrialStatus.TERMINATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A model's prediction for a trial before it ran, in the objective's sign and unit."""

    mean: float
    sd: float
    acquisition: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTrial:
    """A proposed trial, written to the store before it starts."""

    number: int
    """Counts from 1 within its batch; 0 for a single run."""
    flags: Mapping[str, FlagValue]
    """Every flag of the script, fixed ones too."""
    origin: str
    """Where the point came from: ``grid``, ``random``, ``initial``, ``random-start``, ``gp``, …"""
    prediction: Prediction | None = None
    is_asked: bool = False
    """Whether somebody asked for it, to run it by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """What the runs of one candidate came to, of which the trial that stands for it has means."""

    numbers: tuple[int, ...]
    """The numbers of its trials."""
    values: tuple[float, ...]
    """The objective of each that completed and reported it."""
    n_ended: int
    """How many of its runs have ended, however."""
    se: float | None
    """The standard error of the mean; None of fewer than two finite values."""
    expected: float | None = None
    """The mean that is expected of further runs: a candidate that looks better than all others is
    partly lucky. None where it is not compared with others."""
    sd: float = math.nan
    """How uncertain that is, as a standard deviation; NaN where no candidate ran twice."""
    noise_sd: float = math.nan
    """The standard deviation of one run; NaN as above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """One finished attempt of one trial: the row that the store keeps.

    Times are seconds since 1970, UTC. A completed trial has exit code 0; any other has the exit
    code, the signal or the reason of its end.

    Raises:
        ValueError: The status does not fit the exit code, or is not a finished one.
    """

    id: str
    batch: str
    """The batch's id; for a single run its own id."""
    number: int
    attempt: int
    """Counts from 1; a trial that was interrupted, or is run again, gets the next one."""
    operation: str
    """What the list of runs shows: the script's name."""
    script: str
    """The script's path within its project."""
    status: TrialStatus
    exit_code: int | None = None
    signal: int | None = None
    reason: str = ""
    """Why we ended it, or a hint why it ended; empty for an ordinary end."""
    started: float
    stopped: float
    seconds: float
    """Wall time by a monotonic clock."""
    cpu_seconds: float | None = None
    max_rss_bytes: int | None = None
    label: str = ""
    tags: tuple[str, ...] = ()
    source_digest: str = ""
    host: str = ""
    command: str = ""
    """The command that was run, quoted for a shell."""
    origin: str = ""
    objective: float | None = None
    """None where the script did not report it; NaN and infinities as reported."""
    flags: Mapping[str, FlagValue] = field(default_factory=dict)
    scalars: Mapping[str, ScalarSummary] = field(default_factory=dict)
    """A summary for each tag that the script reported."""
    units: Mapping[str, str] = field(default_factory=dict)
    """What the steps of a tag count, as ``epoch``, where that is known."""
    prediction: Prediction | None = None
    pruned: Pruned | None = None
    """Of a pruned trial, when it was stopped, and what models are told of it."""
    repeated: Repeated | None = None
    """Of a record that stands for all runs of a candidate, what they came to; never stored."""

    def __post_init__(self) -> None:
        if not self.status.is_finished:
            raise ValueError(f"a {self.status} trial is not recorded: only finished ones are")
        if (self.status is TrialStatus.COMPLETED) != (self.exit_code == 0 and not self.reason):
            raise ValueError(
                f"a trial with exit code {self.exit_code} and reason {self.reason!r} "
                f"is not {self.status}"
            )

    def __repr__(self) -> str:
        """Return the trial in a few words; the fields say the rest."""
        value = "" if self.objective is None else f" {format_value(self.objective)}"
        flags = f" {shortened(format_flags(self.flags))}".rstrip()
        return f"<Trial {self.number} {short_id(self.id)} {self.status}{value}{flags}>"

    def _repr_html_(self) -> str:
        """Return the trial as a table for a notebook: how it ended, its flags and scalars."""
        from html import escape  # only a notebook needs it

        flags = [(f"{name}=", format_value(value)) for name, value in self.flags.items()]
        scalars = [(tag, format_value(one.last)) for tag, one in self.scalars.items()]
        end = f"{self.status} {self.reason}".rstrip()
        rows = [("trial", f"{self.number} ({short_id(self.id)})"), ("status", end)]
        rows += [*flags[:MAX_ROWS], *scalars[:MAX_ROWS]]
        cells = (f"<tr><th>{escape(one)}</th><td>{escape(two)}</td></tr>" for one, two in rows)
        return f"<table>{''.join(cells)}</table>"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """How far a batch is: the number of its trials by status, and its best one."""

    total: int | None
    """Trials that it will have; None where that is not known."""
    counts: Mapping[TrialStatus, int]
    best_number: int | None = None
    best_objective: float | None = None
    is_alive: bool = False
    """Whether a process holds the batch's lease."""

    @property
    def n_finished(self) -> int:
        """The number of trials that have ended."""
        return sum(count for status, count in self.counts.items() if status.is_finished)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One row of the list of runs: a single run, a trial, or a batch, with every edit applied."""

    id: str
    batch: str
    number: int
    """The trial's number; 0 for a batch and for a single run."""
    attempt: int = 1
    operation: str
    script: str
    status: TrialStatus
    exit_code: int | None = None
    signal: int | None = None
    reason: str = ""
    started: float | None = None
    """None while it is pending. A batch keeps its first start."""
    stopped: float | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    max_rss_bytes: int | None = None
    label: str = ""
    tags: tuple[str, ...] = ()
    source_digest: str = ""
    host: str = ""
    command: str = ""
    origin: str = ""
    objective: float | None = None
    flags: Mapping[str, FlagValue] = field(default_factory=dict)
    scalars: Mapping[str, ScalarSummary] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    prediction: Prediction | None = None
    pruned: Pruned | None = None
    repeated: Repeated | None = None
    """Of a row that stands for all runs of a candidate, what they came to."""
    progress: BatchProgress | None = None
    """Set for a batch only."""
    is_deleted: bool = False

    @property
    def is_batch(self) -> bool:
        """Whether the row stands for a batch rather than for one execution of the script."""
        return self.progress is not None

    @property
    def is_trial(self) -> bool:
        """Whether the row is one trial of a batch."""
        return not self.is_batch and self.batch != self.id


def seen_by(record: TrialRecord, objective: Objective) -> TrialRecord:
    """Return a record with another objective, which was named after the trial had run.

    Its value is read from the trial's scalars; the prediction and the estimate of a pruned trial,
    which are of the old objective, are dropped.
    """
    value = objective.read(record)
    if repr(value) == repr(record.objective):  # NaN is NaN
        return record
    pruned = record.pruned and replace(record.pruned, estimate=None)
    return replace(record, objective=value, prediction=None, pruned=pruned)


def trial_id(batch: str, number: int) -> str:
    """Return the id of a batch's trial, derived from both, so that it is always the same.

    Number 0 stands for the batch itself: a single run is recorded under its batch's id.
    """
    if number == 0:
        return batch
    return hashlib.blake2s(f"{batch}:{number}".encode(), digest_size=16).hexdigest()


def short_id(run_id: str) -> str:
    """Return the eight characters by which an id is shown."""
    return run_id[:8]
