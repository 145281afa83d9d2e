"""Which flags matter: how differently the best trials are distributed along each of them.

After PED-ANOVA (Watanabe, Bansal and Hutter, 2023, "PED-ANOVA: Efficiently quantifying
hyperparameter importance in arbitrary subspaces", eq. 12): the importance of a flag is the Pearson
divergence of the best trials' density from that of all trials. We change two things: values are
replaced by their ranks, so that the density of all trials is uniform whatever points a search has
preferred; and what random subsets of as many trials would give is subtracted, so that a flag
without influence comes out near 0, also with few trials.

A flag that is not always active is looked at among the trials that have it, and counts by their
share of all trials: elsewhere it cannot matter.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, TypeAlias

import numpy as np

from tunesmith.flags.values import FlagValue, point_key

Array: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"

MIN_TRIALS = 10
"""With fewer trials, no importances are given."""
TRUSTED_TRIALS = 100
"""With fewer trials, a flag without influence may rank above one that has some."""
BEST_SHARE = 0.2
"""The share of the trials that count as the best."""
MIN_BEST = 5
"""The least number of trials that count as the best."""
MIN_DISTINCT = 8
"""A flag of numbers with fewer distinct values is treated as categorical."""
N_GRID = 64
"""Points at which the density of the best trials is evaluated."""
N_BINS = 256
"""Bins in which ranks are counted."""
N_SUBSETS = 200
"""Random subsets that estimate what chance gives."""
_CHANCE = 0.95
"""The quantile of the random subsets that a clear importance exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much one flag matters."""

    name: str
    share: float
    """In [0, 1]; the shares of all flags have the sum 1, or are all 0."""
    is_clear: bool
    """Whether its divergence exceeds that of 95 % of random subsets of the trials."""


def importances(
    columns: Mapping[str, Sequence[FlagValue]],
    costs: Sequence[float | None],
    *,
    active: Mapping[str, Sequence[bool]] | None = None,
) -> list[Importance]:
    """Return the importance of each flag that varies, the largest first; none with few trials.

    Args:
        columns: The values of each flag, one for each trial.
        costs: What is minimized, one for each trial; None counts as worse than any number.
        active: In which trials flags are active that are not active in all, by default none.
    """
    if sum(cost is not None for cost in costs) < MIN_TRIALS:
        return []
    everywhere = (True,) * len(costs)
    trials = {name: tuple((active or {}).get(name, everywhere)) for name in columns}
    scores: dict[str, tuple[float, bool]] = {}
    for having in dict.fromkeys(trials.values()):
        own = {n: list(compress(columns[n], having)) for n in columns if trials[n] == having}
        share = sum(having) / len(costs)
        for name, (score, is_clear) in _scores(own, list(compress(costs, having))).items():
            scores[name] = (share * score, is_clear)
    total = sum(score for score, _ in scores.values())
    found = [
        Importance(name=name, share=score / total if total > 0 else 0.0, is_clear=is_clear)
        for name, (score, is_clear) in scores.items()
    ]
    return sorted(found, key=lambda one: (-one.share, one.name))


def _scores(
    columns: Mapping[str, Sequence[FlagValue]], costs: Sequence[float | None]
) -> dict[str, tuple[float, bool]]:
    """Return the divergence above chance of flags that vary, and whether it is clear.

    Of few trials it is 0.
    """
    n = len(costs)
    finite = sum(cost is not None for cost in costs)
    varied = {name: values for name, values in columns.items() if _n_distinct(values) > 1}
    if finite < MIN_TRIALS:
        return dict.fromkeys(varied, (0.0, False))
    order = np.argsort([math.inf if cost is None else cost for cost in costs], kind="stable")
    n_best = min(finite - 1, max(MIN_BEST, math.ceil(BEST_SHARE * n)))
    best = np.zeros(n, dtype=bool)
    best[order[:n_best]] = True
    subsets = _subsets(n, n_best)
    return {name: _score(values, best, subsets) for name, values in varied.items()}


def _subsets(n: int, n_best: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Return random subsets as masks, always the same ones, of shape (N_SUBSETS, n)."""
    generator = np.random.default_rng(0)
    masks = np.zeros((N_SUBSETS, n), dtype=bool)
    for mask in masks:
        mask[generator.choice(n, n_best, replace=False)] = True
    return masks


def _score(
    values: Sequence[FlagValue],
    best: "np.ndarray[Any, np.dtype[np.bool_]]",
    subsets: "np.ndarray[Any, np.dtype[np.bool_]]",
) -> tuple[float, bool]:
    """Return a flag's divergence above chance, and whether it is significant at the 5 % level."""
    masks = np.vstack([best, subsets])
    if _is_numeric(values):
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        ranks = _ranks(np.array(numbers))
        divergence, *chance = _divergences(ranks, masks)
    else:
        codes = _codes(values)
        divergence, *chance = (_contrast(codes, mask) for mask in masks)
    above = divergence - float(np.mean(chance))
    return max(0.0, above), divergence > float(np.quantile(chance, _CHANCE))


def _divergences(ranks: Array, masks: "np.ndarray[Any, np.dtype[np.bool_]]") -> list[float]:
    """Return the integral of (p - 1)² over [0, 1] for each mask, p its ranks' density.

    A Gaussian kernel of Scott's width for the first mask, mirrored at both ends so that no mass
    leaves [0, 1]. The ranks are counted in fine bins, so that many masks cost little.
    """
    at = (np.arange(N_GRID) + 0.5) / N_GRID
    middles = (np.arange(N_BINS) + 0.5) / N_BINS
    first = ranks[masks[0]]
    width = max(0.05, 1.06 * float(np.std(first)) * len(first) ** -0.2)
    kernel = sum(
        np.exp(-0.5 * ((at[:, None] - mirrored) / width) ** 2)
        for mirrored in (middles, -middles, 2 - middles)
    ) / (width * math.sqrt(2 * math.pi))
    bins = np.minimum((ranks * N_BINS).astype(int), N_BINS - 1)
    counts = np.array([np.bincount(bins[mask], minlength=N_BINS) for mask in masks])
    densities = counts @ np.asarray(kernel).T / counts.sum(axis=1, keepdims=True)
    return [float(value) for value in np.mean((densities - 1) ** 2, axis=1)]


def _contrast(
    codes: "np.ndarray[Any, np.dtype[np.int64]]", chosen: "np.ndarray[Any, np.dtype[np.bool_]]"
) -> float:
    """Return the sum over categories of q (p/q - 1)²: p their share of the chosen, q of all."""
    of_all = np.bincount(codes) / len(codes)
    of_chosen = np.bincount(codes[chosen], minlength=len(of_all)) / chosen.sum()
    return float(np.sum(of_all * (of_chosen / of_all - 1) ** 2))


def _ranks(values: Array) -> Array:
    """Return the middle rank of each value in (0, 1); equal values share theirs."""
    _, positions, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middles = (ends - counts / 2) / len(values)
    return np.asarray(middles[positions], dtype=float)


def _codes(values: Sequence[FlagValue]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    keys = [point_key(value) for value in values]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return np.array([places[key] for key in keys], dtype=np.int64)


def _n_distinct(values: Sequence[FlagValue]) -> int:
    return len({point_key(value) for value in values})


def _is_numeric(values: Sequence[FlagValue]) -> bool:
    return all(_is_number(value) for value in values) and _n_distinct(values) >= MIN_DISTINCT


def _is_number(value: FlagValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
