"""The tables of the public benchmark, from the raw results beside this file and nothing else.

``python benchmarks/search/public_report.py --into docs/benchmarks.md`` writes them between the
marks of that page; ``--check`` fails where it does not have them to the letter.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from public.results import QUICK_RESULTS, RESULTS, done_runs, longest, path_of, read_rows
from public.sample import SIZES
from public.scores import (
    BASELINE,
    OURS,
    Measured,
    lost_tasks,
    ratios_to_others,
    read_measured,
    score_methods,
    wins,
)
from public.task import Suite
from report import table

BEGIN, END = "<!-- public: begin -->", "<!-- public: end -->"
N_LONGEST = 100
TRIALS = (20, 50, 100)
LEVEL = 0.05
"""The p-value up to which a lost task is told apart from chance."""
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
    """Yield the report as Markdown: ours over the others, then each comparison."""
    found = [one for one in comparisons(folder, methods) if {OURS, BASELINE} <= {*one.methods}]
    both = [(one, measured) for one in found if (measured := one.read(folder, half)) is not None]
    yield from _summary_lines([(one, observed) for one, (observed, _) in both])
    for one, (observed, recommended) in both:
        yield from _lines_of(one, observed, recommended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Some methods on the tasks of some suites which all of them have searched."""

    title: str
    mode: str
    suites: Sequence[Suite]
    methods: Sequence[str]

    def read(self, folder: Path, half: str | None) -> tuple[Measured, Measured] | None:
        """Return what is on disk, of the best observed trials and of the recommended ones."""
        observed, recommended = (
            read_measured(
                self.suites,
                self.methods,
                folder=folder,
                mode=self.mode,
                n_trials=N_LONGEST,
                kind=kind,
                half=half,
            )
            for kind in ("observed", "recommended")
        )
        return None if observed is None or recommended is None else (observed, recommended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What there is of a suite by one method."""

    n_tasks: Counter[int]
    """By seed."""
    n_trials: int


def comparisons(folder: Path, methods: Sequence[str] | None) -> Iterator[Comparison]:
    """Yield a suite with those that searched all of it, then the sample with the slow ones."""
    for mode in MODES:
        held = {
            suite: {one: _held(folder, mode, suite, one) for one in found}
            for suite in Suite
            if (found := methods_in(folder, mode, suite, methods))
        }
        for suite, by_method in held.items():
            most = max(one.n_tasks[0] for one in by_method.values())
            whole = [name for name, one in by_method.items() if one.n_tasks[0] == most]
            yield Comparison(title=str(suite), mode=mode, suites=[suite], methods=whole)
        yield from _sample_comparisons(mode, held)


def _sample_comparisons(
    mode: str, held: Mapping[Suite, Mapping[str, Held]]
) -> Iterator[Comparison]:
    """Yield the sample for each number of seeds and trials that a slow method has of all of it.

    Those with more of both are in the comparisons of fewer, too.
    """
    of_hpo_b = held.get(Suite.HPO_B, {})
    reached = {one: _sampled(held, one) for one in of_hpo_b}
    most = max((one.n_tasks[0] for one in of_hpo_b.values()), default=0)
    slow = [one for one in of_hpo_b if reached[one][0] and of_hpo_b[one].n_tasks[0] < most]
    for n_seeds, n_trials in sorted({reached[one] for one in slow}, reverse=True):
        methods = [
            one for one, (n, longest) in reached.items() if n >= n_seeds and longest >= n_trials
        ]
        yield Comparison(title="sample", mode=mode, suites=[*SIZES], methods=methods)


def _sampled(held: Mapping[Suite, Mapping[str, Held]], method: str) -> tuple[int, int]:
    """Return from how many seeds, counted from 0, a method has all of the sample, and trials."""
    nothing = Held(n_tasks=Counter(), n_trials=0)
    found = {suite: held.get(suite, {}).get(method, nothing) for suite in SIZES}
    n_seeds = 0
    while all(found[suite].n_tasks[n_seeds] >= size for suite, size in SIZES.items()):
        n_seeds += 1
    return n_seeds, max(one.n_trials for one in found.values())


def methods_in(
    folder: Path, mode: str, suite: Suite, wanted: Sequence[str] | None = None
) -> list[str]:
    """Return the methods that have results of a suite, in the order of their names."""
    paths = (folder / mode).glob(f"{suite}--*.parquet")
    found = sorted(path.stem.removeprefix(f"{suite}--") for path in paths)
    return [one for one in found if wanted is None or one in wanted]


def _held(folder: Path, mode: str, suite: Suite, method: str) -> Held:
    table = read_rows(path_of(folder, mode, suite, method))
    counted = Counter(seed for _, seed in done_runs(table, 1))
    return Held(n_tasks=counted, n_trials=longest(table))


def _summary_lines(found: Sequence[tuple[Comparison, Measured]]) -> Iterator[str]:
    """Yield ours over each other method in every comparison, bold where ours is worse."""
    header = [f"{OURS}'s mean regret", "over that of"] + [f"{n} trials" for n in TRIALS]
    rows = []
    for one, observed in found:
        by_trials = [ratios_to_others(observed, n) for n in _shown_trials(observed)]
        title = _title(one, observed)
        for method in (name for name in observed.methods if name != OURS):
            cells = [_ratio_cell(*ratios[method]) for ratios in by_trials]
            rows.append([title, method, *cells, *[""] * (len(TRIALS) - len(cells))])
    yield ""
    yield from table(header, rows)


def _ratio_cell(ratio: float, interval: tuple[float, float]) -> str:
    cell = _with_interval("{:.2f}", ratio, interval)
    return f"**{cell}**" if ratio > 1 else cell


def _title(one: Comparison, measured: Measured) -> str:
    n_tasks, n_seeds, _ = measured.regrets[OURS].shape
    counted = ((n_tasks, "task"), (n_seeds, "seed"))
    counts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in counted]
    if measured.n_trials < N_LONGEST:
        counts.append(f"{measured.n_trials} trials")
    return f"{one.title}, {one.mode}: {', '.join(counts)}"


def _shown_trials(measured: Measured) -> list[int]:
    return [n for n in TRIALS if n <= measured.n_trials]


def _with_interval(form: str, value: float, interval: tuple[float, float]) -> str:
    """Return a figure with its interval: ``0.83 (0.71 to 0.95)``."""
    low, high = (form.format(one) for one in interval)
    return f"{form.format(value)} ({low} to {high})"


def _lines_of(one: Comparison, observed: Measured, recommended: Measured) -> Iterator[str]:
    """Yield the tables of one comparison."""
    yield ""
    yield f"### {_title(one, observed)}"
    for n in _shown_trials(observed):
        yield ""
        yield from _trials_lines(observed, recommended, n)
    yield ""
    yield from _lost_lines(observed)


def _trials_lines(observed: Measured, recommended: Measured, n: int) -> Iterator[str]:
    header = [f"after {n} trials", "regret", "recommended", "over random", "rank"]
    header += ["won, equal, lost", "CPU, ms"]
    rows = [
        [
            one.method,
            _with_interval("{:.4f}", one.regret, one.interval),
            _with_interval("{:.4f}", one.recommended, one.recommended_interval),
            _with_interval("{:.3f}", one.ratio, one.ratio_interval),
            f"{one.rank:.2f}",
            "" if one.method == OURS else "{}, {}, {}".format(*wins(observed, n, one.method)),
            f"{1000 * one.cpu_s:.1f}",
        ]
        for one in score_methods(observed, recommended, n)
    ]
    yield from table(header, rows)


def _lost_lines(observed: Measured) -> Iterator[str]:
    """Yield the tasks that ours lost, and to whom."""
    for n in _shown_trials(observed):
        lost = lost_tasks(observed, n)
        n_sure = sum(one.p <= LEVEL for one in lost)
        words = [
            f"{one.task} to {one.peer} by {one.apart:.3f}"
            + (f" (p {one.p:.3f})" if one.p <= LEVEL else "")
            for one in lost
        ]
        count = f"{len(lost)}, {n_sure} of them with p at most {LEVEL:g}"
        shown = f": {'; '.join(words)}" if words else ""
        yield f"- lost after {n} trials: {count}{shown}"


if __name__ == "__main__":
    sys.exit(main())
