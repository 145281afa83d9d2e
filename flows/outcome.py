"""How a batch ended. Prefect is not imported here: the summary needs it before the flow runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.trial import TrialRecord, TrialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """How a batch ended. Counts are of all its trials, earlier generations included."""

    batch: str
    end: str
    """Empty where all ran, else ``exhausted``, ``stopped`` or ``failures``."""
    reason: str = ""
    """Why it was stopped."""
    stopped: float
    """Seconds since 1970, UTC."""
    seconds: float
    """Wall time of this generation."""
    n_run: int
    """Trials that this generation ran."""
    n_tasks: int
    """Task runs that Prefect was given: proposals and trials, and the report that follows."""
    counts: Mapping[TrialStatus, int]
    best: TrialRecord | None
    is_server_lost: bool = False
    """Whether the Prefect server was gone at the end; the store has everything all the same."""

    @property
    def has_failures(self) -> bool:
        """Whether any trial failed or was ended."""
        return any(
            count for status, count in self.counts.items() if status is not TrialStatus.COMPLETED
        )

    def describe(self) -> str:
        """Return the counts in words: ``9 completed, 1 error``."""
        counts = ", ".join(f"{count} {status}" for status, count in self.counts.items() if count)
        return counts or "no trials"
