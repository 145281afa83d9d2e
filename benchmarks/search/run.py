"""Search every problem by every method from every seed, each in a process of its own.

A run whose file is there is not repeated, so that the command continues where it was stopped.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from methods import check_method
from problem import Group
from problems import PROBLEMS, names_of
from records import RESULTS, Run, read_trials
from schedule import Mode

ONE_RUN = Path(__file__).with_name("one_run.py")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> int:
    options = read_options()
    runs = [
        Run(problem=problem, method=method, seed=seed, mode=mode_of(options))
        for method in options.methods
        for seed in range(options.seeds)
        for problem in chosen_problems(options)
    ]
    forget(runs if options.again else (), options.results)
    failed = complete(runs, options.trials, folder=options.results, n_workers=options.workers)
    return 1 if failed else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_shared(parser, seeds=10)
    parser.add_argument(
        "--problems", nargs="+", help="names, or design, extra, wide, held_out (default: design)"
    )
    parser.add_argument("--held-out", action="store_true", help="the held-out problems too")
    parser.add_argument("--trials", type=int, default=100, help="trials of a run (default: 100)")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--batch", type=int, default=1, help="trials told together (default: 1)")
    group.add_argument("--asynchronous", type=int, default=1, help="workers that do not wait")
    return parser.parse_args()


def add_shared(parser: argparse.ArgumentParser, *, seeds: int) -> None:
    """Add the options that every program here has."""
    parser.add_argument(
        "--methods",
        nargs="+",
        default=["random", "gp"],
        help="ours, or a peer; NAME@LABEL is kept apart from NAME (default: random gp)",
    )
    parser.add_argument("--seeds", type=int, default=seeds, help=f"0 to N-1 (default: {seeds})")
    parser.add_argument("--again", action="store_true", help="repeat the runs that are there")
    parser.add_argument("--workers", type=int, default=2, help="runs at once (default: 2)")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="folder (default: results beside this)"
    )


def mode_of(options: argparse.Namespace) -> Mode:
    """Return the mode that ``--batch`` and ``--asynchronous`` ask for."""
    if options.asynchronous > 1:
        return Mode(n_at_once=options.asynchronous, is_asynchronous=True)
    return Mode(n_at_once=options.batch)


def chosen_problems(options: argparse.Namespace) -> list[str]:
    """Return the names of the problems to run, those of a group for the group's name."""
    words = options.problems or ([] if options.held_out else [Group.DESIGN])
    words = [*words, Group.HELD_OUT] if options.held_out else words
    names: list[str] = []
    for word in words:
        names += names_of(Group(word)) if word in set(Group) else [word]
    unknown = [name for name in names if name not in PROBLEMS]
    if unknown:
        raise SystemExit(f"no problem {unknown[0]!r}: choose of {', '.join(PROBLEMS)}")
    return list(dict.fromkeys(names))


def forget(runs: Iterable[Run], folder: Path) -> None:
    """Remove the runs' files."""
    for run in runs:
        run.path(folder).unlink(missing_ok=True)


def complete(runs: Sequence[Run], n_trials: int, *, folder: Path, n_workers: int) -> int:
    """Run what is missing; return how many runs failed."""
    for method in dict.fromkeys(run.method for run in runs):
        check_method(method)
    missing = [run for run in runs if read_trials(run, folder, n_trials) is None]
    prepare({run.problem for run in missing})
    with ThreadPoolExecutor(n_workers) as workers:
        started = [workers.submit(run_one, run, n_trials, folder) for run in missing]
        failed = sum(not future.result() for future in started)
    print(f"{len(missing) - failed} runs done, {len(runs) - len(missing)} were there, ", end="")
    print(f"{failed} failed", flush=True)
    return failed


def prepare(problems: Iterable[str]) -> None:
    """Compute the tables and the minima that are not known, one after the other."""
    for name in sorted(problems):
        if not isinstance(PROBLEMS[name].minimum, float):
            start([name])


def run_one(run: Run, n_trials: int, folder: Path) -> bool:
    """Run one search; return whether it ended well."""
    arguments = [run.problem, "--method", run.method, "--seed", str(run.seed)]
    arguments += ["--trials", str(n_trials), "--mode", run.mode.name, "--results", str(folder)]
    done = start(arguments)
    word = "done" if done.returncode == 0 else f"failed\n{done.stderr}"
    print(f"{run.problem} {run.method} {run.seed} {run.mode.name}: {word}", flush=True)
    return done.returncode == 0


def start(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run ``one_run.py``, with one thread for linear algebra."""
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    command = [sys.executable, str(ONE_RUN), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
