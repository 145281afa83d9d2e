"""Every command that a summary and a report print, typed as it is printed."""

import json
import re
import shlex
import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.server

ODD = """\
x = 0.1
name = "a b"
print(f"train/val acc: {x}")
print(f"time: {1 - x}")
print("a=b: 3")
"""
OPENING = ("open", "tensorboard")
"""Commands of a report that wait for a user."""


def _printed(text: str) -> list[list[str]]:
    """Return the commands of a summary or of a report in Markdown, as words."""
    lines = [re.sub(r"^[ \w]*: +|`", "", line).strip() for line in text.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("tunesmith ")]


def _batch_id(project: Any) -> str:
    runs = json.loads(project.succeed("runs", "--json"))
    return str(next(run["id"] for run in runs if "+" in run["operation"]))


def _type(project: Any, words: list[str]) -> "subprocess.CompletedProcess[str]":
    """Type a command as it was printed; a question is answered with yes."""
    asked = ["-y"] if words[1] == "run" else []
    done: subprocess.CompletedProcess[str] = project.run(*words[1:2], *asked, *words[2:])
    return done


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["train.py", "@my rows.csv", "noise=0.2"], id="a file"),
        pytest.param(["train.py", "x=[0.0:1.0]", "-m", "2", "--random-seed", "7"], id="a search"),
        pytest.param(["odd.py", "x=[0.1,0.2]"], id="a missing objective"),
        pytest.param(["odd.py", "name=['a b','c=d']", "-X", "train/val acc"], id="a long name"),
    ],
)
def test_what_is_printed_can_be_typed(served_project: Any, arguments: list[str]) -> None:
    served_project.write("my rows.csv", "x\n0.1\n0.3\n")
    served_project.write("odd.py", ODD)
    summary = served_project.run("run", *arguments, "-y").stdout
    batch = _batch_id(served_project)
    report = served_project.succeed("report", batch[:8], "-o", "-")

    commands = [one for one in _printed(summary + report) if one[1] not in OPENING]
    commands.sort(key=lambda words: words[1])  # what runs something comes last

    assert {one[1] for one in commands} >= {"compare", "report", "run"}
    for words in commands:
        done = _type(served_project, words)
        assert done.returncode in (0, 1), (words, done.stdout, done.stderr)
        assert "internal error" not in done.stderr, words
        if words[1] == "compare":
            assert done.returncode == 0, (words, done.stderr)
            assert len(done.stdout.splitlines()) == 3, (words, done.stdout)


def test_a_repeated_batch_runs_the_same_trials(served_project: Any) -> None:
    served_project.write("my rows.csv", "x\n0.1\n0.3\n")
    served_project.succeed("run", "quick.py", "@my rows.csv", "noise=[0.5,0.25]", "-y")
    first = _batch_id(served_project)
    report = served_project.succeed("report", first[:8], "-o", "-")
    best, again = (one for one in _printed(report) if one[1:3] == ["run", "quick.py"])

    _type(served_project, again)

    second = _batch_id(served_project)
    assert first != second
    columns = ["--json", "--columns", "x, noise, loss, .number"]
    tables = [
        json.loads(served_project.succeed("compare", one[:8], *columns)) for one in (first, second)
    ]
    assert sorted(tables[0], key=lambda row: row["number"]) == sorted(
        tables[1], key=lambda row: row["number"]
    )
    losses = [row["loss"] for row in tables[0]]
    assert _type(served_project, best).stdout == f"loss: {min(losses)}\n"
