"""One search in a process of its own; ``run.py`` starts it."""

import argparse
import warnings
from pathlib import Path

from methods import build_tuner
from problem import Problem
from problems import PROBLEMS
from records import Run, write_run
from schedule import Mode, Session, run_trials

from tunesmith.search.space import SearchSpace

N_WARM_UP = 12
"""More than the random starts of every method, so that its model is loaded."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem", choices=PROBLEMS)
    parser.add_argument("--method", help="not given: only compute the problem's minimum")
    parser.add_argument("--seed", type=int, default=0, help="whole number")
    parser.add_argument("--trials", type=int, default=100, help="trials in all")
    parser.add_argument("--mode", default="sequential", help="sequential, batchN, asynchronousN")
    parser.add_argument("--results", type=Path, help="folder that the JSON is written below")
    options = parser.parse_args()
    problem = PROBLEMS[options.problem]
    if options.method is None:
        print(f"{problem.name}: least value {problem.least:.6g}")
        return
    mode = Mode.from_name(options.mode)
    run = Run(problem=problem.name, method=options.method, seed=options.seed, mode=mode)
    session = search(problem, run, options.trials)
    write_run(run, session.results, options.results, options.trials)


def search(problem: Problem, run: Run, n_trials: int) -> Session:
    """Return a finished search."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    warm_up(run.method, problem.space)
    session = Session(problem, build_tuner(run.method, problem.space, run.seed), run.seed)
    run_trials(session, run.mode, n_trials, run.seed)
    return session


def warm_up(method: str, space: SearchSpace) -> None:
    """Let a method propose a few points that nobody runs: what it imports is not its cost."""
    tuner = build_tuner(method, space, seed=0)
    for number in range(1, N_WARM_UP + 1):
        if tuner.ask(1):
            tuner.tell({number: float(number % 5)})


if __name__ == "__main__":
    main()
