import csv
import json
from typing import Any

from tests.cli.running.conftest import CLI


def test_the_flags_of_a_script_are_listed(project: Any) -> None:
    project.write("options.py", CLI)
    lines = project.succeed("run", "options.py", "--help-flags").splitlines()
    assert [line.split()[0] for line in lines] == ["flag", "fast", "files", "kind", "lr"]
    assert "a|b" in lines[3]
    assert "learning rate" in lines[4]
    listed = json.loads(project.succeed("run", "options.py", "--help-flags", "--json"))
    assert {flag["name"]: flag["default"] for flag in listed}["lr"] == 0.1


GROUP = """
import click
@click.group()
@click.option("--quiet", is_flag=True)
def cli(quiet): ...
@cli.command()
@click.option("-l", "--learning-rate", default=0.1)
def train(learning_rate): open("worked", "w")
@cli.command()
@click.option("-n", default=3)
def test(n): open("worked", "w")
cli()
"""


def test_the_flags_of_subcommands_are_listed_below_those_of_the_program(project: Any) -> None:
    project.write("tool.py", GROUP)
    done = project.run("run", "tool.py", "--help-flags")
    assert "were found by asking a copy of the program for its click command" in done.stderr
    own, test, train = (
        [line.split()[0] for line in table.splitlines()] for table in done.stdout.split("\n\n")
    )
    assert own == ["flag", "quiet"]
    assert test == ["tool.py", "flag", "n"]
    assert train == ["tool.py", "flag", "learning-rate"]
    listed = json.loads(project.succeed("run", "tool.py", "--help-flags", "--json"))
    assert [(one["name"], one.get("subcommand"), one["aliases"]) for one in listed] == [
        ("quiet", None, []),
        ("n", "test", []),
        ("learning-rate", "train", ["l", "learning_rate"]),
    ]
    assert not (project.path / "worked").exists()


def test_a_script_without_flags_says_what_was_looked_for_and_what_can_be_done(
    project: Any,
) -> None:
    project.write("none.py", "print('loss: 1')\n")
    out = project.succeed("run", "none.py", "--help-flags")
    assert out.startswith("none.py has no flags. Looked for were a parser (argparse, click")
    assert "config.yaml:lr=0.1" in out
    assert "--force-flags" in out


def test_the_trials_of_a_grid_are_printed_and_nothing_runs(project: Any) -> None:
    out = project.succeed("run", "quick.py", "x=[1,2]", "noise=[0.1,0.2]", "--print-trials")
    assert out.splitlines() == [
        "noise=0.1 x=1",
        "noise=0.1 x=2",
        "noise=0.2 x=1",
        "noise=0.2 x=2",
    ]
    assert not project.home.exists()


def test_the_trials_are_printed_as_json(project: Any) -> None:
    out = project.succeed("run", "quick.py", "x=[1,2]", "--print-trials", "--json")
    assert json.loads(out) == [{"noise": 0.1, "x": 1}, {"noise": 0.1, "x": 2}]


def test_what_is_no_number_of_json_is_a_string_as_in_every_answer(project: Any) -> None:
    out = project.succeed("run", "quick.py", "x=[.nan,-.inf,2]", "--print-trials", "--json")
    assert [one["x"] for one in json.loads(out)] == ["nan", "-inf", 2]


def test_a_seed_makes_random_trials_the_same(project: Any) -> None:
    command = ["run", "quick.py", "x=[-2.0:2.0]", "-m", "4", "--print-trials", "--random-seed"]
    first, again = (project.succeed(*command, "7") for _ in range(2))
    assert first == again != project.succeed(*command, "8")
    assert len(first.splitlines()) == 4


def test_a_model_based_search_has_no_trials_to_print(project: Any) -> None:
    done = project.run("run", "quick.py", "x=[-2.0:2.0]", "-o", "gp", "--print-trials")
    assert done.returncode == 2
    assert "--optimizer random" in done.stderr


def test_saved_trials_are_read_back_as_a_batch_file(project: Any) -> None:
    project.succeed("run", "quick.py", "x=[1,2.5]", "--save-trials", "trials.csv")
    with (project.path / "trials.csv").open() as file:
        assert [row["x"] for row in csv.DictReader(file)] == ["1", "2.5"]
    out = project.succeed("run", "quick.py", "@trials.csv", "noise=[0,1]", "--print-trials")
    assert out.splitlines() == [
        "noise=0 x=1",
        "noise=0 x=2.5",
        "noise=1 x=1",
        "noise=1 x=2.5",
    ] or (
        sorted(out.splitlines())
        == ["noise=0 x=1", "noise=0 x=2.5", "noise=1 x=1", "noise=1 x=2.5"]
    )


def test_saved_trials_keep_none_and_lists(project: Any) -> None:
    project.write(
        "kinds.py",
        "n = 4\ndrop = None\nLAYERS = [64, 64]\nBETAS = (0.8, 0.9)\n"
        "print(n, drop, LAYERS, BETAS)\n",
    )
    words = ("run", "kinds.py", "n=[null,3]", "drop=[null,0.5]", "BETAS=[[0.5,0.6]]")
    project.succeed(*words, "--save-trials", "trials.csv")
    wanted = json.loads(project.succeed(*words, "--print-trials", "--json"))
    read = project.succeed("run", "kinds.py", "@trials.csv", "--print-trials", "--json")
    assert json.loads(read) == wanted
