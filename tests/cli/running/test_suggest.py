import json
from typing import Any

import pytest


def test_a_search_without_a_script_is_asked_and_told(project: Any) -> None:
    batch = project.succeed("suggest", "--new", "x=[0.0:1.0]", "-X", "acc", "-o", "gp").strip()
    for number in (1, 2):
        (asked,) = json.loads(project.succeed("suggest", batch, "--json"))
        assert (asked["number"], asked["batch"]) == (number, batch)
        project.succeed("observe", batch, asked["id"][:8], f"acc={asked['flags']['x']}")
    project.succeed("suggest", batch)
    opened = json.loads(project.succeed("suggest", batch, "--open", "--json"))

    assert [one["number"] for one in opened] == [3]
    info = project.succeed("runs", "info", batch[:8])
    assert f"restart: tunesmith suggest {batch[:8]}" in info
    refused = project.run("run", "--restart", batch[:8], "--yes")
    assert refused.returncode == 2
    assert "has no script to run: ask for its trials with tunesmith suggest" in refused.stderr


def test_a_new_search_gives_its_first_trials_where_some_are_asked_for(project: Any) -> None:
    batch, *lines = project.succeed("suggest", "--new", "x=[1,2,3]", "-n", "2").splitlines()
    made = json.loads(project.succeed("suggest", "--new", "x=[1,2]", "-n", "2", "--json"))
    opened = json.loads(project.succeed("suggest", batch, "--open", "--json"))

    assert [line.split()[:2] for line in lines] == [
        [str(one["number"]), one["id"][:8]] for one in opened
    ]
    assert len(opened) == 2
    assert [one["batch"] for one in made["trials"]] == [made["id"]] * 2
    few = project.run("suggest", "--new", "x=[1,2]", "-n", "3", "-o", "grid")
    assert len(few.stdout.splitlines()) == 3
    assert "1 trial less" in few.stderr


@pytest.mark.server
def test_a_batch_that_was_not_started_is_asked_and_then_run(served_project: Any) -> None:
    start = ("run", "train.py", "x=[-2.0:2.0]", "-o", "gp", "-m", "3", "--no-start")
    batch = served_project.succeed(*start, "-q").strip()
    row = json.loads(served_project.succeed("runs", "info", batch[:8], "--json"))
    assert row["status"] == "pending"
    first, second = json.loads(served_project.succeed("suggest", batch, "-n", "2", "--json"))
    served_project.succeed("observe", batch, "1", "loss=0.25")

    served_project.succeed("run", "--restart", batch[:8], "--yes")

    rows = json.loads(served_project.succeed("runs", "--json"))
    trials = {row["number"]: row for row in rows if row["number"]}
    assert sorted(trials) == [1, 2, 3]
    assert (trials[1]["objective"], trials[1]["flags"]["x"]) == (0.25, first["flags"]["x"])
    assert trials[2]["flags"]["x"] == second["flags"]["x"]
    assert {one["status"] for one in trials.values()} == {"completed"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("suggest",), "expected one batch, and 0 words were given"),
        (("suggest", "--new"), "search has nothing to search: give a range or a list"),
        (("suggest", "--new", "train.py", "x=[0.0:1.0]"), "'train.py' is no flag"),
        (("suggest", "--new", "x=[0.0:1.0]", "--open"), "which has no trials yet"),
        (("suggest", "--new", "x=[0.0:1.0]", "-n", "0"), "0 suggestions were asked for"),
        (("suggest", "1", "-o", "gp"), "--optimizer says what to search: it needs --new"),
        (("observe", "1", "1", "loss"), "'loss' is no result: expected NAME=NUMBER"),
        (("observe", "1", "1", "loss=1", "loss=2"), "loss was given twice"),
        (("run", "train.py", "x=1", "--no-start"), "--no-start is for a batch"),
    ],
    ids=[
        "no batch",
        "nothing",
        "a script",
        "open",
        "number",
        "options",
        "no number",
        "twice",
        "single",
    ],
)
def test_what_cannot_be_asked_or_told_is_refused(
    project: Any, words: tuple[str, ...], told: str
) -> None:
    project.succeed("suggest", "--new", "x=[0.0:1.0]")
    done = project.run(*words)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
