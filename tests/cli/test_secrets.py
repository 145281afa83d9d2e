"""A flag that is a secret by its name, on real processes: the script has it, and nobody else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project

SECRET = "sk-4f1d9c0b7e"
CHECK = """
import os
is_listed = False
for pid in (os.getpid(), os.getppid()):
    with open(f"/proc/{pid}/cmdline") as file:
        is_listed = is_listed or "4f1d9c0b7e" in file.read()
is_set = "4f1d9c0b7e" in str(dict(os.environ))
print("got:", int(api_key == "sk-" + "4f1d9c0b7e"))
print("listed:", int(is_listed))
print("set:", int(is_set))
if x < 0:
    raise SystemExit(3)
"""
SCRIPTS = {
    "parsed.py": "import argparse\n"
    "parser = argparse.ArgumentParser()\n"
    "parser.add_argument('--api-key')\n"
    "parser.add_argument('--x', type=int, default=1)\n"
    "args = parser.parse_args()\n"
    "api_key, x = args.api_key, args.x\n" + CHECK,
    "globals.py": "api_key = None\nx = 1\n" + CHECK,
}


def holding(folder: Path, text: str = SECRET) -> list[Path]:
    """Return the files below a folder that hold a text."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def write_scripts(project: Project) -> None:
    for name, text in SCRIPTS.items():
        project.write(name, text)


def latest(project: Project) -> Any:
    return json.loads(project.succeed("runs", "--json"))[0]


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("x", [1, -1], ids=["completes", "fails"])
def test_the_script_alone_has_the_secret(project: Project, name: str, x: int) -> None:
    write_scripts(project)
    done = project.run("run", name, f"api_key={SECRET}", f"x={x}", "-y")
    assert done.returncode == (0 if x > 0 else 1), done.stderr
    run = latest(project)
    assert {tag: value["last"] for tag, value in run["scalars"].items()} == {
        "got": 1,
        "listed": 0,
        "set": 0,
    }
    assert "***" in run["flags"].values()
    assert holding(project.home) == []
    shown = [done.stderr, *(project.succeed(*words) for words in (["runs"], ["runs", "info"]))]
    assert all("***" in text and SECRET not in text for text in shown)


@pytest.mark.parametrize("is_asked", [True, False], ids=["captured", "kept"])
def test_a_secret_that_is_a_default_is_not_kept(project: Project, is_asked: bool) -> None:
    project.write(
        "default.py",
        "import argparse, os\n"
        "parser = argparse.ArgumentParser()\n"
        "for name in ('x', 'y'):\n"  # so that its text does not show its flags
        "    parser.add_argument('--' + name, type=int, default=1)\n"
        "parser.add_argument('--hf-token', default=os.environ.get('MINE'))\n"
        "print('got:', int(parser.parse_args().hf_token == 'sk-' + '4f1d9c0b7e'))\n",
    )
    project.succeed("run", "default.py", "-y", MINE=SECRET)
    if is_asked:
        listed = project.succeed("run", "default.py", "--help-flags", MINE=SECRET)
        assert SECRET not in listed
    assert latest(project)["scalars"]["got"]["last"] == 1
    assert holding(project.home) == []


@pytest.mark.parametrize(
    "words",
    [
        ["run", "parsed.py", f"api_key={SECRET}", "x=[1,2]", "--runner", "prefect://", "-y"],
        ["run", "parsed.py", "-y", "--", "--api-key", SECRET],
        ["run", "parsed.py", f"api_key=[{SECRET},b]", "-y"],
        ["deploy", "parsed.py", f"api_key={SECRET}", "x=[1,2]"],
    ],
    ids=["workers elsewhere", "own arguments", "a search", "a deployment"],
)
def test_what_would_have_to_keep_a_secret_is_refused_in_one_line(
    project: Project, words: list[str]
) -> None:
    write_scripts(project)
    done = project.run(*words)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "is a secret" in line
    assert SECRET not in line
    assert not project.home.exists() or holding(project.home) == []


def test_trials_that_are_saved_leave_the_secret_to_be_given_again(project: Project) -> None:
    write_scripts(project)
    words = ["run", "parsed.py", f"api_key={SECRET}"]
    project.succeed(*words, "x=[1,2]", "--save-trials", "trials.csv")

    listed = project.succeed(*words, "@trials.csv", "--print-trials")

    assert (project.path / "trials.csv").read_text() == "x\n1\n2\n"
    assert listed.splitlines() == ["api-key=*** x=1", "api-key=*** x=2"]


@pytest.mark.server
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_batch_passes_its_secret_on_and_asks_for_it_again(
    served_project: Project, server_data: Path, name: str
) -> None:
    write_scripts(served_project)
    options = ["--maximize", "got", "--jobs", "2", "-yq"]
    batch = served_project.succeed(
        "run", name, f"api_key={SECRET}", "x=[1,2,3,4]", *options
    ).strip()

    again = served_project.run("run", "--restart", batch[:8], "x=[1,2,3,4,5]", "-m", "1", "-yq")
    served_project.succeed("run", "--restart", batch[:8], f"api_key={SECRET}", "-m", "1", "-yq")

    assert again.returncode == 2
    assert "is a secret and was not kept: give it again, as " in again.stderr
    rows = json.loads(served_project.succeed("runs", "--all", "--json"))
    trials = [row for row in rows if row["id"] != row["batch"]]
    assert {row["scalars"]["got"]["last"] for row in trials} == {1}
    assert {row["scalars"]["listed"]["last"] for row in trials} == {0}
    assert holding(served_project.home) == []
    assert holding(server_data) == []


@pytest.mark.server
def test_a_batch_in_the_background_has_the_secret_too(served_project: Project) -> None:
    write_scripts(served_project)
    arguments = ["parsed.py", f"api_key={SECRET}", "x=[1,2]", "--maximize", "got"]
    batch = served_project.succeed("run", *arguments, "-byq").strip()
    served_project.run("watch", batch[:8])
    rows = json.loads(served_project.succeed("runs", "--all", "--json"))
    assert [row["scalars"]["got"]["last"] for row in rows if row["number"]] == [1, 1]
    assert holding(served_project.home) == []
