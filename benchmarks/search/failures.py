"""What does it cost a search that a third of the space fails?

The regret of the best trial after 50, divided by that on the same function without failures.
"""

import argparse
import statistics
from pathlib import Path

from problems import FAILING
from records import Run, incumbent_regrets, read_trials
from report import table
from run import add_shared, complete, forget
from schedule import Mode
from scores import FLOOR

N_TRIALS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_shared(parser, seeds=10)
    options = parser.parse_args()
    pairs = [(problem.name.removesuffix("-fails"), problem.name) for problem in FAILING]
    runs = [
        Run(problem=name, method=method, seed=seed, mode=Mode())
        for method in options.methods
        for seed in range(options.seeds)
        for pair in pairs
        for name in pair
    ]
    forget(runs if options.again else (), options.results)
    complete(runs, N_TRIALS, folder=options.results, n_workers=options.workers)
    rows = []
    for method in options.methods:
        for names in pairs:
            of_method = [run for run in runs if run.method == method]
            rows.append([method, names[0], *row_of(names, of_method, options.results)])
    header = ["method", "problem", "without", "a third fails", "ratio", "failed trials"]
    print("\n".join(table(header, rows)))


def row_of(names: tuple[str, str], runs: list[Run], folder: Path) -> list[str]:
    """Return both median regrets, their ratio and the share of trials that failed."""
    without, failing = (trials_of(name, runs, folder) for name in names)
    if not (without and failing):
        return ["", "", "", ""]
    plain, hard = (
        max(FLOOR, statistics.median(incumbent_regrets(trials)[-1] for trials in searches))
        for searches in (without, failing)
    )
    costs = [trial["cost"] for trials in failing for trial in trials]
    share = costs.count(None) / len(costs)
    return [f"{plain:.3g}", f"{hard:.3g}", f"{hard / plain:.2f}", f"{share:.0%}"]


def trials_of(name: str, runs: list[Run], folder: Path) -> list[list[dict[str, object]]]:
    """Return the finished searches of a problem."""
    found = [read_trials(run, folder, N_TRIALS) for run in runs if run.problem == name]
    return [trials for trials in found if trials]


if __name__ == "__main__":
    main()
