"""The tables of the public benchmark are those of its raw results."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "benchmarks" / "search" / "public_report.py"
PAGE = ROOT / "docs" / "benchmarks.md"


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
