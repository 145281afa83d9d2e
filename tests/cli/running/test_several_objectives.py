"""A search of several objectives, as a user types it and looks at it."""

import json
from typing import Any

import pytest

SCRIPT = """\
x = 0.5
width = 8
print(f"model size: {width * 10}")
print(f"acc: {1 - (x - 0.3) ** 2 - 1 / width}")
"""
SEARCH = ("train.py", "x=[0.0:1.0]", "width=[1:32]", "-o", "gp", "-m", "8", "-j", "2")
OBJECTIVES = ("--maximize", "acc", "--minimize", "model size")

pytestmark = pytest.mark.server


def test_the_front_is_found_listed_and_marked(served_project: Any) -> None:
    served_project.write("train.py", SCRIPT)

    done = served_project.run("run", *SEARCH, *OBJECTIVES, "--random-seed", "1", "-y")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "(max 8 trials, maximize acc, minimize model size)" in done.stderr
    first = done.stdout.partition("  front:    ")[2].splitlines()[0]
    info = json.loads(served_project.succeed("runs", "info", "train.py+gp", "--json"))
    assert info["objectives"] == ["maximize acc", "minimize model size"]
    values = [tuple(one["values"].values()) for one in info["front"]]
    assert len(values) > 1
    assert values == sorted(values, key=lambda pair: -pair[0])
    assert values == sorted(values, key=lambda pair: -pair[1])
    assert f"({info['front'][0]['id'][:8]})" in first

    table = json.loads(served_project.succeed("compare", "train.py+gp", "--pareto", "--json"))
    assert [row["run"] for row in table] == [one["id"][:8] for one in info["front"]]
    assert {row["front"] for row in table} <= {"front", "knee"}
    every = served_project.succeed("compare", "train.py+gp", "--table")
    assert every.split()[:4] == ["run", "front", "acc", "model_size"]
    page = served_project.succeed("runs", "info", "train.py+gp")
    assert "\nobjectives: maximize acc, minimize model size\n" in page
    assert page.count("\nfront: ") == len(info["front"])

    more = served_project.succeed("run", "--restart", "train.py+gp", "-m", "2", "-y", "--json")
    assert {one["id"] for one in json.loads(more)["front"]}


def test_what_a_trial_used_is_an_objective_that_it_need_not_print(served_project: Any) -> None:
    served_project.write("train.py", SCRIPT)

    told = served_project.succeed(
        *("run", "train.py", "width=[1,2,4]", "-N", "seconds", "-X", "acc", "-N"),
        *("max_rss_bytes", "-y", "--json"),
    )

    assert json.loads(told)["end"] == "completed"
    front = json.loads(told)["front"]
    assert all(one["values"]["seconds"] > 0 for one in front)
    assert all(one["values"]["max_rss_bytes"] > 1e6 for one in front)


def test_a_further_objective_that_never_comes_ends_the_search(served_project: Any) -> None:
    served_project.write("train.py", SCRIPT)

    done = served_project.run("run", *SEARCH, "-X", "acc", "-N", "latency", "-y")

    assert done.returncode == 1
    assert "reported no 'latency'; it reported acc " in done.stdout
