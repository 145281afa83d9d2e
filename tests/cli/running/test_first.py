import json
from typing import Any

import pytest

pytestmark = pytest.mark.server


def test_points_that_were_named_run_first_and_are_seen(served_project: Any) -> None:
    points = ("--first", "defaults", "--first", "x=0.5")
    start = ("run", "train.py", "x=[-2.0:2.0]", "-o", "gp", "-m", "3", *points)
    batch = json.loads(served_project.succeed(*start, "-y", "--json"))["id"]

    again = ("run", "--restart", batch[:8], "-m", "1", "--first", "x=9.5")
    served_project.succeed(*again, "-y")

    rows = json.loads(served_project.succeed("runs", "--json"))
    trials = sorted((r for r in rows if r["number"]), key=lambda r: r["number"])
    assert [one["origin"] for one in trials] == ["first", "first", "random-start", "first"]
    assert [one["flags"]["x"] for one in trials][1::2] == [0.5, 9.5]
    info = served_project.succeed("runs", "info", trials[1]["id"][:8])
    assert "origin: first, asked for by --first or" in info
