"""How a batch ended. Prefect is not imported here: the summary is imported before the flow."""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.ranking import Front
from tunesmith.stopping import ENDS
from tunesmith.trial import TrialRecord, TrialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """How a batch ended. Counts are of all its trials, earlier generations included."""

    batch: str
    end: str
    """Empty where all ran, else ``exhausted``, ``stopped``, ``failures``, ``no-objective``, or the
    limit that was reached (``stopping.ENDS``)."""
    reason: str = ""
    """Why it was stopped."""
    stopped: float
    """Seconds since 1970, UTC."""
    seconds: float
    """Wall time of this generation."""
    n_run: int
    """Trials that this generation ran."""
    n_failed: int = 0
    """How many of them failed or were ended."""
    n_cut: int = 0
    """Trials that ``--max-time`` ended while they ran: they have not failed."""
    n_tasks: int
    """Prefect's task runs: proposals, trials and the report."""
    counts: Mapping[TrialStatus, int]
    best: TrialRecord | None
    front: Front[TrialRecord] | None = None
    """With several objectives the trials that no other one beats; else None."""
    nearest: TrialRecord | None = None
    """Where no trial meets the constraints, the one that misses them by least; else None."""
    silent: TrialRecord | None = None
    """The first completed trial if none reported the objective; else None."""
    n_outside: int = 0
    """Trials outside the space that is searched since a restart, which cannot be the best."""
    pruning_advice: str = ""
    """What ``--prune`` would have done, where it was not asked for; empty where that is not
    known."""
    flow_run: str = ""
    """The id of the flow run; empty where it is not known."""
    is_server_lost: bool = False
    """Whether the Prefect server was unavailable at the end; the store has everything."""

    @property
    def has_failures(self) -> bool:
        """Whether any trial failed or was ended, otherwise than by a limit of the batch."""
        n = sum(count for status, count in self.counts.items() if status.is_failed)
        return n > self.n_cut

    @property
    def is_failed(self) -> bool:
        """Whether the batch has failed: for failures, for want of an objective, or in every trial.

        Only trials of this generation count, since a restarted batch may have good earlier ones. A
        batch that somebody stopped has not failed.
        """
        if self.end == "stopped":
            return False
        if self.end in ENDS:
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
