"""Search tables that know what a trial takes, with and without ``--cost seconds``.

A search without it makes so many trials; the one with it gets the same total of the tables'
seconds, and at most twice as many trials. A trial reports the mean over the table's seeds. What is
there is not run again:

``python benchmarks/search/cost_of_time.py --half design --seeds 3``
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from csv_rows import read_rows, write_rows
from public.grids import grid_tasks, trial_seconds
from public.halves import is_for_design

from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer

RESULTS = Path(__file__).parent / "results" / "cost_of_time.csv"
METHODS = {"gp": {}, "gp cost=seconds": {"cost": "seconds"}}
PLAIN, WEIGHED = METHODS
MOST = 2
"""How many times as many trials the search by seconds may make."""
SHARES = (0.5, 1.0)
"""The shares of the total seconds at which regrets are compared."""
LEAST = 0.001
"""A regret below counts as this."""
WORST = 1.0
"""The regret as long as no trial has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The best trial of a search after a share of the seconds."""

    task: str
    seed: int
    method: str
    share: float
    n_trials: int
    seconds: float
    regret: float


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial that has ended, and the regret of the best one by then."""

    clock: float
    regret: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["design", "confirm"], help="of the tasks; both")
    parser.add_argument("--seeds", type=int, default=5, help="from 0")
    parser.add_argument("--trials", type=int, default=25, help="of the search without seconds")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the CSV file")
    options = parser.parse_args()
    names = [
        name
        for name in grid_tasks()
        if options.half is None or is_for_design(name) == (options.half == "design")
    ]
    rows = read_rows(options.results, Row)
    done = {(row.task, row.seed) for row in rows}
    for seed in range(options.seeds):
        for name in names:
            if (name, seed) not in done:
                rows += compare(name, seed, options.trials)
                write_rows(options.results, rows)
    print("\n".join(table([row for row in rows if row.task in names])))


def compare(name: str, seed: int, n_trials: int) -> list[Row]:
    """Return what both searches of a task have found at the same times."""
    plain = list(search(name, seed, PLAIN, until=math.inf, most=n_trials))
    total = plain[-1].clock
    weighed = list(search(name, seed, WEIGHED, until=total, most=MOST * n_trials))
    return [
        row_at(name, seed, method, trials, share, total)
        for method, trials in ((PLAIN, plain), (WEIGHED, weighed))
        for share in SHARES
    ]


def row_at(
    name: str, seed: int, method: str, trials: Sequence[Ended], share: float, total: float
) -> Row:
    ended = [one for one in trials if one.clock <= share * total]
    return Row(
        task=name,
        seed=seed,
        method=method,
        share=share,
        n_trials=len(ended),
        seconds=round(share * total, 3),
        regret=round(ended[-1].regret if ended else WORST, 6),
    )


def search(name: str, seed: int, method: str, *, until: float, most: int) -> Iterator[Ended]:
    """Yield the trials of a search by the simulated clock, one at a time."""
    task, seconds = grid_tasks()[name](), trial_seconds(name)
    optimizer = build_optimizer("gp", METHODS[method])
    space, trials, clock = task.space, list[Observation](), 0.0
    best, regret = math.inf, WORST
    while clock < until and len(trials) < most:
        proposed = optimizer.propose(space, trials, [], 1, seed)
        if not proposed:
            return
        flags = proposed[0].flags
        cost, took = task.value(flags), seconds(flags)
        clock += took
        trials.append(Observation(number=len(trials) + 1, flags=flags, cost=cost, seconds=took))
        if cost is not None and cost < best:
            best, regret = cost, task.regret(flags) or 0.0
        yield Ended(clock, regret)


def table(rows: Sequence[Row]) -> list[str]:
    """Return a table of Markdown: mean regrets over the seeds, and the ratio of the two."""
    lines = ["| table | seeds | trials | at half of the time | at all of the time |"]
    lines.append("|---|---|---|---|---|")
    ratios: dict[float, list[float]] = {share: [] for share in SHARES}
    for name in sorted({row.task for row in rows}):
        cells, own = [], [row for row in rows if row.task == name]
        for share in SHARES:
            plain, weighed = (mean_regret(own, method, share) for method in METHODS)
            ratios[share].append(max(weighed, LEAST) / max(plain, LEAST))
            cells.append(f"{weighed:.4f} / {plain:.4f} = {ratios[share][-1]:.2f}")
        counts = " / ".join(f"{mean_trials(own, one):.0f}" for one in (WEIGHED, PLAIN))
        seeds = len({row.seed for row in own})
        lines.append(f"| {name} | {seeds} | {counts} | {' | '.join(cells)} |")
    means = (f"{math.exp(np.mean(np.log(found))):.2f}" for found in ratios.values())
    return [*lines, f"| geometric mean | | | {' | '.join(means)} |"]


def mean_regret(rows: Sequence[Row], method: str, share: float) -> float:
    found = [row.regret for row in rows if row.method == method and row.share == share]
    return float(np.mean(found))


def mean_trials(rows: Sequence[Row], method: str) -> float:
    found = [row.n_trials for row in rows if row.method == method and row.share == SHARES[-1]]
    return float(np.mean(found))


if __name__ == "__main__":
    main()
