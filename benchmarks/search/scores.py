"""The figures of the report: regrets relative to random search's, with bootstrap intervals."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from records import Run, incumbent_regrets, read_trials
from schedule import Mode

FLOOR = 1e-3
"""Regrets below it count as it."""
N_RESAMPLES = 1000
BASELINE = "random"

Cell = tuple[str, str]
"""A problem and a method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a set of runs found and cost; the rows of each array are seeds."""

    regrets: Mapping[Cell, np.ndarray]
    """The incumbent's regret after each trial."""
    cpu_s: Mapping[Cell, np.ndarray]
    """CPU seconds of each proposal; NaN where a space was exhausted before."""
    methods: tuple[str, ...]
    problems: tuple[str, ...]
    """Those for which every method has a run."""
    left_out: tuple[str, ...] = field(default=())
    """The problems for which a method has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One method after a number of trials."""

    method: str
    ratio: float
    """Geometric mean over problems of the median regret, random search's being 1."""
    low: float
    high: float
    """The middle 90 % of resampled seeds."""
    to_next: tuple[float, float, float] | None
    """Its ratio to the next method's, and the middle 90 % of it; None for the last."""
    rank: float
    """Mean over problems, 1 being the best."""


def read_measured(
    problems: Sequence[str], methods: Sequence[str], *, seeds: int, n_trials: int, source: Path
) -> Measured:
    """Return what is on disk of the given runs.

    Args:
        problems: Names, in the order of the report.
        methods: Names, random search's among them.
        seeds: Runs of seeds 0 to this are read where they are there.
        n_trials: Shorter runs are left out.
        source: The folder of one mode's results.
    """
    regrets: dict[Cell, np.ndarray] = {}
    cpu_s: dict[Cell, np.ndarray] = {}
    mode = Mode.from_name(source.name)
    for problem, method in [(p, m) for p in problems for m in methods]:
        runs = [Run(problem=problem, method=method, seed=s, mode=mode) for s in range(seeds)]
        found = [read_trials(run, source.parent, n_trials) for run in runs]
        done = [trials for trials in found if trials]
        if done:
            curves = [incumbent_regrets(trials) for trials in done]
            regrets[problem, method] = np.array([_padded(c, n_trials, c[-1]) for c in curves])
            times = [[trial["cpu_s"] for trial in trials] for trials in done]
            cpu_s[problem, method] = np.array([_padded(t, n_trials, np.nan) for t in times])
    complete = tuple(p for p in problems if all((p, m) in regrets for m in methods))
    return Measured(
        regrets=regrets,
        cpu_s=cpu_s,
        methods=tuple(methods),
        problems=complete,
        left_out=tuple(p for p in problems if p not in complete),
    )


def score_methods(measured: Measured, n_trials: int) -> list[Score]:
    """Return the methods' scores after ``n_trials``, the best first."""
    medians = _medians(measured, n_trials, None)
    resampled = [
        _medians(measured, n_trials, np.random.default_rng(i)) for i in range(N_RESAMPLES)
    ]
    own = _against_baseline(measured, medians)
    drawn = np.array([_against_baseline(measured, one) for one in resampled])
    ranks = np.mean([_ranks(row) for row in medians], axis=0)
    order = np.argsort(own)
    scores = []
    for place, i in enumerate(order):
        after = order[place + 1] if place + 1 < len(order) else None
        low, high = np.quantile(drawn[:, i], [0.05, 0.95])
        score = Score(
            method=measured.methods[i],
            ratio=float(own[i]),
            low=float(low),
            high=float(high),
            to_next=None if after is None else _ratio(own, drawn, int(i), int(after)),
            rank=float(ranks[i]),
        )
        scores.append(score)
    return scores


def curves(measured: Measured) -> dict[str, np.ndarray]:
    """Return each method's curve: 1 is random search's regret after the last trial."""
    unit = {p: _floored_median(measured.regrets[p, BASELINE])[-1] for p in measured.problems}
    return {
        method: np.exp(
            np.mean(
                [
                    np.log(_floored_median(measured.regrets[p, method]) / unit[p])
                    for p in measured.problems
                ],
                axis=0,
            )
        )
        for method in measured.methods
    }


def cpu_per_proposal(measured: Measured, method: str) -> tuple[float, float]:
    """Return the median of the last trial's CPU seconds, and the mean of all trials'."""
    times = np.concatenate([measured.cpu_s[p, method] for p in measured.problems])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # every space was exhausted before
        return float(np.nanmedian(times[:, -1])), float(np.nanmean(times))


def _medians(measured: Measured, n_trials: int, rng: np.random.Generator | None) -> np.ndarray:
    """Return median regrets of all or of resampled seeds: rows problems, columns methods."""
    rows = []
    for problem in measured.problems:
        columns = [measured.regrets[problem, m][:, n_trials - 1] for m in measured.methods]
        if rng is not None:
            columns = [column[rng.integers(len(column), size=len(column))] for column in columns]
        rows.append([max(float(np.median(column)), FLOOR) for column in columns])
    return np.array(rows)


def _against_baseline(measured: Measured, medians: np.ndarray) -> np.ndarray:
    baseline = medians[:, [measured.methods.index(BASELINE)]]
    return np.asarray(np.exp(np.mean(np.log(medians / baseline), axis=0)))


def _ratio(own: np.ndarray, drawn: np.ndarray, i: int, j: int) -> tuple[float, float, float]:
    low, high = np.quantile(drawn[:, i] / drawn[:, j], [0.05, 0.95])
    return float(own[i] / own[j]), float(low), float(high)


def _ranks(row: np.ndarray) -> np.ndarray:
    """Return ranks from 1; equal values share the mean of theirs."""
    below = (row[None, :] < row[:, None]).sum(axis=1)
    equal = (row[None, :] == row[:, None]).sum(axis=1)
    return np.asarray(below + (equal + 1) / 2)


def _floored_median(regrets: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(np.median(regrets, axis=0), FLOOR))


def _padded(values: list[float], n: int, fill: float) -> list[float]:
    return [*values, *[fill] * (n - len(values))]
