"""The tables of the public benchmark are those of its raw results."""

import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "benchmarks" / "search" / "public_report.py"
PAGE = ROOT / "docs" / "benchmarks.md"
SAMPLE = {"hpo-b": 12, "lcbench": 6, "hpobench": 3, "hpolib": 2, "nb201": 1, "bbob": 6}


def _check(page: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(REPORT), "--into", str(page), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_has_the_tables_of_the_raw_results() -> None:
    done = _check(PAGE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("number", ["sequential: 24 tasks"])
def test_another_figure_is_noticed(tmp_path: Path, number: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert number in text
    page = tmp_path / "benchmarks.md"
    page.write_text(text.replace(number, number.replace("24", "25")), encoding="utf-8")
    assert _check(page).returncode == 1


def _write(
    folder: Path, method: str, regret: float, *, n_seeds: int, n_more: int = 0, n_trials: int = 100
) -> None:
    """Write searches of the sample that find one regret; the recommended trials have half of it.

    ``n_more`` tasks of HPO-B are none of the sample's, and are what a slow method leaves out.
    """
    folder.mkdir(exist_ok=True)
    for suite, size in SAMPLE.items():
        n_tasks = size + (n_more if suite == "hpo-b" else 0)
        rows = [
            {
                "task": f"{suite}-{task:02d}",
                "seed": seed,
                "trial": trial,
                "cost": regret,
                "regret": regret,
                "recommended": regret / 2 if trial == 50 else float("nan"),
                "cpu_s": 0.25,
            }
            for task in range(n_tasks)
            for seed in range(n_seeds)
            for trial in range(1, n_trials + 1)
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{suite}--{method}.parquet")


def _report(results: Path) -> list[str]:
    command = [sys.executable, str(REPORT), "--results", str(results)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_slow_methods_are_compared_on_the_sample_by_their_seeds(tmp_path: Path) -> None:
    folder = tmp_path / "asynchronous4"
    _write(folder, "gp", 0.1, n_seeds=3, n_more=1)
    _write(folder, "random", 0.4, n_seeds=3, n_more=1)
    _write(folder, "smac", 0.2, n_seeds=2)
    _write(folder, "ax", 0.05, n_seeds=1)
    lines = _report(tmp_path)
    titles = [line.removeprefix("### ") for line in lines if line.startswith("### ")]
    assert titles[0] == "hpo-b, asynchronous4: 13 tasks, 3 seeds"
    two, one = (f"sample, asynchronous4: 30 tasks, {n}" for n in ("2 seeds", "1 seed"))
    assert titles[-2:] == [two, one]
    half, double = "0.50 (0.50 to 0.50)", "**2.00 (2.00 to 2.00)**"
    assert f"| {two} | smac | {half} | {half} | {half} |" in lines
    assert f"| {one} | ax | {double} | {double} | {double} |" in lines
    assert not any(f"| {two} | ax" in line for line in lines)


def test_a_method_of_few_trials_is_compared_after_those(tmp_path: Path) -> None:
    folder = tmp_path / "sequential"
    _write(folder, "gp", 0.1, n_seeds=1, n_more=1)
    _write(folder, "random", 0.4, n_seeds=1, n_more=1)
    _write(folder, "smac", 0.2, n_seeds=1)
    _write(folder, "hebo", 0.2, n_seeds=1, n_trials=20)
    lines = _report(tmp_path)
    half, title = "0.50 (0.50 to 0.50)", "sample, sequential: 30 tasks, 1 seed"
    assert f"| {title} | smac | {half} | {half} | {half} |" in lines
    assert f"| {title}, 20 trials | hebo | {half} | | |" in lines
    shown = lines[lines.index(f"### {title}, 20 trials") :]
    assert [line for line in shown if line.startswith("| hebo |")]
    assert not [line for line in shown if "after 50 trials" in line]


def test_a_table_tells_regrets_ranks_wins_and_what_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "sequential"
    _write(folder, "gp", 0.1, n_seeds=2)
    _write(folder, "random", 0.4, n_seeds=2)
    _write(folder, "smac", 0.05, n_seeds=2)
    lines = _report(tmp_path)
    at = lines.index("### nb201, sequential: 1 task, 2 seeds")
    table = lines[lines.index("", at + 2) + 1 :][:5]
    assert table[0].startswith("| after 50 trials | regret | recommended | over random | rank |")
    unit, quarter = "1.000 (1.000 to 1.000)", "0.250 (0.250 to 0.250)"
    ours, theirs = "0.1000 (0.1000 to 0.1000)", "0.4000 (0.4000 to 0.4000)"
    half, other = "0.0500 (0.0500 to 0.0500)", "0.2000 (0.2000 to 0.2000)"
    assert table[3] == f"| gp | {ours} | {half} | {quarter} | 2.00 | | 250.0 |"
    assert table[4] == f"| random | {theirs} | {other} | {unit} | 3.00 | 1, 0, 0 | 250.0 |"
    lost = [line for line in lines if line.startswith("- lost after 50 trials: 1,")]
    assert lost == [
        "- lost after 50 trials: 1, 0 of them with p at most 0.05: nb201-00 to smac by 0.050"
    ]


PRUNING = ROOT / "benchmarks" / "pruning" / "report.py"


def _check_pruning(page: Path) -> int:
    return subprocess.run(
        [sys.executable, str(PRUNING), "--into", str(page), "--check"], check=False
    ).returncode


def test_the_page_has_the_tables_of_the_replays() -> None:
    assert _check_pruning(PAGE) == 0


def test_another_figure_of_the_replays_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    text = PAGE.read_text(encoding="utf-8")
    page.write_text(text.replace("| **careful** | 0.", "| **careful** | 1."), encoding="utf-8")
    assert _check_pruning(page) == 1


@dataclass
class Row:
    task: str
    seed: int
    regret: float


@pytest.mark.parametrize(("digits", "cell"), [(None, "0.1234567"), (4, "0.1235")], ids=str)
def test_rows_are_read_as_they_were_written(tmp_path: Path, digits: int | None, cell: str) -> None:
    csv_rows, path = _csv_rows(), tmp_path / "rows.csv"
    rows = [Row("a, b", 0, 0.1234567), Row("c", 1, float("nan"))]
    assert csv_rows.read_rows(path, Row) == []
    csv_rows.write_rows(path, rows, digits=digits)
    written = path.read_bytes()
    assert written == f'task,seed,regret\n"a, b",0,{cell}\nc,1,nan\n'.encode()

    csv_rows.write_rows(path, csv_rows.read_rows(path, Row), digits=digits)

    assert path.read_bytes() == written
    assert list(tmp_path.iterdir()) == [path]


def _csv_rows() -> Any:
    """Return the module, which no package has."""
    spec = importlib.util.spec_from_file_location("csv_rows", REPORT.with_name("csv_rows.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
