"""What ``--stop-when-flat`` saves of a hundred trials with two objectives, and what it costs.

As ``flatness.py``, with the tables of ``several_objectives.py``: what a look would have found
after every fifth trial of a search by gp is kept beside the share of the exact front's hypervolume
that is missing by then, below the worst values of the table and (``strict``) the front's ends:

``python benchmarks/search/flat_fronts.py --seeds 3``
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from csv_rows import read_rows, write_rows
from flatness import N_TRIALS, Row, row_of, searches, stopped
from several_objectives import SECOND, Point, Problem

from tunesmith.executor.stopping import FIRST_LOOK, LEAST_SHARE_OF_FRONT, LOOK_EVERY
from tunesmith.search.gp.gain import expected_growth
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer

RESULTS = Path(__file__).parent / "results" / "flat_fronts.csv"
STRICT = " strict"
"""What ends the names of tasks whose missing share is the strict one."""
SHARES = (0.0005, 0.001, LEAST_SHARE_OF_FRONT, 0.003, 0.004, 0.006, 0.01)
TOO_EARLY = 0.01


def main() -> None:
    from public.grids import grid_tasks

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="from 0")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the CSV file")
    options = parser.parse_args()
    names = [one for one in grid_tasks() if one.split("-")[0] in SECOND]
    rows = read_rows(options.results, Row)
    done = {(row.task, row.seed) for row in rows}
    for seed in range(options.seeds):
        for name in names:
            if (name, seed) not in done:
                rows += looks(name, seed)
                write_rows(options.results, rows, digits=5)
    print("\n".join(table(rows)))


def looks(name: str, seed: int) -> Iterator[Row]:
    """Search a task, and yield what each look at it would have found, for both shares."""
    problem, optimizer = Problem.of(name), build_optimizer("gp", {})
    space, found = problem.task.space, list[Point]()
    trials: list[Observation] = []
    for number in range(1, N_TRIALS + 1):
        flags = optimizer.propose(space, trials, [], 1, seed)[0].flags
        costs = problem.costs(flags)
        found.append(costs)
        trials.append(Observation(number=number, flags=flags, cost=costs[0], costs=costs))
        if number < FIRST_LOOK or number % LOOK_EVERY:
            continue
        growth = expected_growth(space, trials, seed) if number < N_TRIALS else None
        expected, span = (growth.expected, growth.span) if growth else (math.nan, math.nan)
        for word, reference in (("", problem.worst), (STRICT, problem.strict)):
            missing = 1.0 - problem.share(found, reference)
            yield row_of(name + word, seed, number, expected, span, missing)


def table(rows: Sequence[Row]) -> list[str]:
    """Return for each share what it saves of the trials, and costs of both hypervolumes."""
    runs = [
        [run for run in searches(rows) if run[0].task.endswith(STRICT) is is_strict]
        for is_strict in (False, True)
    ]
    early = f"more than {TOO_EARLY:g} lost"
    lines = [
        f"| share of the volume | trials saved | lost | {early} | lost, strict | {early} |",
        "|---|---|---|---|---|---|",
    ]
    for share in SHARES:
        usual, strict = (np.array([stopped(run, share) for run in some]) for some in runs)
        cells = [f"{share:g}", f"{usual[:, 0].mean():.0f}"]
        for found in (usual[:, 1], strict[:, 1]):
            cells += [f"{found.mean():.4f}", f"{(found > TOO_EARLY).sum()} of {len(found)}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
