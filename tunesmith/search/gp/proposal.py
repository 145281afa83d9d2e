"""One proposal of the Gaussian process: fitted to the trials, and its acquisition maximized."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.gp.acquisition import (
    Acquisition,
    ExpectedImprovement,
    LowerBound,
    Mixture,
    ProbabilityOfImprovement,
    incumbents,
)
from tunesmith.search.gp.acquisition_config import AcquisitionConfig
from tunesmith.search.gp.believed import believed
from tunesmith.search.gp.feasibility import feasible
from tunesmith.search.gp.fit import Fit
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.maximize import best_rows, maximize
from tunesmith.search.gp.per_second import PerSecond, TrialSeconds
from tunesmith.search.gp.plateaus import off_plateaus
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.prior import LONG, SHORT, WIGGLY, Prior
from tunesmith.search.gp.sampling import MAX_FITTED, sampled
from tunesmith.search.gp.training_data import TrainingData

PRIORS: tuple[Prior, ...] = (LONG, SHORT, WIGGLY)
"""One model each, with the same share before anything is known: a single fit commits to a wrong
lengthscale on functions of many valleys."""
MANY_RESULTS = 50
OPEN_PRIORS = tuple(replace(prior, noise_sd=3.0) for prior in PRIORS)
"""The priors with more results than that, which tell themselves how much noise there is. Of few,
the narrow prior keeps a search from trusting small differences; of many, it would let one take
small gains for chance where there is no noise at all."""
TEMPERING = 0.5
"""The power of the likelihoods by which the shares change: below 1, since hyper-parameters that
were fitted to the data flatter them."""
LEAST_LOG_SHARE = -9.0
"""The logarithm of the share below which a model is left out: it would cost as much time as the
others, and change nothing."""
N_FANTASIES = 16
"""Joint samples of the pending trials' results, over which an acquisition is averaged."""
MANY = 200
N_SPREAD, N_SPREAD_OF_MANY = 9, 8
"""Points over the whole space that are ranked, as powers of two: up to ``MANY`` trials, and with
more, when each costs more time and less is unknown."""
MAX_CONDITIONED = 1000
"""Trials that the posterior is conditioned on; of more, the best third and an even sample of the
others: the time grows with their number cubed."""
MAX_FAILED = 300
"""Failed trials near which no information is expected; of more, an even sample, since each costs
time."""
N_BEST = 5
"""Trials with the lowest costs, around which points are perturbed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPoint:
    """A point, with the posterior there in the unit of the costs."""

    flags: dict[str, FlagValue]
    mean: float
    sd: float
    acquisition: float
    """The acquisition's value: of EI and PI the logarithm, of LCB minus the bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models that are likely given the data, conditioned on the results."""

    posteriors: tuple[Posterior, ...]
    log_shares: Array
    """Shape (k,): the logarithms of their shares, which sum to 1."""
    evidence: float
    """The highest log likelihood of the results, up to the same constant for all models of
    them."""

    @classmethod
    def of(
        cls,
        data: TrainingData,
        config: AcquisitionConfig,
        priors: Sequence[Prior] | None = None,
    ) -> "Models":
        """Return the models of the trials (Bayesian model averaging).

        Args:
            data: The trials.
            config: Whose noise counts, where it gives one.
            priors: One for each model; None for those of a proposal.
        """
        if priors is None:
            priors = PRIORS if len(data.rows) <= MANY_RESULTS else OPEN_PRIORS
        values, every = data.targets.values, np.arange(len(data.rows))
        basis = sampled(values, MAX_FITTED, every)
        fits = data.fit(data.rows[basis], values[basis], priors)
        shares = _log_shares(fits)
        likely = np.flatnonzero(shares > LEAST_LOG_SHARE)
        chosen = sampled(values, MAX_CONDITIONED, every)
        rows, targets = data.rows[chosen], values[chosen][:, None]
        posteriors = [Posterior.of(_with_noise(fits[k], config), rows, targets) for k in likely]
        return cls(
            posteriors=tuple(posteriors),
            log_shares=_normalized(shares[likely]),
            evidence=max(one.evidence for one in fits),
        )

    @property
    def noise(self) -> float:
        """The variance of the noise on average, in squared units of the targets."""
        return float(np.exp(self.log_shares) @ [model.noise for model in self.posteriors])

    def predict(self, at: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation of the mixture, shape (m,) each, at (m, d)."""
        shares = np.exp(self.log_shares)
        found = [model.predict(at) for model in self.posteriors]
        means = np.array([mean[:, 0] for mean, _ in found])
        variances = np.array([variance for _, variance in found])
        mean: Array = shares @ means
        return mean, np.sqrt(np.maximum(shares @ (variances + means**2) - mean**2, 0.0))


def rank(
    data: TrainingData,
    models: Models,
    config: AcquisitionConfig,
    generator: np.random.Generator,
    *,
    ahead: Sequence[Array] = (),
    again: Sequence[Array] = (),
) -> Iterator[RankedPoint]:
    """Yield points by their acquisition, the highest first.

    Args:
        data: The trials so far.
        models: Of them.
        config: Which acquisition function, and with which parameters.
        generator: The random numbers of this trial.
        ahead: Rows, shape (d,) each, that come before them, whatever their acquisition.
        again: Rows of trials that are ranked among them.
    """
    posteriors = [_with_fantasies(model, data, generator) for model in models.posteriors]
    parts = tuple(_acquisition(one, data, config) for one in posteriors)
    acquisition = feasible(data, Mixture(parts=parts, log_weights=models.log_shares))
    seconds = TrialSeconds.of(data) if config.per_second else None
    if seconds is not None:
        acquisition = PerSecond(
            acquisition=acquisition, seconds=seconds, exponent=config.per_second
        )
    acquisition = believed(acquisition, data)
    best = best_rows(data.rows, data.ranked_targets, N_BEST)
    n_spread = N_SPREAD if len(data.rows) <= MANY else N_SPREAD_OF_MANY
    ranked = maximize(acquisition, data.cube, best, generator, n_spread=n_spread)
    if again:
        ranked = np.vstack([ranked, *again])
        ranked = ranked[np.argsort(-acquisition.values(ranked), kind="stable")]
    else:  # as far as is known there is no noise, so that equal results are no chance
        ranked = off_plateaus(ranked, data)
    for row in (*ahead, *ranked):
        mean, sd = predictions(models, data, row[None, :])[0]
        value = float(acquisition.values(row[None, :])[0])
        yield RankedPoint(flags=data.cube.flags(row), mean=mean, sd=sd, acquisition=value)


def predictions(models: Models, data: TrainingData, rows: Array) -> list[tuple[float, float]]:
    """Return mean and standard deviation, in the unit of the costs, at rows (m, d)."""
    means, sds = models.predict(rows)
    pairs = zip(means.tolist(), sds.tolist(), strict=True)
    targets = data.targets
    return [(targets.to_cost(mean), targets.to_cost_sd(mean, sd)) for mean, sd in pairs]


def _with_noise(fitted: Fit, config: AcquisitionConfig) -> Fit:
    return fitted if config.noise is None else replace(fitted, noise=config.noise)


def _log_shares(fits: Sequence[Fit]) -> Array:
    return _normalized(np.array([TEMPERING * one.evidence for one in fits]))


def _normalized(logs: Array) -> Array:
    """Return logarithms of numbers, shifted so that the numbers sum to 1."""
    shifted = logs - logs.max()
    normalized: Array = shifted - np.log(np.exp(shifted).sum())
    return normalized


def to_improve_on(model: Posterior, data: TrainingData) -> Array:
    """Return the value to improve on in each fantasy, of the trials that meet the constraints.

    Where none does it counts for nothing.
    """
    if data.holds.all():
        return incumbents(model)
    if not data.holds.any():
        return np.zeros(model.targets.shape[1])
    means, _ = model.predict(data.rows[data.holds])
    best: Array = np.maximum(means.min(0), data.targets.values[data.holds].min())
    return best


def _with_fantasies(
    model: Posterior, data: TrainingData, generator: np.random.Generator
) -> Posterior:
    """Return the model with fantasies of the pending trials, and no variance at failed ones."""
    model = _without_failed(model, data)
    if not len(data.pending):
        return model
    return model.fantasize(data.pending, N_FANTASIES, generator)


def _without_failed(model: Posterior, data: TrainingData) -> Posterior:
    """Return the model with no variance at failed trials.

    One that failed would give no result again; the mean, which says how good its surroundings are,
    stays as it is.
    """
    if not len(data.failed):
        return model
    sample = np.linspace(0, len(data.failed) - 1, min(len(data.failed), MAX_FAILED))
    return model.believe(data.failed[sample.round().astype(int)])


def believing(model: Posterior, data: TrainingData) -> Posterior:
    """Return the model that takes the pending trials to give what it expects of them."""
    model = _without_failed(model, data)
    return model.believe(data.pending) if len(data.pending) else model


def _acquisition(model: Posterior, data: TrainingData, config: AcquisitionConfig) -> Acquisition:
    if config.acquisition == "LCB":
        return LowerBound(posterior=model, kappa=config.kappa)
    best = to_improve_on(model, data)
    if config.acquisition == "PI":
        return ProbabilityOfImprovement(posterior=model, incumbents=best - config.xi)
    if config.acquisition == "EI":
        return ExpectedImprovement(posterior=model, incumbents=best - config.xi)
    return ExpectedImprovement(posterior=model, incumbents=best, noise=model.noise)
