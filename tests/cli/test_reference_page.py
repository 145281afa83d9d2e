import csv
import json
import re
from typing import Any

import pytest

pytestmark = pytest.mark.server

MANUAL_PREVIEW = """\
You are about to run train.py as a batch (3 trials)
  noise: 0.1
  x: [-1, 0, 1]
"""
GRID_PREVIEW = """\
You are about to run train.py as a batch (4 trials)
  noise: 0.1
  x: [-0.6, -0.2, 0.2, 0.6]
"""
RANDOM_PREVIEW = """\
You are about to run train.py with random search (max 5 trials, minimize loss)
  noise: 0.1
  x: [-2.0:2.0]
"""
GP_PREVIEW = """\
You are about to run train.py with 'skopt:gp' optimizer (max 10 trials, minimize loss)
  noise: 0.1
  x: [-2.0:2.0]
"""
RUN_LINE = re.compile(
    r"\[(\d+):([0-9a-f]{8})\]\s+(\S+)\s+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s+(\w+)\s*(.*)"
)


def listed(text: str) -> list[tuple[str, str, str]]:
    """Return operation, status and flags of each line of ``tunesmith runs``."""
    matches = [RUN_LINE.fullmatch(line) for line in text.splitlines()]
    assert all(matches), text
    return [(match[3], match[5], match[6]) for match in matches if match]


def table(text: str) -> list[dict[str, Any]]:
    """Return the rows of ``tunesmith compare --json``."""
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def test_manual_search_runs_each_value_and_lists_trials_before_their_batch(
    served_project: Any,
) -> None:
    done = served_project.run("run", "train.py", "x=[-1,0,1]", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(MANUAL_PREVIEW)
    assert listed(served_project.succeed("runs")) == [
        ("train.py", "completed", "noise=0.1 x=1"),
        ("train.py", "completed", "noise=0.1 x=0"),
        ("train.py", "completed", "noise=0.1 x=-1"),
        ("train.py+", "completed", ""),
    ]


def test_two_lists_give_their_product_and_compare_shows_the_best_first(
    served_project: Any,
) -> None:
    done = served_project.run("run", "train.py", "x=[-0.5,0.5]", "noise=[0.1,0.2]", "--yes")
    assert "noise: [0.1, 0.2]\n  x: [-0.5, 0.5]" in done.stderr
    rows = table(served_project.succeed("compare", "--json", "--min", "loss"))
    assert [(row["noise"], row["x"]) for row in sorted(rows, key=lambda row: row["started"])] == [
        (0.1, -0.5),
        (0.1, 0.5),
        (0.2, -0.5),
        (0.2, 0.5),
    ]
    assert [row["loss"] for row in rows] == sorted(row["loss"] for row in rows)
    best = served_project.succeed("compare", "--table", "--min", "loss", "--top", "3")
    assert len(best.splitlines()) == 4
    assert "-0.5" in best.splitlines()[1]


def test_linspace_is_previewed_as_its_values(served_project: Any) -> None:
    done = served_project.run("run", "train.py", "x=linspace[-0.6:0.6:4]", "--yes")
    assert done.stderr.startswith(GRID_PREVIEW)
    rows = table(served_project.succeed("compare", "--json"))
    assert sorted(row["x"] for row in rows) == [-0.6, -0.2, 0.2, 0.6]


def test_a_range_is_searched_at_random(served_project: Any) -> None:
    done = served_project.run("run", "train.py", "x=[-2.0:2.0]", "--max-trials", "5", "--yes")
    assert done.stderr.startswith(RANDOM_PREVIEW)
    rows = table(served_project.succeed("compare", "--json"))
    assert len({row["x"] for row in rows}) == 5
    assert all(-2.0 <= row["x"] <= 2.0 for row in rows)
    assert listed(served_project.succeed("runs"))[-1][:2] == ("train.py+random", "completed")


def test_bayesian_optimization_is_found_restarted_compared_and_saved(
    served_project: Any,
) -> None:
    done = served_project.run(
        "run", "train.py", "x=[-2.0:2.0]", "--optimizer", "gp", "--max-trials", "10", "--yes"
    )
    assert done.stderr.startswith(GP_PREVIEW)
    info = served_project.succeed("runs", "info", "--operation", "train.py+gp")
    batch = info.splitlines()[0].removeprefix("id: ")
    assert "operation: train.py+gp" in info
    assert "status: completed" in info

    again = served_project.run("run", "-Fo", "random-starts=0", "--restart", batch, "--yes")
    assert again.returncode == 0, again.stderr
    assert again.stderr.startswith(
        f"You are about to start {batch[:8]} (train.py) with 'skopt:gp' optimizer "
        "(max 10 trials)\n  noise: 0.1\n  x: [-2.0:2.0]\n"
    )

    rows = table(served_project.succeed("compare", "1:20", "--json"))
    assert len(rows) == 20
    assert {row["operation"] for row in rows} == {"train.py"}
    assert len(served_project.succeed("compare", "1:20", "--table").splitlines()) == 21
    assert info.splitlines()[0] in served_project.succeed(
        "runs", "info", "--operation", "train.py+gp"
    )
    assert listed(served_project.succeed("runs", "--all"))[-1][0] == "train.py+gp"

    saved = served_project.run("compare", "--csv", "results.csv")
    assert "Wrote 20 row(s) to results.csv" in saved.stderr
    with (served_project.path / "results.csv").open() as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert len(losses) == 20
