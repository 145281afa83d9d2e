"""How much of the exact Pareto front do searches of two objectives find?

Seven tables whose front is known: HPOLib (validation loss and model size) and NAS-Bench-201
(accuracy and latency), each the mean over the table's seeds. A trial reports them as they are; the
hypervolume of all trials so far, divided by that of the exact front, is of the logarithms of what
differs by decades, loss and model size. It is given twice: below the worst values of the table, as
usual (Watanabe, Awad, Onishi and Hutter, 2023), and strictly, below a point that lies a tenth of
the exact front's extent beyond its ends. What is there is not run again:

``python benchmarks/search/several_objectives.py --methods gp optuna-gp --seeds 5``
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from csv_rows import read_rows, write_rows
from peers import OptunaTuner, flags_of
from public.grids import grid_tasks, grid_values
from public.task import Suite, Task

from tunesmith.flags.values import Flags
from tunesmith.pareto import front_of, hypervolume
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

RESULTS = Path(__file__).parent / "results" / "several_objectives.csv"
SECOND = {"hpolib": "model_size", "nb201": "latency"}
"""The second objective of each suite; the first is that of searches of one."""
BEYOND = 0.1
"""How far the strict reference lies beyond the exact front, as a share of its extent."""
AFTER = (20, 40, 60)
"""The trials after which the hypervolume is taken."""
N_BOOTSTRAP = 2000
WORDS = {"share": "of all", "strict": "strict"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The share of the exact hypervolume that a search has found by a trial."""

    task: str
    method: str
    seed: int
    n_trials: int
    share: float
    """Below the worst values of the table."""
    strict: float
    """Below the ends of the exact front."""
    seconds: float
    """Of proposing, in all so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A table with two costs, and what its exact front dominates."""

    task: Task
    costs: Callable[[Flags], Point]
    """What a trial reports."""
    has_decades: bool
    """Whether both costs differ by decades."""
    front: np.ndarray
    """The exact front, shape (n, 2), as it is measured."""
    worst: np.ndarray

    @classmethod
    def of(cls, name: str) -> "Problem":
        """Return the problem of a task by its name."""
        task = grid_tasks()[name]()
        first, second = grid_values(name), grid_values(name, SECOND[task.suite])
        has_decades = task.suite is Suite.HPOLIB
        every = measured(np.column_stack([first.all, second.all]), has_decades)
        return cls(
            task=task,
            costs=lambda flags: (first.of(flags), second.of(flags)),
            has_decades=has_decades,
            front=every[front_of(every.tolist())],
            worst=every.max(axis=0),
        )

    def share(self, found: Sequence[Point], reference: np.ndarray) -> float:
        """Return the hypervolume of trials as a share of the exact one."""
        points = measured(np.array(found), self.has_decades)
        low, high = self.front.min(axis=0), reference
        volumes = [
            hypervolume(((one - low) / (high - low)).tolist(), (1.0, 1.0))
            for one in (points, self.front)
        ]
        return volumes[0] / volumes[1]

    @property
    def strict(self) -> np.ndarray:
        """The strict reference."""
        top: np.ndarray = self.front.max(axis=0)
        return top + BEYOND * (top - self.front.min(axis=0))


def measured(costs: np.ndarray, has_decades: bool) -> np.ndarray:
    """Return costs, shape (n, 2), as they are measured."""
    return np.log10(costs) if has_decades else costs


def ours(
    name: str, settings: Mapping[str, Any], space: SearchSpace, seed: int, costs: Any
) -> Iterator[Point]:
    """Yield the costs of a search by one of our optimizers."""
    optimizer, trials = build_optimizer(name, settings), list[Observation]()
    while True:
        flags = optimizer.propose(space, trials, [], 1, seed)[0].flags
        found = costs(flags)
        trials.append(Observation(number=len(trials) + 1, flags=flags, cost=found[0], costs=found))
        yield found


def optuna(name: str, space: SearchSpace, seed: int, costs: Any) -> Iterator[Point]:
    """Yield the costs of a search by one of Optuna's samplers at its defaults."""
    import optuna as library

    library.logging.set_verbosity(library.logging.ERROR)
    warnings.simplefilter("ignore")
    samplers = library.samplers
    built: Any = {
        "gp": lambda: samplers.GPSampler(seed=seed),
        "nsgaii": lambda: samplers.NSGAIISampler(seed=seed),
        "tpe": lambda: samplers.TPESampler(seed=seed),
    }[name]()
    study = library.create_study(directions=["minimize", "minimize"], sampler=built)
    distributions = {one.name: OptunaTuner.distribution(one) for one in space.searched}
    while True:
        trial = study.ask(distributions)
        found = costs(flags_of(space, trial.params))
        study.tell(trial, found)
        yield found


METHODS: dict[str, Callable[[SearchSpace, int, Any], Iterator[Point]]] = {
    "gp": partial(ours, "gp", {}),
    "random": partial(ours, "random", {}),
    "sobol": partial(ours, "sobol", {}),
    "optuna-gp": partial(optuna, "gp"),
    "optuna-nsgaii": partial(optuna, "nsgaii"),
    "optuna-tpe": partial(optuna, "tpe"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", nargs="+", choices=[*METHODS], default=[*METHODS])
    parser.add_argument("--seeds", type=int, default=5, help="from 0")
    parser.add_argument("--tasks", nargs="+", help="names (default: all seven)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the CSV file")
    options = parser.parse_args()
    names = options.tasks or [one for one in grid_tasks() if one.split("-")[0] in SECOND]
    rows = read_rows(options.results, Row)
    done = {(row.task, row.method, row.seed) for row in rows}
    problems = {name: Problem.of(name) for name in names}
    for seed in range(options.seeds):
        for method in options.methods:
            for name in names:
                if (name, method, seed) not in done:
                    rows += search(problems[name], method, seed)
                    write_rows(options.results, rows)
    chosen = [row for row in rows if row.task in names and row.method in options.methods]
    print("\n".join(table(chosen)))


def search(problem: Problem, method: str, seed: int) -> list[Row]:
    """Return what one search has found after so many trials."""
    space = problem.task.space
    trials = METHODS[method](space, seed, problem.costs)
    began, found, rows = time.process_time(), list[Point](), list[Row]()
    for number in range(1, AFTER[-1] + 1):
        found.append(next(trials))
        if number in AFTER:
            row = Row(
                task=problem.task.name,
                method=method,
                seed=seed,
                n_trials=number,
                share=round(problem.share(found, problem.worst), 5),
                strict=round(problem.share(found, problem.strict), 5),
                seconds=round(time.process_time() - began, 2),
            )
            rows.append(row)
    return rows


def table(rows: Sequence[Row]) -> list[str]:
    """Return the shares by task and method after all trials, and the means with intervals."""
    methods = list(dict.fromkeys(row.method for row in rows))
    lines = [f"| task | {' | '.join(methods)} |", "|---|" + "---:|" * len(methods)]
    last = [row for row in rows if row.n_trials == AFTER[-1]]
    for task in dict.fromkeys(row.task for row in last):
        found = [[r for r in last if (r.task, r.method) == (task, one)] for one in methods]
        lines.append(f"| {task} | {' | '.join(map(_cell, found))} |")
    for kind in ("share", "strict"):
        for n in AFTER:
            found = [[r for r in rows if (r.n_trials, r.method) == (n, one)] for one in methods]
            cells = (_interval([getattr(r, kind) for r in some]) for some in found)
            lines.append(f"| {WORDS[kind]}, mean after {n} | {' | '.join(cells)} |")
    seconds = [
        f"{statistics.mean(r.seconds for r in last if r.method == m) / AFTER[-1]:.2f}"
        for m in methods
    ]
    return [*lines, f"| seconds a proposal | {' | '.join(seconds)} |"]


def _cell(rows: Sequence[Row]) -> str:
    """Return both mean shares of the searches of one task."""
    if not rows:
        return ""
    means = (statistics.mean(getattr(row, kind) for row in rows) for kind in WORDS)
    return " / ".join(f"{mean:.3f}" for mean in means)


def _interval(shares: Sequence[float]) -> str:
    """Return the mean over tasks and seeds, and its 95 % interval by resampling the searches."""
    if not shares:
        return ""
    drawn = np.random.default_rng(0).choice(shares, (N_BOOTSTRAP, len(shares))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{statistics.mean(shares):.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
