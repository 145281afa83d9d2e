"""What are the results of another batch worth to a search, and what do stale ones cost it?

A batch of 30 trials by gp is the past; the search then has 20 trials of its own. The past is of
the same function; of it less an offset; of another scale; or of another function altogether: the
same one with every flag turned around, so that its best lies where this one's does not.
"""

import argparse
import statistics
import warnings
from dataclasses import replace

from problem import Problem
from problems import PROBLEMS
from report import table

from tunesmith.flags.values import Flags
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer

N_PAST, N_OWN = 30, 20
AFTER = (1, 5, 10, 20)
"""Own trials after which the regret of the best of them counts."""
NAMES = ("branin", "hartmann3", "hartmann6", "rosenbrock4", "svr-diabetes")
KINDS = ("none", "same", "offset", "scale", "unrelated")
PAST_SEED = 1000
"""Added to a search's seed for that of its past."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", nargs="+", default=NAMES, choices=PROBLEMS)
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--methods", nargs="+", default=["gp"], help="ours")
    parser.add_argument("--seeds", type=int, default=8, help="0 to N-1 (default: 8)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for name in options.problems:
        for method in options.methods:
            for kind in options.kinds:
                regrets = [search(PROBLEMS[name], kind, method, s) for s in range(options.seeds)]
                medians = [statistics.median(one[n] for one in regrets) for n in AFTER]
                rows.append([name, method, kind, *(f"{one:.3g}" for one in medians)])
                print(*rows[-1], flush=True)
    print()
    header = ["problem", "method", "past", *(f"after {n}" for n in AFTER)]
    print("\n".join(table(header, rows)))


def search(problem: Problem, kind: str, method: str, seed: int) -> dict[int, float]:
    """Return the regrets of the best own trial by how many there were."""
    trials = [] if kind == "none" else past_of(problem, kind, seed)
    optimizer, best, regrets = build_optimizer(method, {}), float("inf"), {}
    for number in range(1, N_OWN + 1):
        found = optimizer.propose(problem.space, trials, [], 1, seed)
        cost = problem.value(found[0].flags)
        trials.append(Observation(number=number, flags=found[0].flags, cost=cost))
        best = best if cost is None else min(best, cost)
        if number in AFTER:
            regrets[number] = best - problem.least
    return regrets


def past_of(problem: Problem, kind: str, seed: int) -> list[Observation]:
    """Return a search of another batch, as one that goes on is told of it."""
    other = turned(problem) if kind == "unrelated" else problem
    optimizer, trials = build_optimizer("gp", {}), []
    for number in range(1, N_PAST + 1):
        (one,) = optimizer.propose(problem.space, trials, [], 1, seed + PAST_SEED)
        trials.append(Observation(number=number, flags=one.flags, cost=other.value(one.flags)))
    costs = [one.cost for one in trials if one.cost is not None]
    offset = 2.0 * statistics.stdev(costs) if kind == "offset" else 0.0
    factor = 3.0 if kind == "scale" else 1.0
    return [
        replace(
            one,
            number=0,
            batch="past",
            cost=None if one.cost is None else factor * one.cost - offset,
        )
        for one in trials
    ]


def turned(problem: Problem) -> Problem:
    """Return the problem with every flag turned around: low for high, the last for the first."""
    space = problem.space

    def value(flags: Flags) -> float | None:
        units = space.to_units(flags)
        return None if units is None else problem.value(space.from_units([1 - u for u in units]))

    return replace(problem, value=value)


if __name__ == "__main__":
    main()
