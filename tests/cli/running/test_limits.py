"""A batch that one of its limits ends, with real processes and a real Prefect."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.server


def test_a_batch_that_meets_its_target_has_completed_and_goes_on(served_project: Any) -> None:
    start = ("run", "train.py", "x=[-2.0:2.0]", "-o", "random", "-m", "5", "--random-seed", "1")
    summary = json.loads(served_project.succeed(*start, "--target", "loss < 99", "-y", "--json"))
    batch = summary["id"][:8]

    assert (summary["end"], summary["trials_run"]) == ("target", 1)
    assert summary["reason"] == "trial 1 meets the target loss < 99"
    info = json.loads(served_project.succeed("runs", "info", batch, "--json"))
    assert (info["status"], info["reason"]) == ("completed", summary["reason"])
    served_project.succeed("report", batch, "-o", "report.md")
    assert "ended early: trial 1 meets" in (served_project.path / "report.md").read_text()

    again = ("run", "--restart", batch, "--target", "none", "-y", "--json")
    assert json.loads(served_project.succeed(*again))["counts"] == {"completed": 5}


def test_trials_that_the_time_ends_have_not_failed_and_run_again(served_project: Any) -> None:
    served_project.write(
        "slow.py", "import time\nx = 0.5\nwait = 600\ntime.sleep(wait)\nprint('loss:', x)\n"
    )
    start = ("run", "slow.py", "x=[0.0:1.0]", "-o", "gp", "-m", "2", "--max-time", "1s!")
    summary = json.loads(served_project.succeed(*start, "-y", "--json"))

    assert (summary["end"], summary["counts"]) == ("max-time", {"terminated": 1})
    again = ("run", "--restart", summary["id"][:8], "--max-time", "1s!", "-y", "--json")
    assert json.loads(served_project.succeed(*again))["trials_run"] == 1
