"""What results beyond the ends of a narrowed range are worth to a search that goes on.

Twenty trials of ``gp`` in the whole space; then each range becomes a part of it around the best
trial so far, as after ``tunesmith change``, and twenty more follow. What is there is not run
again:

``python benchmarks/search/narrowing.py --problems branin hartmann3 levy4 --part 0.5 --seeds 10``
"""

import argparse
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from csv_rows import read_rows, write_rows
from problem import Problem
from problems import PROBLEMS

from tunesmith.flags.values import Flags
from tunesmith.search import beyond
from tunesmith.search.dimension import RealDimension
from tunesmith.search.interval import Scale
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

RESULTS = Path(__file__).parent / "results" / "narrowing.csv"
N_BEFORE, LOOKS = 20, (5, 10, 20)
LEFT_OUT = -1.0
"""The number of lengths with which no result beyond counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The regrets of a search after so many trials in the narrower space."""

    problem: str
    seed: int
    part: float
    lengths: float
    after_5: float
    after_10: float
    after_20: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", nargs="+", default=["branin", "hartmann3", "levy4"])
    parser.add_argument("--part", type=float, default=0.5, help="of each range that is left")
    parser.add_argument("--lengths", nargs="+", type=float, default=[LEFT_OUT, 0.5, 1.0])
    parser.add_argument("--seeds", type=int, default=10, help="from 0")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the CSV file")
    options = parser.parse_args()
    rows = read_rows(options.results, Row)
    done = {(row.problem, row.seed, row.part, row.lengths) for row in rows}
    for seed in range(options.seeds):
        for name in options.problems:
            for lengths in options.lengths:
                if (name, seed, options.part, lengths) not in done:
                    rows.append(regrets(name, seed, options.part, lengths))
                    write_rows(options.results, rows, digits=5)
    print("\n".join(table([row for row in rows if row.part == options.part])))


def regrets(name: str, seed: int, part: float, lengths: float) -> Row:
    """Return the regrets of a search whose ranges are narrowed."""
    problem = PROBLEMS[name]
    before = searched(problem, problem.space, [], N_BEFORE, seed, np.random.default_rng(seed))
    best = min((one for one in before if one.cost is not None), key=lambda one: one.cost or 0.0)
    space = narrowed(problem.space, best.flags, part)
    beyond.MOST = lengths
    after = searched(problem, space, before, LOOKS[-1], seed, np.random.default_rng(seed + 1000))
    inside = [one for one in after if one.cost is not None and space.contains(one.flags)]
    found = []
    for n in LOOKS:
        so_far = [one for one in inside if one.number <= N_BEFORE + n]
        found.append(problem.regret(min(so_far, key=lambda one: one.cost or 0.0).flags) or 0.0)
    first, second, third = found
    return Row(
        problem=name,
        seed=seed,
        part=part,
        lengths=lengths,
        after_5=first,
        after_10=second,
        after_20=third,
    )


def searched(
    problem: Problem,
    space: SearchSpace,
    before: Sequence[Observation],
    n: int,
    seed: int,
    rng: np.random.Generator,
) -> list[Observation]:
    """Return trials, and n more that gp proposes after them."""
    optimizer, trials = build_optimizer("gp", {}), list(before)
    for _ in range(n):
        (one,) = optimizer.propose(space, trials, [], 1, seed)
        cost = problem.cost(one.flags, rng)
        trials.append(Observation(number=len(trials) + 1, flags=one.flags, cost=cost))
    return trials


def narrowed(space: SearchSpace, best: Flags, part: float) -> SearchSpace:
    """Return a space whose ranges of floats are a part of those of another, around a point."""
    dimensions = []
    for one in space.dimensions:
        if isinstance(one, RealDimension):
            is_log = one.scale is Scale.LOG
            ends = [math.log(end) if is_log else end for end in (one.low, one.high)]
            middle = float(best[one.name])  # type: ignore[arg-type]  # a float
            middle = math.log(middle) if is_log else middle
            width = part * (ends[1] - ends[0])
            low = min(max(middle - width / 2, ends[0]), ends[1] - width)
            found = [math.exp(end) if is_log else end for end in (low, low + width)]
            one = replace(one, low=max(one.low, found[0]), high=min(one.high, found[1]))
        dimensions.append(one)
    return replace(space, dimensions=tuple(dimensions))


def table(rows: Sequence[Row]) -> list[str]:
    """Return the geometric mean regrets, and how many searches are better than without."""
    lengths = sorted({row.lengths for row in rows})
    lines = ["| problem | lengths | after 5 | after 10 | after 20 |", "|---|---|---|---|---|"]
    for name in dict.fromkeys(row.problem for row in rows):
        without = {r.seed: r for r in rows if (r.problem, r.lengths) == (name, LEFT_OUT)}
        for one in lengths:
            found = [row for row in rows if (row.problem, row.lengths) == (name, one)]
            cells = [name, "left out" if one == LEFT_OUT else f"{one:g}"]
            for n in LOOKS:
                pairs = [
                    (getattr(row, f"after_{n}"), getattr(without[row.seed], f"after_{n}"))
                    for row in found
                    if row.seed in without
                ]
                mean = math.exp(statistics.mean(math.log(max(mine, 1e-8)) for mine, _ in pairs))
                wins = sum(mine < other for mine, other in pairs)
                losses = sum(mine > other for mine, other in pairs)
                cells.append(f"{mean:.2g}" + ("" if one == LEFT_OUT else f" ({wins}:{losses})"))
            lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
