"""Whether a batch is to end early, judged by the trials that have ended."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from tunesmith.batch import BatchSpec
from tunesmith.objective import Objective
from tunesmith.query.cells import count
from tunesmith.ranking import silent_trials
from tunesmith.search.registry import is_sequential
from tunesmith.trial import TrialRecord, TrialStatus

N_ALIKE = 3
"""Number of trials that must fail the same way, before any completes, to end a batch."""
MAX_LINE = 120
"""Maximum number of characters of a trial's last line in a verdict."""

_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?=:( |$))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a batch is to end."""

    end: str
    """``failures`` or ``no-objective``."""
    reason: str
    """One line, without output of the script, since Prefect may show it."""
    detail: str = ""
    """The last line of a trial's output, which stays on this machine."""
    mend: str = ""
    """The option with which the batch would continue."""

    @property
    def text(self) -> str:
        """The whole message, for whoever started the batch."""
        told = f"{self.reason}: {self.detail}" if self.detail else self.reason
        return f"{told}; {self.mend}" if self.mend else told


def judge(
    spec: BatchSpec,
    ended: Sequence[TrialRecord],
    records: Collection[TrialRecord],
    last_line: Callable[[TrialRecord], str],
) -> Verdict | None:
    """Return why a batch is to end now; None if it is not.

    Args:
        spec: The batch.
        ended: The trials of this generation, in the order of their ends.
        records: The latest record of every finished trial, earlier generations included.
        last_line: Returns the last line of a trial's output; empty if there is none.
    """
    return (
        _of_failures(spec, ended)
        or _of_failures_alike(spec, ended, records, last_line)
        or _of_objective(spec, records)
    )


def judge_end(spec: BatchSpec, records: Collection[TrialRecord]) -> Verdict | None:
    """Return what is wrong with a batch whose trials have all run: none reported the objective."""
    return _of_objectives(spec, records, n_needed=1)


def _of_failures(spec: BatchSpec, ended: Sequence[TrialRecord]) -> Verdict | None:
    execution = spec.execution
    limit = 1 if execution.is_fatal_on_error else execution.max_failures
    n_failed = sum(record.status.is_failed for record in ended)
    if limit is None or n_failed < limit:
        return None
    return Verdict(end="failures", reason=f"{count(n_failed, 'trial')} failed")


def _of_failures_alike(
    spec: BatchSpec,
    ended: Sequence[TrialRecord],
    records: Collection[TrialRecord],
    last_line: Callable[[TrialRecord], str],
) -> Verdict | None:
    """Judge the first trials of a batch, if none has completed."""
    is_told = spec.execution.max_failures is not None or spec.execution.is_fatal_on_error
    if is_told or spec.is_single or len(ended) != N_ALIKE:
        return None
    if not all(record.status.is_failed for record in records):
        return None
    lines = [last_line(record) for record in ended]
    ways = {_way(record, line) for record, line in zip(ended, lines, strict=True)}
    if len(ways) > 1:
        return None
    return Verdict(
        end="failures",
        reason=f"the first {N_ALIKE} trials failed the same way",
        detail=lines[-1][:MAX_LINE],
        mend="--max-failures N goes on until N have failed",
    )


def _way(record: TrialRecord, line: str) -> tuple[object, ...]:
    """Return what trials that fail the same way have in common.

    Of an exception this is its name: its message may contain the trial's own values.
    """
    if record.reason:
        return record.exit_code, record.signal, record.reason
    exception = _EXCEPTION.match(line)
    return record.exit_code, record.signal, exception.group() if exception else line


def _of_objective(spec: BatchSpec, records: Collection[TrialRecord]) -> Verdict | None:
    """Judge by the first completed trial; by the first two where several run at once."""
    return _of_objectives(spec, records, n_needed=1 if spec.execution.jobs == 1 else 2)


def _of_objectives(
    spec: BatchSpec, records: Collection[TrialRecord], *, n_needed: int
) -> Verdict | None:
    """Return the verdict on the first objective that so many trials lack, and none reported."""
    silent = _silent(spec, records)
    if len(silent) >= n_needed:
        return _no_objective(spec.objective, silent)
    completed = sorted(
        (one for one in records if one.status is TrialStatus.COMPLETED),
        key=lambda one: one.number,
    )
    for objective in spec.more_objectives:
        if len(completed) >= n_needed and all(objective.read(one) is None for one in completed):
            return _no_objective(objective, completed)
    return None


def _silent(spec: BatchSpec, records: Collection[TrialRecord]) -> list[TrialRecord]:
    """Return the completed trials without the objective; none if any trial reported it.

    A random search whose objective nobody named is of use even if its trials report nothing. If
    they report other scalars, one of those was meant.
    """
    silent = [*silent_trials(records)]
    if _needs_objective(spec):
        return silent
    return [record for record in silent if spec.has_distributions and record.scalars]


def _needs_objective(spec: BatchSpec) -> bool:
    """Return whether trials without the objective make the batch pointless.

    Of a grid or a random search whose objective nobody has named, the table may be of use.
    """
    is_named = spec.objective_named_in is not None or spec.objective != Objective()
    return spec.optimizer is not None and (is_named or is_sequential(spec.optimizer))


def _no_objective(objective: Objective, silent: Sequence[TrialRecord]) -> Verdict:
    first = silent[0]
    reason = f"trial {first.number} {objective.describe_missing(first.scalars)}"
    return Verdict(end="no-objective", reason=reason)
