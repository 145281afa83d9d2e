"""Flags that are active only sometimes, and a script that fails if it gets one at another time."""

import csv
import io
import json
from typing import Any

import pytest

pytestmark = pytest.mark.server

PICKY = """\
import argparse, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("--kernel", default="rbf", choices=["linear", "poly", "rbf"])
parser.add_argument("--degree", type=int, default=3)
parser.add_argument("--coef", type=float, default=0.5)
options = parser.parse_args()
given = {word[2:] for word in sys.argv if word.startswith("--")}
given |= {name[5:].lower() for name in os.environ if name.startswith("FLAG_")}
expected = {"kernel"}
if options.kernel == "poly":
    expected |= {"degree"}
    if options.degree > 3:
        expected |= {"coef"}
sys.exit(f"got {given}") if given != expected else None
print("loss:", options.degree + options.coef)
"""
"""A script that fails if it gets a flag that is not active, or lacks one that is."""
FLAGS = ("kernel=[linear,poly]", "degree=[3,4] if kernel == poly", "coef=[0.1,0.2] if degree > 3")


def _table(project: Any) -> list[dict[str, str]]:
    columns = "kernel,degree,coef,status"
    text = project.succeed("compare", "--csv", "-", "--columns", columns)
    return list(csv.DictReader(io.StringIO(text)))


def test_a_grid_passes_what_is_active_and_nothing_else(served_project: Any) -> None:
    served_project.write("picky.py", PICKY)
    done = served_project.run("run", "picky.py", *FLAGS, "-y")

    assert done.returncode == 0, done.stderr
    assert "degree: [3, 4] if kernel == poly" in done.stderr
    rows = _table(served_project)
    assert {row["status"] for row in rows} == {"completed"}
    assert sorted((row["kernel"], row["degree"], row["coef"]) for row in rows) == [
        ("linear", "", ""),
        ("poly", "3", ""),
        ("poly", "4", "0.1"),
        ("poly", "4", "0.2"),
    ]
    shown = json.loads(served_project.succeed("runs", "info", "1", "--json"))
    assert set(shown["flags"]) <= {"kernel", "degree", "coef"}


def test_a_search_goes_on_where_it_was_and_its_flags_may_change(served_project: Any) -> None:
    served_project.write("picky.py", PICKY)
    search = ("--optimizer", "gp", "-m", "3", "-yq")
    batch = served_project.succeed("run", "picky.py", *FLAGS, *search).strip()
    done = served_project.run(
        "run", "--restart", batch, "degree=[3,4,5] if kernel == poly", "-m", "2", "-y"
    )

    assert done.returncode == 0, done.stderr
    rows = _table(served_project)
    assert [row["status"] for row in rows] == ["completed"] * 5
    assert all((row["degree"] == "") == (row["kernel"] == "linear") for row in rows)
