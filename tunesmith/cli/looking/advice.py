"""The recommended trial of a batch, for the commands that show a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.query.cells import format_expected
from tunesmith.search.recommendation import Posterior, recommend
from tunesmith.trial import Run, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A recommended trial, and what the model expects of it in the objective's unit."""

    trial: Run | TrialRecord
    mean: float
    sd: float

    @property
    def expected(self) -> str:
        """The expectation for display: ``-0.79 ± 0.05``."""
        return format_expected(self.mean, self.sd)

    def to_plain(self) -> dict[str, Any]:
        """Return a JSON object."""
        trial = self.trial
        return {"id": trial.id, "number": trial.number, "mean": self.mean, "sd": self.sd}


def advise(
    spec: BatchSpec,
    trials: Sequence[Run | TrialRecord],
    *,
    posterior: Posterior | None = None,
) -> Advice | None:
    """Return the recommended trial of a batch; None if none is recommended.

    Args:
        spec: The specification of the batch.
        trials: The trials of the batch; those of other batches are ignored.
        posterior: The model; None for the Gaussian process.
    """
    found = recommend(spec, trials, posterior=posterior)
    if found is None:
        return None
    trial = next(one for one in trials if one.batch == spec.id and one.number == found.number)
    return Advice(trial=trial, mean=found.mean, sd=found.sd)
