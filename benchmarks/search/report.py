"""Compare the methods whose results are there: regret relative to random search's, and CPU."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from curves import draw_curves
from records import RESULTS
from run import chosen_problems
from scores import BASELINE, Measured, Score, cpu_per_proposal, read_measured, score_methods


def main() -> None:
    options = read_options()
    source = options.results / options.mode
    methods = options.methods or methods_in(source)
    if BASELINE not in methods:
        raise SystemExit(f"no results of {BASELINE} in {source}: run it, the others are compared")
    problems = chosen_problems(options)
    longest = max(options.trials)
    measured = read_measured(
        problems, methods, seeds=options.seeds, n_trials=longest, source=source
    )
    if not measured.problems:
        raise SystemExit(f"no problem has {longest} trials by each of {', '.join(methods)}")
    lines = report_lines(measured, options.trials)
    print("\n".join(lines))
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n")
    if options.curves:
        options.curves.write_text(draw_curves(measured))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", nargs="+", help="default: all that have results")
    parser.add_argument("--problems", nargs="+", help="names or groups (default: design)")
    parser.add_argument("--held-out", action="store_true", help="the held-out problems")
    parser.add_argument("--seeds", type=int, default=100, help="seeds 0 to N-1 (default: 100)")
    parser.add_argument(
        "--trials", nargs="+", type=int, default=[20, 50, 100], help="default: 20 50 100"
    )
    parser.add_argument("--mode", default="sequential", help="as the folder (sequential)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables too")
    parser.add_argument("--curves", type=Path, metavar="FILE.svg", help="draw regret curves")
    return parser.parse_args()


def methods_in(source: Path) -> list[str]:
    """Return the methods that have results, random search first."""
    names = {path.stem.split("--")[1] for path in source.glob("*.json")}
    return sorted(names, key=lambda name: (name != BASELINE, name))


def report_lines(measured: Measured, trials: Sequence[int]) -> list[str]:
    """Return the report as Markdown, which reads well in a terminal too."""
    by_trials = {n: score_methods(measured, n) for n in trials}
    lines = [*_summary(measured, by_trials), ""]
    for n, scores in by_trials.items():
        lines += [*_details(n, scores), ""]
    lines += _per_problem(measured, max(trials))
    if measured.left_out:
        lines += ["", f"Left out, since a method has no run: {', '.join(measured.left_out)}."]
    return lines


def _summary(measured: Measured, by_trials: dict[int, list[Score]]) -> list[str]:
    ratios = {(n, s.method): s.ratio for n, scores in by_trials.items() for s in scores}
    last = max(by_trials)
    order = [score.method for score in by_trials[last]]
    header = ["method", *[f"{n} trials" for n in by_trials]]
    header += [f"CPU-s of proposal {last}", "CPU-s, mean"]
    rows = []
    for method in order:
        at_last, mean = cpu_per_proposal(measured, method)
        shown = [f"{ratios[n, method]:.3f}" for n in by_trials]
        rows.append([method, *shown, f"{at_last:.3f}", f"{mean:.3f}"])
    n_seeds = [len(r) for (p, _), r in measured.regrets.items() if p in measured.problems]
    seeds = f"{min(n_seeds)} to {max(n_seeds)}" if min(n_seeds) < max(n_seeds) else f"{n_seeds[0]}"
    title = f"Regret relative to random search, {len(measured.problems)} problems, {seeds} seeds:"
    return [title, "", *table(header, rows)]


def _details(n_trials: int, scores: Sequence[Score]) -> list[str]:
    header = ["method", "regret", "90 % of resamples", "over the next method's", "mean rank"]
    rows = [
        [
            score.method,
            f"{score.ratio:.3f}",
            f"{score.low:.3f} to {score.high:.3f}",
            "" if score.to_next is None else "{:.2f} ({:.2f} to {:.2f})".format(*score.to_next),
            f"{score.rank:.1f}",
        ]
        for score in scores
    ]
    return [f"After {n_trials} trials:", "", *table(header, rows)]


def _per_problem(measured: Measured, n_trials: int) -> list[str]:
    header = ["problem", *measured.methods]
    rows = [
        [
            p,
            *[
                _shown(np.median(measured.regrets[p, m][:, n_trials - 1]))
                for m in measured.methods
            ],
        ]
        for p in measured.problems
    ]
    return [f"Median regret after {n_trials} trials:", "", *table(header, rows)]


def _shown(regret: float) -> str:
    return f"{regret:.3g}" if abs(regret) >= 5e-5 else "0"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table with aligned columns."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in (header, rule, *rows)
    ]


if __name__ == "__main__":
    main()
