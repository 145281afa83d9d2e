"""What a belief gains where it is right, and costs where it is wrong.

Each flag of a problem with a known optimum is believed to be best near a value: a right one lies
within a tenth of the range of the optimum, a wrong one half of the range away from that.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from functions import ACKLEY_OPTIMUM
from problem import Problem
from problems import PROBLEMS

from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

OPTIMA: Mapping[str, tuple[float, ...]] = {
    "branin": (np.pi, 2.275),
    "hartmann3": (0.114614, 0.555649, 0.852547),
    "hartmann6": (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573),
    "ackley5": tuple(ACKLEY_OPTIMUM.tolist()),
}
KINDS = ("none", "right", "wrong")
ERROR = 0.1
"""How far a right belief may be off, as a share of the range."""
LOOKS = (5, 10, 20, 50)
"""Trials after which the regret is kept."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", nargs="+", default=[*OPTIMA], help="default: all")
    parser.add_argument("--kinds", nargs="+", default=[*KINDS], help="default: none right wrong")
    parser.add_argument("--optimizers", nargs="+", default=["gp"], help="default: gp")
    parser.add_argument("--seeds", type=int, default=10, help="0 to N-1 (default: 10)")
    parser.add_argument("--trials", type=int, default=50, help="of a search (default: 50)")
    parser.add_argument("--width", default="", help="of a belief, as 0.1 (default: the default)")
    parser.add_argument("--results", type=Path, help="file to add a JSON line a search to")
    options = parser.parse_args()
    looks = [look for look in LOOKS if look <= options.trials]
    print(f"{'optimizer':10} {'problem':10} {'belief':6} {'':8}", *(f"{n:>9}" for n in looks))
    for optimizer in options.optimizers:
        for problem in options.problems:
            for kind in options.kinds:
                found = [
                    search(PROBLEMS[problem], kind, optimizer, seed, options)
                    for seed in range(options.seeds)
                ]
                told = np.median(np.array(found), axis=0)
                mean = np.mean(np.array(found), axis=0)
                start = f"{optimizer:10} {problem:10} {kind:6}"
                print(start, f"{'median':8}", *(f"{one:9.4f}" for one in told))
                print(start, f"{'mean':8}", *(f"{one:9.4f}" for one in mean), flush=True)
    return 0


def search(
    problem: Problem, kind: str, optimizer: str, seed: int, options: argparse.Namespace
) -> list[float]:
    """Return the least regret after some numbers of trials."""
    space = believing(problem, kind, seed, options.width)
    proposer = build_optimizer(optimizer, {})
    rng = np.random.default_rng(seed)
    trials: list[Observation] = []
    regrets: list[float] = []
    for number in range(1, options.trials + 1):
        (candidate,) = proposer.propose(space, trials, [], 1, seed)
        cost = problem.cost(candidate.flags, rng)
        trials.append(Observation(number=number, flags=candidate.flags, cost=cost))
        regrets.append(problem.regret(candidate.flags) or 0.0)
    found = [min(regrets[:look]) for look in LOOKS if look <= options.trials]
    if options.results is not None:
        row = {"problem": problem.name, "belief": kind, "optimizer": optimizer, "seed": seed}
        with options.results.open("a") as file:
            file.write(json.dumps({**row, "width": options.width, "regrets": regrets}) + "\n")
    return found


def believing(problem: Problem, kind: str, seed: int, width: str) -> SearchSpace:
    """Return a problem's space with a belief in each flag."""
    if kind == "none":
        return problem.space
    rng = np.random.default_rng([seed, 1])
    settings = {}
    for (name, text), best in zip(problem.settings.items(), OPTIMA[problem.name], strict=True):
        low, high = (float(end) for end in text.strip("[]").split(":")[:2])
        unit = (best - low) / (high - low)
        unit = float(np.clip(unit + rng.uniform(-ERROR, ERROR), 0.0, 1.0))
        unit = (unit + 0.5) % 1.0 if kind == "wrong" else unit
        share = f":{width}" if width else ""
        settings[name] = f"{text}~{low + unit * (high - low)!r}{share}"
    return Problem(name=problem.name, settings=settings, value=problem.value, minimum=0.0).space


if __name__ == "__main__":
    sys.exit(main())
