"""What it gains to say which flags matter: searches of spaces with conditions, and of flat ones.

Each problem has branches of different dimension. In its flat space every flag is always searched,
and those of other branches change nothing.
"""

import argparse
import csv
import math
import statistics
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from methods import build_tuner
from problem import number_of

from tunesmith.flags.activity import with_conditions
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.definition import FlagSource, FlagStyle, ScriptFlags
from tunesmith.flags.values import Flags
from tunesmith.search.space import SearchSpace

RESULTS = Path(__file__).with_name("results") / "conditional.csv"
LOOKS = (20, 30, 40)
"""Trials after which the regret is noted."""
ANY = ScriptFlags(source=FlagSource.COMMAND, definitions=(), style=FlagStyle.SPACED, is_open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branching:
    """A problem with conditional flags; its least value is 0."""

    name: str
    arguments: tuple[str, ...]
    """What is searched, as typed."""
    value: Callable[[Flags], float]

    def space(self, *, is_flat: bool) -> SearchSpace:
        """Return the space, with or without its conditions."""
        typed = [one.partition(" if ")[0] if is_flat else one for one in self.arguments]
        given = assign(ANY, [split_argument(one) for one in typed], script=self.name)
        return SearchSpace.from_settings(with_conditions(given, ANY))


def _log(flags: Flags, name: str) -> float:
    return math.log10(number_of(flags, name))


def _models(flags: Flags) -> float:
    """One of three models with one, three and five flags; that with three is the best."""
    if flags["model"] == "linear":
        return 0.3 + 0.02 * (_log(flags, "alpha") + 1.0) ** 2
    if flags["model"] == "svm":
        c, gamma = _log(flags, "c") - 1.2, _log(flags, "gamma") + 2.1
        return 0.04 * c**2 + 0.06 * (gamma + 0.5 * c) ** 2 + (number_of(flags, "eps") - 0.3) ** 2
    rate, width = _log(flags, "rate") + 2.7, math.log2(number_of(flags, "width")) - 6.5
    deep = number_of(flags, "layers") - 3
    return (
        0.08
        + 0.05 * rate**2
        + 0.02 * width**2
        + 0.01 * deep**2
        + 0.3 * (number_of(flags, "drop") - 0.25) ** 2
        + 0.01 * (_log(flags, "decay") + 4.0) ** 2
    )


def _network(flags: Flags) -> float:
    """One to four layers with a width and a dropout each, and two optimizers; three are best."""
    layers = int(number_of(flags, "layers"))
    total = {1: 0.5, 2: 0.2, 3: 0.0, 4: 0.1}[layers]
    for k in range(1, layers + 1):
        total += 0.02 * (math.log2(number_of(flags, f"width{k}")) - 8 + k) ** 2
        total += 0.3 * (number_of(flags, f"drop{k}") - 0.1 * k) ** 2
    if flags["opt"] == "sgd":
        total += 0.05 + 0.05 * (_log(flags, "rate") + 1.0) ** 2
        return total + (number_of(flags, "momentum") - 0.9) ** 2
    return total + 0.05 * (_log(flags, "rate") + 3.0) ** 2 + (number_of(flags, "beta") - 0.95) ** 2


def _branches(flags: Flags) -> float:
    """Three valleys of two, four and six dimensions, turned, of which the last is the deepest."""
    kind = str(flags["kind"])
    n, low = {"a": (2, 0.15), "b": (4, 0.05), "c": (6, 0.0)}[kind]
    x = [number_of(flags, f"{kind}{k}") - 0.2 - 0.1 * k for k in range(n)]
    return low + sum(one**2 for one in x) + 0.5 * sum((p - q) ** 2 for p, q in pairwise(x))


PROBLEMS = (
    Branching(
        name="models",
        arguments=(
            "model=[linear,svm,network]",
            "alpha=loguniform[1e-4:1e2] if model == linear",
            "c=loguniform[1e-3:1e3] if model == svm",
            "gamma=loguniform[1e-4:1e1] if model == svm",
            "eps=[0.0:1.0] if model == svm",
            "rate=loguniform[1e-5:1e0] if model == network",
            "width=[8:512] if model == network",
            "layers=[1:6] if model == network",
            "drop=[0.0:0.9] if model == network",
            "decay=loguniform[1e-7:1e-1] if model == network",
        ),
        value=_models,
    ),
    Branching(
        name="network",
        arguments=(
            "layers=[1:4]",
            *(f"width{k}=[8:512]" + f" if layers >= {k}" * (k > 1) for k in range(1, 5)),
            *(f"drop{k}=[0.0:0.9]" + f" if layers >= {k}" * (k > 1) for k in range(1, 5)),
            "opt=[sgd,adam]",
            "rate=loguniform[1e-5:1e0]",
            "momentum=[0.0:0.99] if opt == sgd",
            "beta=[0.5:0.999] if opt == adam",
        ),
        value=_network,
    ),
    Branching(
        name="branches",
        arguments=(
            "kind=[a,b,c]",
            *(f"a{k}=[0.0:1.0] if kind == a" for k in range(2)),
            *(f"b{k}=[0.0:1.0] if kind == b" for k in range(4)),
            *(f"c{k}=[0.0:1.0] if kind == c" for k in range(6)),
        ),
        value=_branches,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One search."""

    problem: str
    space: str
    """``flat`` or ``conditions``."""
    method: str
    seed: int


def search(case: Case) -> list[float]:
    """Return the regret of a search after each of ``LOOKS`` trials."""
    problem = next(one for one in PROBLEMS if one.name == case.problem)
    space = problem.space(is_flat=case.space == "flat")
    tuner = build_tuner(case.method, space, case.seed)
    regrets: list[float] = []
    for number in range(1, max(LOOKS) + 1):
        (flags,) = tuner.ask(1)
        regrets.append(problem.value(flags))
        tuner.tell({number: regrets[-1]})
    return [min(regrets[:look]) for look in LOOKS]


def read_results(path: Path) -> dict[Case, list[float]]:
    """Return the regrets that are known, by case."""
    if not path.is_file():
        return {}
    with path.open(newline="") as file:
        return {
            Case(problem=problem, space=space, method=method, seed=int(seed)): list(
                map(float, rest)
            )
            for problem, space, method, seed, *rest in list(csv.reader(file))[1:]
        }


def write_results(path: Path, found: Mapping[Case, list[float]]) -> None:
    """Write the regrets, sorted by case."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["problem", "space", "method", "seed", *LOOKS])
        for case in sorted(found, key=lambda one: (one.problem, one.space, one.method, one.seed)):
            names = [case.problem, case.space, case.method, case.seed]
            writer.writerow([*names, *(f"{one:.4g}" for one in found[case])])


def table(found: Mapping[Case, list[float]]) -> str:
    """Return the mean regrets as a table of Markdown, each beside that of the flat space."""
    lines = [
        f"| problem | method | seeds | {' | '.join(f'{look} trials' for look in LOOKS)} |",
        f"|{'---|' * (3 + len(LOOKS))}",
    ]
    for problem, method in dict.fromkeys((one.problem, one.method) for one in found):
        sides = [
            [found[one] for one in found if (one.problem, one.method, one.space) == key]
            for key in ((problem, method, "conditions"), (problem, method, "flat"))
        ]
        cells = []
        for place in range(len(LOOKS)):
            means = [statistics.fmean(one[place] for one in side) for side in sides if side]
            ratio = f" = {means[0] / means[1]:.2f}" if len(means) == 2 else ""
            cells.append(" / ".join(f"{mean:.4f}" for mean in means) + ratio)
        lines.append(f"| {problem} | {method} | {len(sides[0])} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", nargs="+", default=[one.name for one in PROBLEMS])
    parser.add_argument("--methods", nargs="+", default=["gp"], help="default: gp")
    parser.add_argument("--spaces", nargs="+", default=["flat", "conditions"])
    parser.add_argument("--seeds", type=int, default=10, help="how many (default: 10)")
    parser.add_argument("--first-seed", type=int, default=0, help="the first of them (default: 0)")
    parser.add_argument("--workers", type=int, default=1, help="searches at once (default: 1)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file of results")
    options = parser.parse_args()
    found = read_results(options.results)
    cases = [
        Case(problem=problem, space=space, method=method, seed=seed)
        for method in options.methods
        for problem in options.problems
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for space in options.spaces
    ]
    left = [case for case in cases if case not in found]
    with ProcessPoolExecutor(options.workers) as workers:
        for case, regrets in zip(left, workers.map(search, left), strict=True):
            found[case] = regrets
            write_results(options.results, found)
    print(table({case: found[case] for case in cases}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
