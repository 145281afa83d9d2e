"""Expected improvement by the seconds that a trial is expected to take.

A process of the logarithm of the seconds, fitted as that of the costs is (Snoek, Larochelle and
Adams, 2012, "Practical Bayesian Optimization of Machine Learning Algorithms", § 3.2).
"""

from dataclasses import dataclass

import numpy as np

from tunesmith.search.gp.acquisition import Acquisition
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.prior import LONG
from tunesmith.search.gp.training_data import TrainingData

START_S = 1.0
"""Seconds that a trial takes beside its own, to be proposed, started and recorded: whether a
trial takes a tenth of a second or a hundredth hardly matters."""
MIN_TIMED = 3
"""With fewer trials whose seconds are known nothing is expected of the others."""
MAX_TIMED = 150
"""Trials from which seconds are predicted: of more, an even sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSeconds:
    """What trials are expected to take."""

    posterior: Posterior
    """Of the logarithm of the seconds, standardized."""
    mean: float
    sd: float

    @classmethod
    def of(cls, data: TrainingData) -> "TrialSeconds | None":
        """Return what the trials tell; None where too few seconds are known, or all are equal."""
        known = np.flatnonzero(np.isfinite(data.seconds))
        if len(known) < MIN_TIMED:
            return None
        if len(known) > MAX_TIMED:
            known = known[np.linspace(0, len(known) - 1, MAX_TIMED).round().astype(int)]
        logs = np.log(np.maximum(data.seconds[known], 0.0) + START_S)
        mean, sd = float(logs.mean()), float(logs.std())
        if sd <= np.finfo(float).eps * max(1.0, abs(mean)):
            return None
        rows, targets = data.rows[known], (logs - mean) / sd
        (found,) = data.fit(rows, targets, [LONG])
        return cls(posterior=Posterior.of(found, rows, targets[:, None]), mean=mean, sd=sd)

    def logs(self, at: Array) -> Array:
        """Return the expected logarithms of the seconds at points (m, d), shape (m,)."""
        means, _ = self.posterior.predict(at)
        logs: Array = self.mean + self.sd * means[:, 0]
        return logs

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return them at points (m, d), and their derivatives, shape (m, d)."""
        means, _, by_mean, _ = self.posterior.gradient(at)
        return self.mean + self.sd * means[:, 0], self.sd * by_mean[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerSecond:
    """The logarithm of an acquisition, less that of the expected seconds to a power."""

    acquisition: Acquisition
    seconds: TrialSeconds
    exponent: float

    def values(self, at: Array) -> Array:
        """Return the values at points (m, d)."""
        values: Array = self.acquisition.values(at) - self.exponent * self.seconds.logs(at)
        return values

    def gradient(self, at: Array) -> tuple[Array, Array]:
        """Return the values at points, and their derivatives."""
        values, slopes = self.acquisition.gradient(at)
        logs, by_logs = self.seconds.gradient(at)
        return values - self.exponent * logs, slopes - self.exponent * by_logs
