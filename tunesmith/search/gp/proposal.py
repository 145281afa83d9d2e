"""One proposal of the Gaussian process: told, fitted, asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tunesmith.flags.values import FlagValue
from tunesmith.search.gp.acquisition import (
    Acquisition,
    ExpectedImprovement,
    Feasible,
    LowerBound,
    Mixture,
    ProbabilityOfImprovement,
    incumbents,
)
from tunesmith.search.gp.cube import Cube
from tunesmith.search.gp.fit import Fit, fit
from tunesmith.search.gp.kernel import Array
from tunesmith.search.gp.maximize import best_rows, maximize
from tunesmith.search.gp.posterior import Posterior
from tunesmith.search.gp.prior import LONG, SHORT, WIGGLY, Prior
from tunesmith.search.gp.targets import Targets
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace

PRIORS: tuple[Prior, ...] = (LONG, SHORT, WIGGLY)
"""One model each, with the same share before anything is known: a single fit commits to a wrong
lengthscale on functions of many valleys."""
TEMPERING = 0.5
"""The power of the likelihoods by which the shares change: below 1, since hyper-parameters that
were fitted to the data flatter them."""
LEAST_LOG_SHARE = -9.0
"""The logarithm of the share below which a model is not asked."""
N_FANTASIES = 16
MANY = 200
N_SPREAD, N_SPREAD_OF_MANY = 9, 8
"""Points over the whole space that are ranked, as powers of two: up to ``MANY`` trials, and then,
when each costs more and less is unknown."""
MAX_FITTED = 150
"""Trials from which hyper-parameters are estimated; all of them count for the posterior."""
MAX_TOLD = 1000
"""Trials that the posterior knows; of more, the best third and an even sample of the others."""
MAX_FAILED = 300
"""Failed trials near which nothing is looked for: of more an even sample, since all cost time."""
N_BEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a space: results, failures, and trials that run now."""

    cube: Cube
    rows: Array
    """Shape (n, d): the trials with a result."""
    targets: Targets
    numbers: tuple[int, ...]
    """Shape (n,): the trials' numbers, 0 for those of other batches."""
    failed: Array
    """Shape (f, d): the trials without one."""
    pending: Array
    """Shape (p, d)."""

    @classmethod
    def of(
        cls,
        space: SearchSpace,
        trials: Sequence[Observation],
        pending: Sequence[Mapping[str, FlagValue]] = (),
    ) -> "Told | None":
        """Return what is known, points outside of the space left out; None without a result."""
        cube = Cube(space)
        results, numbers, failed = [], [], []
        costs: list[float] = []
        for trial in trials:
            row = cube.row(trial.flags)
            if row is None:
                continue
            if trial.cost is None:
                failed.append(row)
                continue
            results.append(row)
            costs.append(trial.cost)
            numbers.append(trial.number)
        if not results:
            return None
        known = (row for flags in pending if (row := cube.row(flags)) is not None)
        d = len(cube.dimensions)
        return cls(
            cube=cube,
            rows=np.array(results),
            targets=Targets.of(np.array(costs, dtype=float)),
            numbers=tuple(numbers),
            failed=np.array(failed).reshape(-1, d),
            pending=np.array(list(known)).reshape(-1, d),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which acquisition is asked for, and how the noise is known."""

    acquisition: str = "AEI"
    """``AEI`` (expected improvement, augmented for noise), ``EI``, ``PI`` or ``LCB``."""
    kappa: float = 1.96
    xi: float = 0.05
    """The improvement that EI and PI ask for, in standard deviations of the targets."""
    noise: float | None = None
    """The variance of the noise, in units of the targets' variance; None to estimate it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A point that the model would try, with what it expects there, in the unit of the costs."""

    flags: dict[str, FlagValue]
    mean: float
    sd: float
    worth: float
    """The acquisition's value: of EI and PI the logarithm, of LCB minus the bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models that the data do not speak against, told of the results."""

    posteriors: tuple[Posterior, ...]
    log_shares: Array
    """Shape (k,): the logarithms of their shares, which sum to 1."""

    @classmethod
    def of(cls, told: Told, wish: Wish) -> "Models":
        """Return the models of what is known (Bayesian model averaging)."""
        values, every = told.targets.values, np.arange(len(told.rows))
        basis = _chosen(values, MAX_FITTED, every)
        fits = fit(told.rows[basis], values[basis], told.cube.is_categorical, PRIORS)
        shares = _log_shares(fits)
        likely = np.flatnonzero(shares > LEAST_LOG_SHARE)
        chosen = _chosen(values, MAX_TOLD, every)
        rows, targets = told.rows[chosen], values[chosen][:, None]
        posteriors = [Posterior.of(_with_noise(fits[k], wish), rows, targets) for k in likely]
        return cls(posteriors=tuple(posteriors), log_shares=_normalized(shares[likely]))

    def predict(self, at: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation of the mixture, shape (m,) each, at (m, d)."""
        shares = np.exp(self.log_shares)
        found = [model.predict(at) for model in self.posteriors]
        means = np.array([mean[:, 0] for mean, _ in found])
        variances = np.array([variance for _, variance in found])
        mean: Array = shares @ means
        return mean, np.sqrt(np.maximum(shares @ (variances + means**2) - mean**2, 0.0))


def rank(
    told: Told, wish: Wish, generator: np.random.Generator, *, ahead: Sequence[Array] = ()
) -> Iterator[Ranked]:
    """Yield the points that are most worth trying, the best one first.

    Args:
        told: What is known.
        wish: Which acquisition.
        generator: The random numbers of this trial.
        ahead: Rows that come before them, whatever the model thinks of them.
    """
    models = Models.of(told, wish)
    worlds = [_imagined(model, told, generator) for model in models.posteriors]
    parts = tuple(_worth(one, wish) for one in worlds)
    acquisition = _feasible(told, Mixture(parts=parts, log_weights=models.log_shares))
    best = best_rows(told.rows, told.targets.values, N_BEST)
    n_spread = N_SPREAD if len(told.rows) <= MANY else N_SPREAD_OF_MANY
    ranked = maximize(acquisition, told.cube, best, generator, n_spread=n_spread)
    for row in (*ahead, *ranked):
        mean, sd = predictions(models, told, row[None, :])[0]
        worth = float(acquisition.values(row[None, :])[0])
        yield Ranked(flags=told.cube.flags(row), mean=mean, sd=sd, worth=worth)


def posterior_at_trials(
    space: SearchSpace, trials: Sequence[Observation]
) -> list[tuple[int, float, float]]:
    """Return number, mean and standard deviation of the batch's own trials with a result.

    The mean and the standard deviation are those of the function without noise, in the unit of
    the costs.
    """
    told = Told.of(space, trials)
    if told is None or len(told.rows) < 2:
        return []
    expected = predictions(Models.of(told, Wish()), told, told.rows)
    return [
        (number, mean, sd)
        for number, (mean, sd) in zip(told.numbers, expected, strict=True)
        if number
    ]


def predictions(models: Models, told: Told, rows: Array) -> list[tuple[float, float]]:
    """Return mean and standard deviation, in the unit of the costs, at rows (m, d)."""
    means, sds = models.predict(rows)
    pairs = zip(means.tolist(), sds.tolist(), strict=True)
    targets = told.targets
    return [(targets.to_cost(mean), targets.to_cost_sd(mean, sd)) for mean, sd in pairs]


def _with_noise(fitted: Fit, wish: Wish) -> Fit:
    return fitted if wish.noise is None else replace(fitted, noise=wish.noise)


def _log_shares(fits: Sequence[Fit]) -> Array:
    return _normalized(np.array([TEMPERING * one.evidence for one in fits]))


def _normalized(logs: Array) -> Array:
    """Return logarithms of numbers, shifted so that the numbers sum to 1."""
    shifted = logs - logs.max()
    normalized: Array = shifted - np.log(np.exp(shifted).sum())
    return normalized


def _imagined(model: Posterior, told: Told, generator: np.random.Generator) -> Posterior:
    """Return the model with fantasies of the pending trials, and nothing to learn of failed ones.

    Where a trial has failed there is no result to hope for; the mean, which says how good its
    surroundings are, stays as it is.
    """
    if len(told.failed):
        sample = np.linspace(0, len(told.failed) - 1, min(len(told.failed), MAX_FAILED))
        model = model.believe(told.failed[sample.round().astype(int)])
    if not len(told.pending):
        return model
    return model.fantasize(told.pending, N_FANTASIES, generator)


def _worth(model: Posterior, wish: Wish) -> Acquisition:
    if wish.acquisition == "LCB":
        return LowerBound(posterior=model, kappa=wish.kappa)
    best = incumbents(model)
    if wish.acquisition == "PI":
        return ProbabilityOfImprovement(posterior=model, incumbents=best - wish.xi)
    if wish.acquisition == "EI":
        return ExpectedImprovement(posterior=model, incumbents=best - wish.xi)
    return ExpectedImprovement(posterior=model, incumbents=best, noise=model.noise)


def _feasible(told: Told, worth: Acquisition) -> Acquisition:
    """Return the worth times the chance that a trial does not fail, where any has failed."""
    if not len(told.failed):
        return worth
    rows = np.vstack([told.rows, told.failed])
    labels = np.concatenate([np.ones(len(told.rows)), -np.ones(len(told.failed))])
    every = np.arange(len(rows))
    chosen = _chosen(-labels, MAX_FITTED, every)
    (found,) = fit(rows[chosen], labels[chosen], told.cube.is_categorical, [SHORT])
    return Feasible(worth=worth, labels=Posterior.of(found, rows[chosen], labels[chosen][:, None]))


def _chosen(
    values: Array, most: int, every: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the places of the best third of ``most`` values and of an even sample of the rest."""
    if len(every) <= most:
        return every
    order = np.argsort(values, kind="stable")
    n_best = most // 3
    rest = np.sort(order[n_best:])
    sample = rest[np.linspace(0, len(rest) - 1, most - n_best).round().astype(int)]
    return np.sort(np.concatenate([order[:n_best], sample]))
