"""Make the tables of what rules spend and lose from ``results.json``, or put them into a page."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
BEGIN, END = "<!-- pruning: tables -->\n", "<!-- pruning: end -->\n"
RULES = {
    "careful": "**careful**",
    "bold": "bold",
    "halving": "halving",
    "median": "median",
    "after:5:10": "after:5:10",
    "after:12:15": "after:12:15",
    "optuna:median": "optuna:median",
    "optuna:percentile": "optuna:percentile",
    "optuna:halving": "optuna:halving",
    "optuna:hyperband": "optuna:hyperband",
    "other": "none, from another seed",
}
KINDS = {
    "random last 50 1": "random, 50 trials, one at a time",
    "random last 20 1": "random, 20 trials, one at a time",
    "random last 50 4": "random, 50 trials, four at a time",
    "random min 50 1": "random, 50 trials, `min` as the objective",
    "gp last 50 1": "gp, 50 trials, one at a time",
    "gp last 20 1": "gp, 20 trials, one at a time",
}
HEAD = "steps | same | excess | normalized | worst task | seeds"

Rows = dict[str, dict[str, Any]]


def cells(by_task: Rows) -> str:
    """Return the means over the tasks, and the worst one."""
    rows = list(by_task.values())

    def mean(name: str) -> float:
        return sum(row[name] for row in rows) / len(rows)

    worst = max(row["normalized"] for row in rows)
    seeds = min(row["seeds"] for row in rows)
    return (
        f"{mean('steps'):.3f} | {mean('same'):.2f} | {mean('excess'):.4f} | "
        f"{mean('normalized'):.4f} | {worst:.3f} | {seeds}"
    )


def table(first: str, head: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"| {first} | {head} |", "|---" * (head.count("|") + 2) + "|"]
    return "\n".join([*lines, *(f"| {name} | {text} |" for name, text in rows)]) + "\n"


def tables(results: dict[str, Rows]) -> str:
    """Return the tables: one for each kind of search, then careful by task."""
    parts = []
    for kind, title in KINDS.items():
        rows = [
            (shown, cells(results[f"{kind} {rule}"]))
            for rule, shown in RULES.items()
            if f"{kind} {rule}" in results
        ]
        if rows:
            parts.append(f"{title[0].upper()}{title[1:]}:\n\n{table('rule', HEAD, rows)}")
    by_task = results["random last 50 1 careful"]
    rows = [
        (task, f"{row['steps']:.3f} | {row['same']:.2f} | {row['normalized']:.4f}")
        for task, row in by_task.items()
    ]
    shown = table("task", "steps | same | normalized", rows)
    parts.append(f"`careful` by task, 50 trials at random, one at a time:\n\n{shown}")
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, help="a page with the two marks")
    parser.add_argument("--check", action="store_true", help="change nothing; 1 if it differs")
    options = parser.parse_args()
    text = tables(json.loads(RESULTS.read_text(encoding="utf-8")))
    if options.into is None:
        print(text)
        return 0
    page = options.into.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    new = f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}"
    if options.check:
        return int(new != page)
    options.into.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
