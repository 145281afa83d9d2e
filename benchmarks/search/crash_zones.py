"""How many trials do searches waste where 30, 50 and 70 % of the space fails?

A trial fails where the mean of its unit coordinates is too large, as one does that needs too much
memory; the minimum lies where none fails. What is there is not run again:

``python benchmarks/search/crash_zones.py --methods gp optuna-tpe --seeds 10``
"""

import argparse
import statistics
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from csv_rows import read_rows, write_rows
from methods import build_tuner, check_method
from problem import Problem, with_failures
from problems import FAILURE_FREE

RESULTS = Path(__file__).parent / "results" / "crash_zones.csv"
N_TRIALS = 50
# the shares are quantiles of a mean of 3, 5 and 2 uniform numbers
ZONES = {
    "30 %": with_failures(FAILURE_FREE["hartmann3"], 0.592),
    "50 %": with_failures(FAILURE_FREE["ackley5"], 0.5),
    "70 %": with_failures(FAILURE_FREE["branin"], 0.3873),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One search."""

    zone: str
    method: str
    seed: int
    n_failed: int
    regret: float
    """Of the best trial."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", nargs="+", default=["gp", "optuna-tpe"])
    parser.add_argument("--label", default="", help="behind the names of our methods, as @before")
    parser.add_argument("--seeds", type=int, default=10, help="from 0")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the CSV file")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = read_rows(options.results, Row)
    done = {(row.zone, row.method, row.seed) for row in rows}
    for method in options.methods:
        check_method(method)
        for zone, problem in ZONES.items():
            for seed in range(options.seeds):
                if (zone, method + options.label, seed) not in done:
                    rows.append(search(zone, problem, method, seed, options.label))
            write_rows(options.results, rows)
    print("\n".join(table(rows)))


def search(zone: str, problem: Problem, method: str, seed: int, label: str) -> Row:
    """Return how many trials of a search have failed, and how good its best one is."""
    tuner, regrets = build_tuner(method, problem.space, seed), list[float | None]()
    for number in range(1, N_TRIALS + 1):
        (flags,) = tuner.ask(1)
        tuner.tell({number: problem.value(flags)})
        regrets.append(problem.regret(flags))
    known = [one for one in regrets if one is not None]
    best = min(known, default=float("inf"))
    n_failed = len(regrets) - len(known)
    return Row(zone=zone, method=method + label, seed=seed, n_failed=n_failed, regret=best)


def table(rows: Sequence[Row]) -> list[str]:
    """Return the mean number of failed trials with its interval, and the median regret."""
    methods = list(dict.fromkeys(row.method for row in rows))
    lines = [f"| zone | {' | '.join(methods)} |", "|---|" + "---:|" * len(methods)]
    for zone in ZONES:
        found = [[r for r in rows if (r.zone, r.method) == (zone, one)] for one in methods]
        lines.append(f"| {zone} | {' | '.join(map(_cell, found))} |")
    return lines


def _cell(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    failed = [row.n_failed for row in rows]
    error = 1.96 * statistics.stdev(failed) / len(failed) ** 0.5 if len(failed) > 1 else np.nan
    regret = statistics.median(row.regret for row in rows)
    return f"{statistics.mean(failed):.1f} ± {error:.1f} (regret {regret:.2g})"


if __name__ == "__main__":
    main()
