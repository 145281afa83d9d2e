"""The share of the flags of many programs that is found, and that of flags which are none."""

import runpy
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).parents[3] / "benchmarks" / "reach" / "parsers.py"
PREFIXES = (
    *("argparse", "click", "configargparse", "getopt", "globals", "hf", "jsonargparse"),
    *("lightning", "optparse"),
    *("simple", "stages", "subparsers", "typer"),
)
"""What the names of programs begin with that test_libraries.py does not run."""


@pytest.fixture(scope="module")
def runner() -> dict[str, Any]:
    return runpy.run_path(str(RUNNER))


def test_the_corpus_has_eighty_programs(runner: dict[str, Any]) -> None:
    assert sum(path.is_dir() for path in runner["CORPUS"].iterdir()) >= 80


def test_nearly_all_flags_of_programs_on_argparse_and_click_are_found(
    runner: dict[str, Any],
) -> None:
    folders = [path for path in runner["CORPUS"].iterdir() if path.name.startswith(PREFIXES)]
    assert len(folders) >= 55
    outcomes = runner["measure"](folders)
    assert runner["recall"](outcomes) >= 0.95
    assert runner["false_share"](outcomes) <= 0.02
