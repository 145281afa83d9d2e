"""A search whose best trial has to meet constraints, as a user types it and looks at it."""

import json
from typing import Any

import pytest

SCRIPT = """\
width = 8
print(f"latency: {width * 3} ms")
print(f"loss: {1 / width}")
"""
GRID = ("run", "train.py", "width=[1,2,4,8,16]", "-y")

pytestmark = pytest.mark.server


def test_the_best_is_the_best_that_holds_in_every_view(served_project: Any) -> None:
    served_project.write("train.py", SCRIPT)

    done = served_project.run(*GRID, "--subject-to", "latency <= 15")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "  subject to latency <= 15\n" in done.stderr
    assert "misses latency <= 15" in done.stderr.splitlines()[-2]
    assert "  best:     loss 0.25, latency 12.0  width=4  trial 3 " in done.stdout
    batch = json.loads(served_project.succeed("runs", "info", "train.py+", "--json"))
    trial = json.loads(served_project.succeed("runs", "info", batch["best"], "--json"))
    assert (trial["number"], batch["nearest"]) == (3, None)
    assert batch["progress"]["best_number"] == 3
    assert "\nsubject_to: latency <= 15\n" in served_project.succeed("runs", "info", "train.py+")


def test_where_none_holds_the_nearest_is_named_until_the_constraint_goes(
    served_project: Any,
) -> None:
    served_project.write("train.py", SCRIPT)

    done = served_project.run(*GRID, "--subject-to", "latency < 3 and max_rss_bytes > 1")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "best:     none meets what it is subject to; the nearest: loss 1.0" in done.stdout
    info = json.loads(served_project.succeed("runs", "info", "train.py+", "--json"))
    assert (info["best"], info["nearest"]["number"]) == (None, 1)
    told = served_project.succeed(
        "run", "--restart", info["id"], "--subject-to", "none", "-y", "--json"
    )
    assert json.loads(told)["best"]["number"] == 5
