"""The short form of the campaign that ``make torture`` runs: some of every attack."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT = (
    "--kills",
    "16",
    "--cuts",
    "20",
    "--faults",
    "5",
    "--races",
    "8",
    "--damages",
    "11",
    "--commands",
    "0",
)


@pytest.mark.kill
def test_no_attack_breaks_a_promise_of_the_store() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", *SHORT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
