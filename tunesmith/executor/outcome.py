"""How a batch ended. Prefect is not imported here: the summary needs it before the flow runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.trial import TrialRecord, TrialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """How a batch ended. Counts are of all its trials, earlier generations included."""

    batch: str
    end: str
    """Empty where all ran, else ``exhausted``, ``stopped``, ``failures`` or ``no-objective``."""
    reason: str = ""
    """Why it was stopped."""
    stopped: float
    """Seconds since 1970, UTC."""
    seconds: float
    """Wall time of this generation."""
    n_run: int
    """Trials that this generation ran."""
    n_failed: int = 0
    """Those of them that failed or were ended."""
    n_tasks: int
    """Task runs that Prefect was given: proposals and trials, and the report that follows."""
    counts: Mapping[TrialStatus, int]
    best: TrialRecord | None
    silent: TrialRecord | None = None
    """The first completed trial, where none of them reported the objective; else None."""
    n_outside: int = 0
    """Trials outside of the space that is searched since a restart: none of them is the best."""
    is_server_lost: bool = False
    """Whether the Prefect server was gone at the end; the store has everything all the same."""

    @property
    def has_failures(self) -> bool:
        """Whether any trial failed or was ended."""
        return any(
            count for status, count in self.counts.items() if status is not TrialStatus.COMPLETED
        )

    @property
    def is_failed(self) -> bool:
        """Whether the batch gave nothing of what it was to find.

        It ended for failures, never had its objective, or every trial of this generation failed:
        a sweep that goes on with its last batch may have good trials of better days. A batch that
        somebody stopped has not failed.
        """
        if self.end == "stopped":
            return False
        is_barren = self.n_failed >= self.n_run if self.n_run else self._has_only_failures
        return is_barren or self.end in ("failures", "no-objective")

    @property
    def _has_only_failures(self) -> bool:
        return self.has_failures and not self.counts.get(TrialStatus.COMPLETED)

    def describe(self) -> str:
        """Return the counts in words: ``9 completed, 1 error``."""
        counts = ", ".join(f"{count} {status}" for status, count in self.counts.items() if count)
        return counts or "no trials"
