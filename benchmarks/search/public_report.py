"""The tables of the public benchmark, from the raw results beside this file and nothing else.

``python benchmarks/search/public_report.py --into docs/benchmarks.md`` writes them between the
marks of that page; ``--check`` fails where it does not have them to the letter.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from public.results import QUICK_RESULTS, RESULTS, done_runs, path_of, read_rows
from public.sample import SIZES
from public.scores import (
    BASELINE,
    OURS,
    Measured,
    lost_tasks,
    ratio_to,
    read_measured,
    score_methods,
    wins,
)
from public.task import Suite
from report import table

BEGIN, END = "<!-- public: begin -->", "<!-- public: end -->"
N_LONGEST = 100
TRIALS = (20, 50, 100)
LEVEL, N_SHOWN = 0.05, 3
"""The p-value up to which a lost task is told apart from chance; how many are shown if none is."""
MODES = ("sequential", "asynchronous4")


def main() -> int:
    options = read_options()
    if options.quick:
        options.results = QUICK_RESULTS
    lines = list(report_lines(options.results, options.methods, options.half))
    if options.into is None:
        print("\n".join(lines))
        return 0
    text = options.into.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    wanted = text[:begin] + "\n" + "\n".join(lines) + "\n" + text[end:]
    if options.check:
        if wanted != text:
            print(f"{options.into} does not have the tables of {options.results}")
        return int(wanted != text)
    options.into.write_text(wanted, encoding="utf-8")
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder")
    parser.add_argument("--quick", action="store_true", help="of the short form")
    parser.add_argument("--methods", nargs="+", help="default: all that have results of a suite")
    parser.add_argument("--half", choices=["design", "confirm"], help="only tasks of that half")
    parser.add_argument("--into", type=Path, metavar="FILE", help="page to write the tables into")
    parser.add_argument("--check", action="store_true", help="only compare with what it has")
    return parser.parse_args()


def report_lines(folder: Path, methods: Sequence[str] | None, half: str | None) -> Iterator[str]:
    """Yield the report as Markdown: a suite by those that searched all of it, then the sample."""
    for mode in MODES:
        n_of = {
            suite: {one: _n_tasks(folder, mode, suite, one) for one in found}
            for suite in Suite
            if (found := methods_in(folder, mode, suite, methods))
        }
        for suite, counts in n_of.items():
            most = max(counts.values())
            whole = [one for one, count in counts.items() if count == most]
            yield from _lines_of(str(suite), [suite], whole, folder=folder, mode=mode, half=half)
        sampled = [
            one
            for one in n_of.get(Suite.HPO_B, ())
            if all(n_of.get(suite, {}).get(one, 0) >= size for suite, size in SIZES.items())
        ]
        if any(n_of[suite][one] < max(n_of[suite].values()) for suite in SIZES for one in sampled):
            yield from _lines_of("sample", [*SIZES], sampled, folder=folder, mode=mode, half=half)


def methods_in(
    folder: Path, mode: str, suite: Suite, wanted: Sequence[str] | None = None
) -> list[str]:
    """Return the methods that have results of a suite, in the order of their names."""
    paths = (folder / mode).glob(f"{suite}--*.parquet")
    found = sorted(path.stem.removeprefix(f"{suite}--") for path in paths)
    return [one for one in found if wanted is None or one in wanted]


def _n_tasks(folder: Path, mode: str, suite: Suite, method: str) -> int:
    return len({task for task, _ in done_runs(read_rows(path_of(folder, mode, suite, method)), 1)})


def _lines_of(
    title: str,
    suites: Sequence[Suite],
    methods: Sequence[str],
    *,
    folder: Path,
    mode: str,
    half: str | None,
) -> Iterator[str]:
    """Yield the tables of some suites together."""
    if OURS not in methods or BASELINE not in methods:
        return
    both = {
        kind: read_measured(
            suites,
            methods,
            folder=folder,
            mode=mode,
            n_trials=N_LONGEST,
            kind=kind,
            half=half,
        )
        for kind in ("observed", "recommended")
    }
    observed, recommended = both["observed"], both["recommended"]
    if observed is None or recommended is None:
        return
    n_tasks, n_seeds, _ = observed.regrets[OURS].shape
    yield ""
    yield f"### {title}, {mode}: {n_tasks} tasks, {n_seeds} seeds"
    for n in TRIALS:
        yield ""
        yield from _trials_lines(observed, recommended, n)
    yield ""
    yield from _lost_lines(observed)


def _trials_lines(observed: Measured, recommended: Measured, n: int) -> Iterator[str]:
    scores = score_methods(observed, n)
    by_recommendation = {one.method: one.regret for one in score_methods(recommended, n)}
    header = [f"after {n} trials", "regret", "90 %", "recommended", "over random", "90 %"]
    header += ["rank", "won, equal, lost", "CPU-s"]
    rows = [
        [
            one.method,
            f"{one.regret:.4f}",
            "{:.4f} to {:.4f}".format(*one.interval),
            f"{by_recommendation[one.method]:.4f}",
            f"{one.ratio:.3f}",
            "{:.3f} to {:.3f}".format(*one.ratio_interval),
            f"{one.rank:.2f}",
            "" if one.method == OURS else "{}, {}, {}".format(*wins(observed, n, one.method)),
            f"{one.cpu_s:.3f}",
        ]
        for one in scores
    ]
    yield from table(header, rows)
    peers = [one.method for one in scores if one.method != OURS]
    ratio, low, high = ratio_to(observed, n, peers[0])
    yield ""
    yield f"{OURS} over {peers[0]}: {ratio:.2f} ({low:.2f} to {high:.2f})."


def _lost_lines(observed: Measured) -> Iterator[str]:
    """Yield the tasks that gp lost: all that are told apart from chance, else the largest."""
    for n in TRIALS:
        lost = lost_tasks(observed, n)
        sure = [one for one in lost if one.p <= LEVEL]
        words = [
            f"{one.task} to {one.peer} by {one.apart:.3f} (p {one.p:.2f})"
            for one in (sure or lost[:N_SHOWN])
        ]
        count = f"{len(lost)}, {len(sure)} of them with p at most {LEVEL:g}"
        shown = f": {'; '.join(words)}" if words else ""
        yield f"- lost after {n} trials: {count}{shown}"


if __name__ == "__main__":
    sys.exit(main())
