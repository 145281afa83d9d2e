"""What are searches of other data worth to a search, and what do they cost it where they mislead?

HPO-B has the same models on several sets of data. Each set in turn is searched by ``gp``: alone
with 30 trials, and with 10 that begin with what 30 trials found on each of the other sets
(``--learn-from``). *Misled*, those results are turned around: the best becomes the worst.

``python benchmarks/search/learning.py --half design``
"""

import argparse
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from csv_rows import read_rows, write_rows
from public.pools import pool_tasks
from public.task import Task

from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer

RESULTS = Path(__file__).parent / "results" / "learning.csv"
N_EARLIER, N_ALONE = 30, 30
MAX_OTHERS = 5
"""Sets of data from which a search learns."""
AFTER = (1, 3, 5, 10, 20, 30)
"""Own trials after which regrets are compared."""
KINDS = ("alone", "learning", "misled")
BEGIN, END = "<!-- learning: begin -->\n", "<!-- learning: end -->"
LEAST = 0.001
"""A regret below counts as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The regret of the best trial of a search by how many there were."""

    task: str
    seed: int
    kind: str
    n_trials: int
    regret: float


def spaces() -> dict[str, list[str]]:
    """Return the names of the tasks of each space that has several."""
    found: dict[str, list[str]] = {}
    for name in pool_tasks():
        if name.startswith("hpob-"):
            found.setdefault(name.split("_")[0], []).append(name)
    return {space: sorted(names) for space, names in found.items() if len(names) > 2}


def is_for_design(space: str) -> bool:
    """Return whether a space is looked at while a model is built; the others confirm it."""
    return crc32(space.encode()) % 2 == 0


def search(task: Task, earlier: Sequence[Observation], seed: int, n: int) -> list[Observation]:
    """Return the trials of a search that begins with the results of others."""
    optimizer, trials = build_optimizer("gp", {}), list[Observation]()
    for number in range(1, n + 1):
        (found,) = optimizer.propose(task.space, [*earlier, *trials], [], 1, seed)
        cost = task.value(found.flags)
        trials.append(Observation(number=number, flags=found.flags, cost=cost))
    return trials


def as_earlier(name: str, trials: Sequence[Observation], *, is_misled: bool) -> list[Observation]:
    """Return the trials of another set of data as a search is told of them."""
    sign = -1.0 if is_misled else 1.0
    return [
        Observation(number=0, flags=one.flags, cost=sign * one.cost, batch=name)
        for one in trials
        if one.cost is not None
    ]


def rows_of(task: Task, seed: int, kind: str, trials: Sequence[Observation]) -> Iterator[Row]:
    best = float("inf")
    for one in trials:
        regret = task.regret(one.flags)
        best = best if regret is None else min(best, regret)
        if one.number in AFTER:
            yield Row(task=task.name, seed=seed, kind=kind, n_trials=one.number, regret=best)


def run_space(names: Sequence[str], seed: int) -> Iterator[Row]:
    """Yield the results of all searches of a space from one seed."""
    tasks = {name: pool_tasks()[name]() for name in names}
    alone = {name: search(task, [], seed, N_ALONE) for name, task in tasks.items()}
    for k, (name, task) in enumerate(tasks.items()):
        yield from rows_of(task, seed, "alone", alone[name])
        others = [*names[k + 1 :], *names[:k]][:MAX_OTHERS]
        for kind in KINDS[1:]:
            earlier = [
                observation
                for other in others
                for observation in as_earlier(
                    other, alone[other][:N_EARLIER], is_misled=kind == "misled"
                )
                if task.space.contains(observation.flags)
            ]
            yield from rows_of(task, seed, kind, search(task, earlier, seed, N_ALONE))


def table(rows: Sequence[Row]) -> str:
    """Return the mean regrets of each space, and geometric means of ratios."""
    columns = "alone after 10, 30 | learning after 5, 10, 30 | misled after 10, 30"
    lines = [f"| space | sets, seeds | {columns} |", "|---|---|---|---|---|"]
    by_space: dict[str, list[Row]] = {}
    for row in rows:
        by_space.setdefault(row.task.split("_")[0], []).append(row)
    means: list[dict[tuple[str, int], float]] = []
    for space, own in sorted(by_space.items()):
        found = {(kind, n): mean(own, kind, n) for kind in KINDS for n in AFTER}
        means.append(found)
        n_sets, n_seeds = len({one.task for one in own}), len({one.seed for one in own})
        cells = [
            ", ".join(f"{found[kind, n]:.4f}" for n in after)
            for kind, after in zip(KINDS, ((10, 30), (5, 10, 30), (10, 30)), strict=True)
        ]
        lines.append(f"| {space} | {n_sets}, {n_seeds} | {' | '.join(cells)} |")
    for text, above, below in (
        ("Learning after 10, over alone after 30", ("learning", 10), ("alone", 30)),
        ("Learning after 10, over alone after 10", ("learning", 10), ("alone", 10)),
        ("Misled after 10, over alone after 10", ("misled", 10), ("alone", 10)),
        ("Misled after 30, over alone after 30", ("misled", 30), ("alone", 30)),
    ):
        a, b = (sum(one[key] for one in means) / len(means) for key in (above, below))
        lines.append(f"\n{text}: {a:.4f} / {b:.4f} = {a / b:.2f}.")
    return "\n".join(lines)


def mean(rows: Sequence[Row], kind: str, n: int) -> float:
    found = [max(LEAST, row.regret) for row in rows if (row.kind, row.n_trials) == (kind, n)]
    return sum(found) / len(found)


def in_order(row: Row) -> tuple[str, int, str, int]:
    return row.task, row.seed, row.kind, row.n_trials


def put_into(page: Path, text: str) -> None:
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["design", "confirm"], help="of the spaces; both")
    parser.add_argument("--spaces", nargs="+", help="names, as hpob-5859")
    parser.add_argument("--seeds", type=int, default=2, help="from 0")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the CSV file")
    parser.add_argument("--into", type=Path, help="run nothing, put the table into a page")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = read_rows(options.results, Row)
    if options.into is not None:
        put_into(options.into, table(rows))
        return
    done = {(row.task, row.seed) for row in rows}
    for seed in range(options.seeds):
        for space, names in spaces().items():
            if options.half and is_for_design(space) != (options.half == "design"):
                continue
            if (options.spaces and space not in options.spaces) or (names[0], seed) in done:
                continue
            rows += run_space(names, seed)
            write_rows(options.results, sorted(rows, key=in_order), digits=6)
            print(space, seed, flush=True)
    print(table(rows))


if __name__ == "__main__":
    main()
