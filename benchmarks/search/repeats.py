"""What repeats are worth: how good the best candidate truly is after as many runs.

The tables of HPOBench and HPOLib have several seeds: a run observes one of them, drawn anew, and
the true value is their mean. Searches of the same number of runs recommend what ``best_of`` says,
with no repeats, with three of each candidate, and with ``auto:5``. What is there is not run again:

``python benchmarks/search/repeats.py --methods random gp --seeds 5``
"""

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from csv_rows import read_rows, write_rows
from public.grids import grid_values
from public.halves import is_for_design
from public.task import Suite, Task
from public.tasks import builders, names_of

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.executor.proposing import plan_trials
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.flags.values import Flags
from tunesmith.ranking import best_of
from tunesmith.repeats import Repeats
from tunesmith.search.recommendation import recommend
from tunesmith.trial import TrialRecord, TrialStatus, trial_id

RESULTS = Path(__file__).parent / "results" / "repeats.csv"
SUITES = (Suite.HPOBENCH, Suite.HPOLIB)
WAYS = ("none", "3", "auto:5")
N_RUNS = 60
NORMAL_90 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One search."""

    task: str
    method: str
    repeats: str
    seed: int
    candidates: int
    regret: float
    """Of the recommended candidate: its true value above the least, as a share of the span."""
    error: float
    """The true value less what is expected of it, in the standard deviations that are told; NaN
    where nothing is expected."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["design", "confirm"], help="of the tasks; both")
    parser.add_argument("--methods", nargs="+", default=["random", "gp"], help="optimizers")
    parser.add_argument("--seeds", type=int, default=5, help="from 0")
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
    done = {(one.task, one.method, one.repeats, one.seed) for one in rows}
    for seed in range(options.seeds):
        for method in options.methods:
            for name in names:
                task = builders()[name]()
                for way in WAYS:
                    if (name, method, way, seed) in done or time.monotonic() > ends:
                        continue
                    rows.append(search(task, method, way, seed))
                write_rows(options.results, rows)
    print("\n".join(table(rows)))


def search(task: Task, method: str, way: str, seed: int) -> Row:
    """Search a task with a number of runs, and return what comes of it."""
    spec = specification(task, method, way, seed)
    trials, rng = RecordedTrials(), np.random.default_rng([seed, N_RUNS])
    while len(trials.records) < N_RUNS:
        number = len(trials.records) + 1
        planned = plan_trials(spec, trials, number=number, n=1)
        if not planned:
            break
        trials.planned[number] = planned[0]
        record = record_of(spec, number, planned[0].flags, task.cost(planned[0].flags, rng))
        trials.records[number] = record
    records = list(trials.records.values())
    best = best_of(spec, records)
    assert best is not None
    if (told := recommend(spec, records)) is not None:
        best = trials.records[told.number]
    points = {str(sorted(spec.point(one.flags).items())) for one in records}
    regret = task.regret(best.flags)
    return Row(
        task=task.name,
        method=method,
        repeats=way,
        seed=seed,
        candidates=len(points),
        regret=math.nan if regret is None else regret,
        error=error_of(task, best),
    )


def specification(task: Task, method: str, way: str, seed: int) -> BatchSpec:
    settings = {name: task._setting(name, text) for name, text in task.settings.items()}
    return BatchSpec(
        id="0" * 32,
        project="/project",
        script="train.py",
        operation="train.py",
        script_flags=ScriptFlags(source=FlagSource.COMMAND, definitions=()),
        settings=settings,
        optimizer=OptimizerSpec(name=method),
        n_trials=N_RUNS,
        n_first_trials=N_RUNS,
        repeats=None if way == "none" else Repeats.from_text(way),
        seed=seed,
    )


def record_of(spec: BatchSpec, number: int, flags: Flags, cost: float | None) -> TrialRecord:
    return TrialRecord(
        id=trial_id(spec.id, number),
        batch=spec.id,
        number=number,
        attempt=1,
        operation=spec.operation,
        script=spec.script,
        status=TrialStatus.COMPLETED,
        exit_code=0,
        started=float(number),
        stopped=float(number + 1),
        seconds=1.0,
        flags=flags,
        objective=cost,
    )


def error_of(task: Task, best: TrialRecord) -> float:
    """Return how far off what is told of the best candidate is."""
    if best.repeated is None or best.repeated.expected is None or not best.repeated.sd > 0:
        return math.nan
    true = grid_values(task.name).of(best.flags)
    return (true - best.repeated.expected) / best.repeated.sd


def table(rows: Sequence[Row]) -> list[str]:
    """Return for each half and method the mean regrets, the ratios of auto's, and the coverage."""
    lines = [
        "| half | method | searches | no repeats | three of each | auto:5 | auto / none | "
        "auto / three | within the 90 % interval |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for half in ("design", "confirm"):
        for method in dict.fromkeys(one.method for one in rows):
            own = [
                one
                for one in rows
                if one.method == method and is_for_design(one.task) == (half == "design")
            ]
            lines += row_of_table(half, method, own)
    return lines


def row_of_table(half: str, method: str, rows: Sequence[Row]) -> Iterator[str]:
    by_way = {
        way: {(one.task, one.seed): one.regret for one in rows if one.repeats == way}
        for way in WAYS
    }
    both = sorted(set.intersection(*(set(one) for one in by_way.values())))
    if not both:
        return
    regrets = {way: np.array([by_way[way][key] for key in both]) for way in WAYS}
    errors = [abs(one.error) for one in rows if one.repeats == "auto:5"]
    known = [one for one in errors if one == one]
    covered = np.mean([one <= NORMAL_90 for one in known]) if known else math.nan
    cells = [half, method, str(len(both)), *(f"{regrets[way].mean():.4f}" for way in WAYS)]
    cells += [ratio_text(regrets["auto:5"], regrets[other]) for other in WAYS[:2]]
    yield f"| {' | '.join([*cells, f'{100 * covered:.0f} %'])} |"


def ratio_text(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Return the ratio of two mean regrets, with a 90 % interval over searches."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(ours), size=(2000, len(ours)))
    ratios = ours[drawn].mean(axis=1) / theirs[drawn].mean(axis=1)
    low, high = np.quantile(ratios, [0.05, 0.95])
    return f"{ours.mean() / theirs.mean():.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
