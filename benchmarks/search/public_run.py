"""Search public tasks by every method from every seed; what is there is not run again.

``python benchmarks/search/public_run.py --suites bbob --methods random gp --seeds 5``
"""

import argparse
import math
import multiprocessing
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from methods import PEERS, base_name, build_tuner, check_method
from one_run import warm_up
from public.halves import is_for_design
from public.results import QUICK_RESULTS, RESULTS, Rows, add_rows, done_runs, path_of, read_rows
from public.sample import sample_of
from public.task import Suite, Task
from public.tasks import builders, names_of, suite_of
from run import THREADS
from schedule import Mode, Result, Session, run_trials

from tunesmith.search.gp.expected import posterior_at_trials
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer

RECOMMENDED_AFTER = (20, 50, 100)
"""The numbers of trials after which the recommended one is asked for."""
MIN_RESULTS = 5
N_QUICK_TASKS, N_QUICK_SEEDS = 3, 2
WRITTEN_EVERY_S = 60
"""What a killed command loses: fifty searches of a slow method are an hour."""
METHODS = ("random", "optuna-tpe", "optuna-cmaes", "gp")
SUITES = (Suite.HPO_B, Suite.LCBENCH, Suite.HPOBENCH, Suite.HPOLIB, Suite.NB201, Suite.BBOB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search of one task."""

    task: str
    method: str
    seed: int
    mode: str
    n_trials: int

    def file(self, folder: Path) -> Path:
        """Return the file that its results belong to."""
        return path_of(folder, self.mode, suite_of(self.task), self.method)


def main() -> int:
    options = read_options()
    if options.quick:
        options.seeds, options.results = min(options.seeds, N_QUICK_SEEDS), QUICK_RESULTS
    os.environ.update(dict.fromkeys(THREADS, "1"))  # for the processes that are started
    for method in options.methods:
        check_method(method)
    missing = list(missing_searches(options))
    print(f"{len(missing)} searches to run", flush=True)
    ends = time.monotonic() + 60 * options.minutes
    n_failed = run_all(missing, options.results, n_workers=options.workers, ends=ends)
    return 1 if n_failed else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--suites", nargs="+", type=Suite, default=SUITES, help=", ".join(Suite), metavar="SUITE"
    )
    parser.add_argument("--quick", action="store_true", help="a few tasks and seeds: ten minutes")
    parser.add_argument("--tasks", nargs="+", help="names (default: all of the suites)")
    parser.add_argument(
        "--half", choices=["design", "confirm"], help="only the tasks of that half"
    )
    parser.add_argument("--sample", action="store_true", help="only thirty, for slow methods")
    parser.add_argument("--methods", nargs="+", default=METHODS, help="ours, or peers")
    parser.add_argument("--seeds", type=int, default=5, help="0 to N-1 (default: 5)")
    parser.add_argument("--trials", type=int, default=100, help="trials of a search")
    parser.add_argument(
        "--mode", default="sequential", help="sequential, or asynchronous4: four at once"
    )
    parser.add_argument("--workers", type=int, default=2, help="searches at once (default: 2)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="start none after them")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder")
    return parser.parse_args()


def chosen_tasks(options: argparse.Namespace) -> list[str]:
    """Return the names of the tasks to search."""
    names = options.tasks or [name for suite in options.suites for name in names_of(suite)]
    if unknown := [name for name in names if name not in builders()]:
        raise SystemExit(f"no task {unknown[0]!r}; tasks are {', '.join(builders())}")
    if options.half is not None:
        names = [name for name in names if is_for_design(name) == (options.half == "design")]
    if options.sample:
        names = sample_of(names)
    if options.quick:
        by_suite = {suite: [one for one in names if suite_of(one) is suite] for suite in Suite}
        names = [name for found in by_suite.values() for name in found[:N_QUICK_TASKS]]
    return list(names)


def missing_searches(options: argparse.Namespace) -> Iterator[Search]:
    """Yield the searches that are not there, seed by seed: what is interrupted has whole seeds."""
    names, n_trials = chosen_tasks(options), options.trials
    known: dict[Path, set[tuple[str, int]]] = {}
    for seed in range(options.seeds):
        for method in options.methods:
            for name in names:
                search = Search(
                    task=name, method=method, seed=seed, mode=options.mode, n_trials=n_trials
                )
                file = search.file(options.results)
                if file not in known:
                    known[file] = done_runs(read_rows(file), n_trials)
                if (name, seed) not in known[file]:
                    yield search


def run_all(searches: Sequence[Search], folder: Path, *, n_workers: int, ends: float) -> int:
    """Run searches in processes and keep their results; return how many failed.

    Args:
        searches: What to run.
        folder: Where results are kept.
        n_workers: Searches at once.
        ends: The monotonic time after which none is started.
    """
    waiting, n_failed, n_done, written = iter(searches), 0, 0, time.monotonic()
    unwritten: dict[Path, list[Rows]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(n_workers, mp_context=context) as pool:
        running: dict[Future[Rows], Search] = {}
        while True:
            if time.monotonic() < ends:
                for search in islice(waiting, 2 * n_workers - len(running)):
                    running[pool.submit(run_one, search)] = search
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                search = running.pop(future)
                if (error := future.exception()) is not None:
                    n_failed += 1
                    print(f"{search}: {type(error).__name__}: {error}", flush=True)
                    continue
                n_done += 1
                unwritten.setdefault(search.file(folder), []).append(future.result())
            if time.monotonic() - written >= WRITTEN_EVERY_S:
                _write(unwritten)
                written = time.monotonic()
                print(f"{n_done} of {len(searches)}", flush=True)
    _write(unwritten)
    print(f"{n_done} of {len(searches)} done, {n_failed} failed", flush=True)
    return n_failed


def _write(unwritten: dict[Path, list[Rows]]) -> None:
    for path, rows in unwritten.items():
        add_rows(path, rows)
    unwritten.clear()


_warmed: set[str] = set()


def run_one(search: Search) -> Rows:
    """Run one search and return its trials in the order of finishing."""
    warnings.simplefilter("ignore")
    task = builders()[search.task]()
    if search.method not in _warmed:
        warm_up(search.method, task.space)
        _warmed.add(search.method)
    session = Session(task, build_tuner(search.method, task.space, search.seed), search.seed)
    run_trials(session, Mode.from_name(search.mode), search.n_trials, search.seed)
    recommended = _recommended(search, task, session.results)
    return [
        (
            search.task,
            search.seed,
            place,
            math.nan if result.cost is None else result.cost,
            math.nan if result.regret is None else result.regret,
            recommended.get(place, math.nan),
            result.cpu_s,
        )
        for place, result in enumerate(session.results, 1)
    ]


def _recommended(search: Search, task: Task, results: Sequence[Result]) -> dict[int, float]:
    """Return the regret of the trial that we recommend after some numbers of trials."""
    name = base_name(search.method)
    if name in PEERS or not build_optimizer(name, {}).is_sequential:
        return {}
    found: dict[int, float] = {}
    for n in RECOMMENDED_AFTER:
        trials = sorted(results[:n], key=lambda one: one.number)
        seen = [Observation(number=one.number, flags=one.flags, cost=one.cost) for one in trials]
        if len(results) < n or sum(one.cost is not None for one in seen) < MIN_RESULTS:
            continue
        costs = {one.number: one.cost for one in seen}
        expected = [
            one for one in posterior_at_trials(task.space, seen) if costs[one[0]] is not None
        ]
        number = min(expected, key=lambda one: (one[1], costs[one[0]], one[0]))[0]
        found[n] = next(one.regret for one in trials if one.number == number) or 0.0
    return found


if __name__ == "__main__":
    sys.exit(main())
