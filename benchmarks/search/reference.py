"""Does a search of the reference page's function find its hidden dip at -0.29?

Noise 0.1, 20 trials, the defaults. The dip is a tenth as wide as the interval.
"""

import argparse
import statistics
from collections.abc import Sequence
from typing import Any

from problems import PROBLEMS
from records import Run, read_trials
from report import table
from run import add_shared, complete, forget
from schedule import Mode

N_TRIALS = 20
N_LAST = 10
N_NEEDED = 4
OPTIMUM = -0.2892
FOUND, NEAR = 0.1, 0.2
"""Within the one a proposal has found the dip, within the other it is in it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_shared(parser, seeds=30)
    options = parser.parse_args()
    runs = {m: runs_of(m, options.seeds) for m in options.methods}
    everything = [run for of_method in runs.values() for run in of_method]
    forget(everything if options.again else (), options.results)
    complete(everything, N_TRIALS, folder=options.results, n_workers=options.workers)
    rows = []
    for method, of_method in runs.items():
        read = [read_trials(run, options.results, N_TRIALS) for run in of_method]
        rows.append([method, *row_of([points_of(trials) for trials in read if trials])])
    stayed = f"{N_NEEDED} of the last {N_LAST} within {NEAR}"
    print("\n".join(table(["method", "seeds", f"found, within {FOUND}", stayed, "median"], rows)))


def runs_of(method: str, seeds: int) -> list[Run]:
    """Return the runs of the reference page's function."""
    name = PROBLEMS["reference"].name
    return [Run(problem=name, method=method, seed=s, mode=Mode()) for s in range(seeds)]


def points_of(trials: Sequence[dict[str, Any]]) -> list[float]:
    """Return what was proposed for x, in order."""
    return [float(trial["flags"]["x1"]) for trial in trials]


def row_of(searches: Sequence[Sequence[float]]) -> list[str]:
    """Return how many searches found the dip, how many stayed, and the median number within."""
    found = sum(any(abs(x - OPTIMUM) <= FOUND for x in points) for points in searches)
    within = [sum(abs(x - OPTIMUM) <= NEAR for x in points[-N_LAST:]) for points in searches]
    stayed = sum(n >= N_NEEDED for n in within)
    middle = f"{statistics.median(within):g}" if within else ""
    return [str(len(searches)), str(found), str(stayed), middle]


if __name__ == "__main__":
    main()
