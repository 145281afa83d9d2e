"""The figures of the public report: regrets, ratios to random search and ranks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from public.halves import is_for_design
from public.results import curves, longest, path_of, read_rows
from public.task import Suite

FLOOR = 1e-4
"""Regrets below it count as it in ratios: a ten-thousandth of the span."""
N_RESAMPLES = 1000
INTERVAL = (0.05, 0.95)
BASELINE = "random"
OURS = "gp"
WORSE_BY = 0.02
"""The difference of normalized regret from which a task counts as lost."""

Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Searches by some methods: the same tasks and seeds of each."""

    methods: tuple[str, ...]
    tasks: tuple[str, ...]
    regrets: Mapping[str, np.ndarray]
    """By method: tasks, seeds, trials."""
    cpu_s: Mapping[str, np.ndarray]
    n_trials: int
    """Trials of a search: of the method whose longest search is the shortest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One method on some tasks after a number of trials; intervals are over tasks and seeds."""

    method: str
    regret: float
    """Mean over tasks and seeds."""
    interval: tuple[float, float]
    recommended: float
    """Mean regret of the recommended trials instead of the best observed ones."""
    recommended_interval: tuple[float, float]
    ratio: float
    """Geometric mean over tasks of mean regret over that of random search."""
    ratio_interval: tuple[float, float]
    rank: float
    """Mean over tasks and seeds, 1 being the best; equal regrets share theirs."""
    cpu_s: float
    """Mean CPU seconds of a proposal."""


def read_measured(
    suites: Collection[Suite],
    methods: Sequence[str],
    *,
    folder: Path,
    mode: str,
    n_trials: int,
    kind: str = "observed",
    half: str | None = None,
) -> Measured | None:
    """Return what is on disk of suites, for the tasks and seeds that every method has.

    None where there is none.

    Args:
        suites: The suites.
        methods: Names of methods.
        folder: Where results are kept.
        mode: As the folder within it.
        n_trials: The trials of a search, where every method has searches of so many.
        kind: ``observed`` or ``recommended``: whose regret.
        half: ``design`` or ``confirm``: only that half of the tasks; by default both.
    """
    tables = {
        method: [read_rows(path_of(folder, mode, suite, method)) for suite in suites]
        for method in methods
    }
    n_trials = min(n_trials, *(max(map(longest, one)) for one in tables.values()))
    found = {
        method: {run: curve for one in held for run, curve in curves(one, n_trials).items()}
        for method, held in tables.items()
    }
    common: set[Key] = set.intersection(*(set(one) for one in found.values()))
    tasks = sorted({
        task for task, _ in common if half is None or is_for_design(task) == (half == "design")
    })  # fmt: skip
    seeds = {task: sorted(seed for one, seed in common if one == task) for task in tasks}
    if not tasks:
        return None
    n_seeds = min(map(len, seeds.values()))

    def stacked(method: str, name: str) -> np.ndarray:
        return np.array([
            [found[method][task, seed][name] for seed in seeds[task][:n_seeds]] for task in tasks
        ])  # fmt: skip

    return Measured(
        methods=tuple(methods),
        tasks=tuple(tasks),
        regrets={method: np.minimum(stacked(method, kind), 1.0) for method in methods},
        cpu_s={method: stacked(method, "cpu_s") for method in methods},
        n_trials=n_trials,
    )


def score_methods(observed: Measured, recommended: Measured, n_trials: int) -> list[Score]:
    """Return the methods' scores after so many trials, the least regret first.

    Args:
        observed: Regrets of the best observed trials.
        recommended: Those of the recommended trials in the same searches.
        n_trials: The number of trials.
    """
    table, other = at(observed, n_trials), at(recommended, n_trials)
    drawn = drawn_means(table)
    means, other_means = drawn.mean(axis=2), drawn_means(other).mean(axis=2)
    baseline = observed.methods.index(BASELINE)
    ratios, drawn_ratios = _ratios(table.mean(axis=2), baseline), _ratios(drawn, baseline)
    ranks = _ranks(table)
    scores = [
        Score(
            method=method,
            regret=float(table[place].mean()),
            interval=_interval(means[place]),
            recommended=float(other[place].mean()),
            recommended_interval=_interval(other_means[place]),
            ratio=float(ratios[place]),
            ratio_interval=_interval(drawn_ratios[place]),
            rank=float(ranks[place].mean()),
            cpu_s=float(np.nanmean(observed.cpu_s[method][:, :, :n_trials])),
        )
        for place, method in enumerate(observed.methods)
    ]
    return sorted(scores, key=lambda one: one.regret)


def ratios_to_others(
    measured: Measured, n_trials: int
) -> dict[str, tuple[float, tuple[float, float]]]:
    """Return by other method the mean regret of ours over its, and the interval of that."""
    ours = measured.methods.index(OURS)
    table = at(measured, n_trials)
    means = np.maximum(table.mean(axis=(1, 2)), FLOOR)
    drawn = np.maximum(drawn_means(table).mean(axis=2), FLOOR)
    return {
        method: (float(means[ours] / means[place]), _interval(drawn[ours] / drawn[place]))
        for place, method in enumerate(measured.methods)
        if place != ours
    }


def wins(measured: Measured, n_trials: int, other: str) -> tuple[int, int, int]:
    """Return on how many tasks ours is better than another method, equal, and worse.

    By the mean regret over seeds; equal is within a tenth of the floor.
    """
    ours = measured.regrets[OURS][:, :, n_trials - 1].mean(axis=1)
    apart = ours - measured.regrets[other][:, :, n_trials - 1].mean(axis=1)
    better, worse = (apart < -FLOOR / 10).sum(), (apart > FLOOR / 10).sum()
    return int(better), len(apart) - int(better) - int(worse), int(worse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A task on which ours is worse than the best other method by more than ``WORSE_BY``."""

    task: str
    peer: str
    apart: float
    p: float
    """By Welch's one-sided test over seeds, times the tasks that are left in the order of p-values
    (Holm 1979)."""


def lost_tasks(measured: Measured, n_trials: int) -> list[Lost]:
    """Return the lost tasks, the largest difference first."""
    from scipy.stats import ttest_ind

    tests = []
    for place, task in enumerate(measured.tasks):
        ours = measured.regrets[OURS][place, :, n_trials - 1]
        peers = {
            one: measured.regrets[one][place, :, n_trials - 1]
            for one in measured.methods
            if one != OURS
        }
        best = min(peers, key=lambda one: float(peers[one].mean()))
        apart = float(ours.mean() - peers[best].mean())
        if min(np.ptp(ours), np.ptp(peers[best])) > 0:
            test = ttest_ind(ours, peers[best], equal_var=False, alternative="greater")
            p = float(test.pvalue)
        else:  # all seeds of one found the same, of which there is no variance
            p = 1.0
        tests.append((p, task, best, apart))
    found, highest = [], 0.0
    for place, (p, task, best, apart) in enumerate(sorted(tests)):
        highest = max(highest, min(1.0, p * (len(tests) - place)))
        if apart > WORSE_BY:
            found.append(Lost(task=task, peer=best, apart=apart, p=highest))
    return sorted(found, key=lambda one: -one.apart)


def at(measured: Measured, n_trials: int) -> np.ndarray:
    """Return the regrets after so many trials: methods, tasks, seeds."""
    return np.array([measured.regrets[one][:, :, n_trials - 1] for one in measured.methods])


def drawn_means(table: np.ndarray) -> np.ndarray:
    """Return the mean regrets of drawn seeds on drawn tasks: methods, draws, tasks.

    Tasks are drawn with replacement, and seeds within each; of every method the same ones.
    """
    _, n_tasks, n_seeds = table.shape
    rng = np.random.default_rng(0)
    tasks = rng.integers(n_tasks, size=(N_RESAMPLES, n_tasks, 1))
    seeds = rng.integers(n_seeds, size=(N_RESAMPLES, n_tasks, n_seeds))
    return np.stack([one[tasks, seeds].mean(axis=2) for one in table])


def _ratios(means: np.ndarray, baseline: int) -> np.ndarray:
    """Return the geometric means over tasks, the last axis, of regrets over the baseline's."""
    logs = np.log(np.maximum(means, FLOOR))
    return np.asarray(np.exp((logs - logs[baseline]).mean(axis=-1)))


def _ranks(table: np.ndarray) -> np.ndarray:
    below = (table[None, :] < table[:, None]).sum(axis=1)
    equal = (table[None, :] == table[:, None]).sum(axis=1)
    return np.asarray(below + (equal + 1) / 2)


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, INTERVAL)
    return float(low), float(high)
