"""Replay rules on tables of learning curves, and keep what they spend and lose.

``python benchmarks/pruning/run.py random`` and ``gp`` add to ``results.json``, one entry for each
rule and setting; ``report.py`` makes the tables of it. Nothing is trained.
"""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import searches
import tables

from tunesmith.search.pruning.registry import build_pruner

RESULTS = Path(__file__).parent / "results.json"
RULES = ["careful", "bold", "halving", "median", "after:5:10", "after:12:15"]
RULES += ["optuna:median", "optuna:percentile", "optuna:halving", "optuna:hyperband"]
N_SEEDS = 20
OTHER, OTHER_SEED = "other", 100
"""Beside the rules with gp: a search that is not pruned either, from another seed."""


def keep(key: str, by_task: dict[str, list[searches.Outcome]]) -> None:
    """Add the mean over the seeds of each task to the file."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    rows = {}
    for task, found in by_task.items():
        n = len(found)
        rows[task] = {
            "steps": round(sum(one.steps for one in found) / n, 5),
            "same": round(sum(one.is_same for one in found) / n, 5),
            "excess": round(sum(one.excess for one in found) / n, 6),
            "normalized": round(sum(one.normalized for one in found) / n, 5),
            "seeds": n,
        }
    known[key] = rows
    RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    steps, same, normalized = (
        sum(row[name] for row in rows.values()) / len(rows)
        for name in ("steps", "same", "normalized")
    )
    print(f"{key:50} {steps:.3f} {same:.3f} {normalized:.4f}", flush=True)


def run_random(options: argparse.Namespace) -> None:
    for rule in options.rules:
        pruner = build_pruner(rule)
        for kind, n_trials, n_jobs in options.settings:
            found = {
                table.name: [
                    searches.at_random(table, pruner, seed=seed, n_trials=n_trials, n_jobs=n_jobs)
                    for seed in range(options.seeds)
                ]
                for table in tables.load(options.tables, is_minimum=kind == "min")
            }
            keep(f"{options.name}random {kind} {n_trials} {n_jobs} {rule}", found)


def run_gp(options: argparse.Namespace) -> None:
    searched = tables.load(options.tables)
    pruners = {rule: build_pruner(rule) for rule in options.rules}
    found: dict[tuple[str, int], dict[str, list[searches.Outcome]]] = {}
    for seed in range(options.seeds):
        for table in searched:
            whole = searches.by_gp(table, None, seed=seed, n_trials=50)
            others = {OTHER: searches.by_gp(table, None, seed=seed + OTHER_SEED, n_trials=50)}
            for rule, pruner in pruners.items():
                others[rule] = searches.by_gp(table, pruner, seed=seed, n_trials=50)
            for rule, pruned in others.items():
                for n in (50, 20):
                    steps = pruned.n_points(n) / whole.n_points(n)
                    one = searches.outcome(steps, pruned.best(n) - whole.best(n), table.ends)
                    found.setdefault((rule, n), {}).setdefault(table.name, []).append(one)
        for (rule, n), by_task in found.items():  # a search takes seconds: keep what is there
            keep(f"{options.name}gp last {n} 1 {rule}", by_task)


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {"random": run_random, "gp": run_gp}


def setting(text: str) -> tuple[str, int, int]:
    kind, n_trials, n_jobs = text.split(",")
    return kind, int(n_trials), int(n_jobs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("search", choices=COMMANDS)
    parser.add_argument("--rules", nargs="*", default=RULES)
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument(
        "--settings",
        nargs="*",
        type=setting,
        default=[("last", 50, 1), ("last", 20, 1), ("last", 50, 4), ("min", 50, 1)],
        help="last or min, trials, jobs: last,50,1",
    )
    parser.add_argument("--tables", type=Path, default=tables.CURVES)
    parser.add_argument("--name", default="", help="what the keys of other tables begin with")
    options = parser.parse_args()
    COMMANDS[options.search](options)


if __name__ == "__main__":
    main()
