"""What ``--stop-when-flat`` saves of a hundred trials, and what it costs.

Public tasks of HPO-B and LCBench are searched by gp, to their end. What a look would have found
after every fifth trial is kept beside the regret by then, so that each share of the span by which
a search may be called flat can be compared. What is there is not run again:

``python benchmarks/search/flatness.py --half design --minutes 60``
"""

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from csv_rows import read_rows, write_rows
from methods import build_tuner
from public.halves import is_for_design
from public.task import Suite
from public.tasks import builders, names_of
from schedule import Mode, Result, Session, run_trials

from tunesmith.executor.stopping import FIRST_LOOK, LEAST_SHARE, LOOK_EVERY, N_LOOKS
from tunesmith.search.gp.gain import expected_gain
from tunesmith.search.optimizer import Observation

RESULTS = Path(__file__).parent / "results" / "flatness.csv"
SUITES = (Suite.HPO_B, Suite.LCBENCH)
N_TRIALS = 100
SHARES = (0.001, 0.002, 0.003, LEAST_SHARE, 0.006, 0.01, 0.0125)
TOO_EARLY = (0.002, 0.01)
"""Shares of a task's span: a search that would have gained more was stopped too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A look at a search, or the end of one."""

    task: str
    seed: int
    trial: int
    """How many trials had ended."""
    expected: float
    """What the next one is expected to gain; NaN at the end, where nobody looked."""
    span: float
    """From the lowest cost to the highest by then, but for costs that exploded."""
    regret: float
    """Of the best trial by then, as a share of the task's span."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["design", "confirm"], help="of the tasks; both")
    parser.add_argument("--seeds", type=int, default=1, help="from 0")
    parser.add_argument("--minutes", type=float, default=math.inf, help="start none after them")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the CSV file")
    options = parser.parse_args()
    names = [
        name
        for suite in SUITES
        for name in names_of(suite)
        if options.half is None or is_for_design(name) == (options.half == "design")
    ]
    rows, ends = read_rows(options.results, Row), time.monotonic() + 60 * options.minutes
    done = {(row.task, row.seed) for row in rows}
    for seed in range(options.seeds):
        for name in names:
            if (name, seed) not in done and time.monotonic() < ends:
                rows += looks(name, seed)
                write_rows(options.results, rows, digits=5)
    print("\n".join(table([row for row in rows if row.task in names])))


def looks(name: str, seed: int) -> list[Row]:
    """Search a task, and return what each look at it would have found."""
    task = builders()[name]()
    session = Session(task, build_tuner("gp", task.space, seed), seed)
    run_trials(session, Mode(), N_TRIALS, seed)
    trials = [
        Observation(number=one.number, flags=one.flags, cost=one.cost) for one in session.results
    ]
    rows = []
    for n in range(FIRST_LOOK, len(trials), LOOK_EVERY):
        gain = expected_gain(task.space, trials[:n], seed)
        if gain is not None:
            regret = best_regret(session.results[:n])
            rows.append(row_of(name, seed, n, gain.expected, gain.span, regret))
    end = best_regret(session.results)
    return [*rows, row_of(name, seed, len(trials), math.nan, math.nan, end)]


def row_of(name: str, seed: int, n: int, expected: float, span: float, regret: float) -> Row:
    return Row(task=name, seed=seed, trial=n, expected=expected, span=span, regret=regret)


def best_regret(results: Sequence[Result]) -> float:
    """Return the regret of the trial with the lowest cost; infinity without any."""
    found = [one for one in results if one.cost is not None and one.regret is not None]
    best = min(found, key=lambda one: (one.cost, one.number), default=None)
    return math.inf if best is None or best.regret is None else best.regret


def table(rows: Sequence[Row]) -> list[str]:
    """Return for each share what it saves and costs, for each half of the tasks."""
    lines = [
        "| half | searches | share of the span | trials saved | regret lost | "
        + " | ".join(f"more than {least:g} lost" for least in TOO_EARLY)
        + " |",
        "|---|---|---|---|---|" + "---|" * len(TOO_EARLY),
    ]
    for half in ("design", "confirm"):
        of_half = [one for one in rows if is_for_design(one.task) == (half == "design")]
        runs = list(searches(of_half))
        for share in SHARES if runs else ():
            ends = np.array([stopped(run, share) for run in runs])
            saved, lost = ends[:, 0], ends[:, 1]
            early = [f"{100 * (lost > least).mean():.0f} %" for least in TOO_EARLY]
            cells = (half, len(runs), f"{share:g}", f"{saved.mean():.0f}", f"{lost.mean():.4f}")
            lines.append("| " + " | ".join(map(str, (*cells, *early))) + " |")
    return lines


def searches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows of each search, in the order of its trials."""
    for key in sorted({(row.task, row.seed) for row in rows}):
        yield sorted((r for r in rows if (r.task, r.seed) == key), key=lambda row: row.trial)


def stopped(run: Sequence[Row], share: float) -> tuple[float, float]:
    """Return how many trials of a search are saved by a share, and the regret that is lost."""
    n_flat, end = 0, run[-1]
    for row in run[:-1]:
        n_flat = n_flat + 1 if row.expected < share * row.span else 0
        if n_flat >= N_LOOKS:
            return end.trial - row.trial, row.regret - end.regret
    return 0.0, 0.0


if __name__ == "__main__":
    main()
