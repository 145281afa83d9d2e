"""What a proposal of gp costs, in CPU seconds, by trials and by kinds of flags.

``python benchmarks/search/proposal_cost.py`` prints a table: the median, and the largest, of five
proposals in a row after so many results.
"""

import argparse
import statistics
import time

import numpy as np
from report import table

from tunesmith.flags.grammar import read_setting
from tunesmith.flags.values import Flags
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

N_PROPOSALS = 5
FLOATS = "[0.0:1.0]"
SPACES = {
    "5 floats": dict.fromkeys(["a", "b", "c", "d", "e"], FLOATS),
    "50 floats": {f"x{i:02}": FLOATS for i in range(50)},
    "12 mixed": {
        **{f"x{i}": FLOATS for i in range(4)},
        **{f"n{i}": "[1:100]" for i in range(3)},
        **{f"rate{i}": "loguniform[0.00001:1.0]" for i in range(2)},
        **{f"kind{i}": "[a, b, c, d]" for i in range(3)},
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", nargs="+", type=int, default=[20, 100, 300, 1000])
    options = parser.parse_args()
    header = ["flags", *(f"{n} trials" for n in options.trials)]
    measure(SPACES["5 floats"], 10)  # so that imports are nobody's cost
    rows = [[name, *(_shown(name, n) for n in options.trials)] for name in SPACES]
    print("\n".join(table(header, rows)))


def _shown(name: str, n_trials: int) -> str:
    costs = measure(SPACES[name], n_trials)
    return f"{statistics.median(costs):.3f}, {max(costs):.3f}"


def measure(settings: dict[str, str], n_trials: int) -> list[float]:
    """Return the CPU seconds of proposals that follow one another.

    Args:
        settings: The flags, in Tunesmith's own language.
        n_trials: How many random points have results before the first.
    """
    space = SearchSpace.from_settings({k: read_setting(v) for k, v in settings.items()})
    optimizer, start = build_optimizer("gp", {}), build_optimizer("random", {})
    points = [one.flags for one in start.propose(space, [], [], n_trials, 1)]
    trials = [_trial(number, flags) for number, flags in enumerate(points, 1)]
    costs = []
    for number in range(n_trials + 1, n_trials + 1 + N_PROPOSALS):
        began = time.process_time()
        (found,) = optimizer.propose(space, trials, [], 1, 1)
        costs.append(time.process_time() - began)
        trials.append(_trial(number, found.flags))
    return costs


def _trial(number: int, flags: Flags) -> Observation:
    """Return a trial of a smooth function of all numbers, with a term for each category."""
    values = [
        v if isinstance(v, int | float) else len(str(v)) + ord(str(v)[0]) for v in flags.values()
    ]
    x = np.array(values, dtype=float)
    weights = 1.0 / (1.0 + np.arange(len(x)))
    cost = float(np.sum(weights * np.sin(3.0 * np.log1p(np.abs(x)))))
    return Observation(number=number, flags=flags, cost=cost)


if __name__ == "__main__":
    main()
