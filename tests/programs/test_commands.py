"""Commands that are typed after ``--``, with flags in braces."""

import json

import pytest

from tests.conftest import Project
from tests.programs.conftest import RunSweep, the_run
from tunesmith.errors import TunesmithError
from tunesmith.request.new import new
from tunesmith.request.script_of_request import read_script
from tunesmith.request.sweep_request import SweepRequest

ECHO = """\
import json
import os
import sys

print("words:", json.dumps(sys.argv))
for word in sys.argv:
    if word.endswith(".json"):
        print("file:", open(word).read().replace("\\n", ""))
print("loss:", os.environ.get("LR", "0.5"))
"""
ARGPARSE = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--layers", type=int, default=2)
print("loss:", vars(parser.parse_args()))
"""


def words_of(output: str) -> list[str]:
    line = next(line for line in output.splitlines() if line.startswith("words: "))
    found: list[str] = json.loads(line.removeprefix("words: "))
    return found


def test_the_braces_of_a_command_are_filled(project: Project) -> None:
    project.write("echo.py", ECHO)
    command = ["python", "echo.py", "--rate={lr}", "run", "{flags}", "--note", "{other}"]

    done = project.run("run", "lr=0.25", "n=3", "--yes", "--", *command)

    assert done.returncode == 0, done.stderr
    assert "You are about to run python\n" in done.stderr
    filled = ["echo.py", "--rate=0.25", "run", "--n", "3", "--note", "{other}"]
    assert words_of(done.stdout) == filled
    assert the_run(project).command == " ".join(["python", *filled[:-1], "'{other}'"])
    assert the_run(project).script == "echo.py"


def test_flags_come_in_a_file_by_their_nested_names(project: Project) -> None:
    project.write("echo.py", ECHO)

    done = project.run(
        "run", "opt.lr=1e-5", "n=3", "--name", "mine", "-y", "--", "python", "echo.py", "{config}"
    )

    assert done.returncode == 0, done.stderr
    assert 'file: {  "opt": {    "lr": 1.0e-05  },  "n": 3}' in done.stdout
    assert the_run(project).operation == "mine"


def test_the_script_of_a_command_tells_its_flags(project: Project) -> None:
    project.write("train.py", ARGPARSE)

    done = project.run("run", "learning_rate=0.5", "--yes", "--", "python", "train.py")

    assert done.returncode == 0, done.stderr
    assert "'learning_rate': 0.5, 'layers': 2" in done.stdout
    assert the_run(project).flags == {"learning-rate": 0.5, "layers": 2}


def test_the_module_of_a_command_tells_its_flags(project: Project) -> None:
    project.write("pkg/__init__.py", "")
    project.write("pkg/train.py", "from .options import args\nprint('loss:', args().rate)\n")
    options = "import argparse\ndef args():\n    parser = argparse.ArgumentParser()\n"
    options += "    parser.add_argument('--lr', dest='rate', type=float)\n"
    project.write("pkg/options.py", options + "    return parser.parse_args()\n")

    done = project.run("run", "rate=0.5", "--yes", "--", "python", "-m", "pkg.train")

    assert done.returncode == 0, done.stderr
    assert the_run(project).command == "python -m pkg.train --lr 0.5"


def test_the_globals_of_a_script_of_a_command_are_set_in_its_copy(project: Project) -> None:
    project.write("train.py", "LR = 0.1\nprint('loss:', LR)\n")

    done = project.run("run", "LR=0.5", "--yes", "--", "python", "train.py")

    assert "loss: 0.5" in done.stdout


def test_flags_are_passed_in_the_environment(project: Project) -> None:
    project.write("echo.py", ECHO)

    done = project.run("run", "LR=0.125", "--flag-style", "env", "--yes", "echo.py")

    assert done.returncode == 2, done.stdout
    done = project.run("run", "echo.py", "LR=0.125", "--flag-style", "env", "--yes")
    assert done.returncode == 0, done.stderr
    assert "loss: 0.125" in done.stdout
    assert the_run(project).command == "LR=0.125 python echo.py"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        pytest.param(SweepRequest(command=("no-such",)), "'no-such', and there is no such pr"),
        pytest.param(SweepRequest(command=()), "there is no command after --"),
        pytest.param(SweepRequest(script="ls"), r"write the command after --, as in .* -- ls"),
    ],
    ids=["a missing program", "no words", "a program without --"],
)
def test_what_cannot_be_run_is_told(
    project: Project, request_: SweepRequest, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.path)
    with pytest.raises(TunesmithError, match=message):
        new(request_, read_script(request_, project.home), project.home)


def test_make_is_given_its_variables(project: Project) -> None:
    project.write("Makefile", "LR ?= 0.1\nall:\n\t@echo loss: $(LR)\n")

    done = project.run("run", "LR=0.5", "--yes", "--", "make", "all")

    assert done.returncode == 0, done.stderr
    assert the_run(project).command == "make all LR=0.5"
    assert the_run(project).objective == 0.5


def test_how_a_command_is_deployed_is_told(project: Project) -> None:
    done = project.run("deploy", "lr=[0.1,0.2]", "--", "python", "train.py")

    assert done.returncode == 2
    assert "--save-sweep sweep.yaml -- COMMAND" in done.stderr


@pytest.mark.server
def test_a_sweep_of_a_command(sweep: RunSweep) -> None:
    done = sweep(
        {"loss.sh": 'echo "loss: $2"\n'}, "lr=[0.1,0.3]", "-l", "x", "--", "sh", "loss.sh"
    )

    assert done.last("loss") == [0.1, 0.3]
    assert {one.operation for one in done.trials} == {"sh"}


def test_a_secret_is_not_shown_to_other_users(project: Project) -> None:
    done = project.run("run", "api_key=abc", "--yes", "--", "python", "-c", "pass")

    assert done.returncode == 2
    assert "--flag-style env" in done.stderr
    assert not project.home.exists()
