"""Programs with subcommands, and positional arguments on the command line."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Project
from tests.programs.conftest import the_run
from tunesmith.batch import BatchSpec
from tunesmith.errors import TunesmithError
from tunesmith.flags.definition import FlagStyle
from tunesmith.request.new import new
from tunesmith.request.reading import read_arguments
from tunesmith.request.script_of_request import read_script
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.script.arguments import build_arguments

TOOL = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--verbose", action="store_true")
commands = parser.add_subparsers(dest="command", required=True)
train = commands.add_parser("train")
train.add_argument("--lr", type=float, default=0.1)
train.add_argument("--seed", type=int, default=1)
test = commands.add_parser("test")
test.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
print(sorted(vars(args).items()))
print("loss: 1")
"""
PLACES = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("epochs", type=int, nargs="?", default=3)
print(vars(parser.parse_args()))
print("loss: 1")
"""


def specification(
    folder: Path,
    text: str,
    *words: str,
    extra: Sequence[str] = (),
    style: FlagStyle | None = None,
) -> BatchSpec:
    (folder / "tool.py").write_text(text)
    request = SweepRequest(
        script="tool.py",
        folder=folder,
        extra_arguments=tuple(extra) or None,
        flag_style=style,
        **read_arguments(words),
    )
    return new(request, read_script(request, folder / ".tunesmith"), folder / ".tunesmith")


def passed(spec: BatchSpec) -> list[str]:
    words = build_arguments(spec.script_flags, spec.passed(spec.fixed_flags))
    return [*words, *spec.extra_arguments]


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        pytest.param(["train", "lr=0.5", "verbose=yes"], [], id="typed before the flags"),
        pytest.param(["lr=0.5", "verbose=yes"], [], id="the only one that has them"),
        pytest.param(["lr=0.5", "verbose=yes"], ["train"], id="typed after --"),
    ],
)
def test_the_flags_of_a_subcommand_follow_it(
    tmp_path: Path, words: list[str], extra: list[str]
) -> None:
    spec = specification(tmp_path, TOOL, *words, extra=extra)

    assert passed(spec) == ["--verbose", "train", "--lr", "0.5"]
    assert spec.operation == "tool.py"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ["seed=2"], r"several have seed: .*there are train, test", id="several have it"
        ),
        pytest.param(["x=2"], r"none has x: .*there are train, test", id="none has it"),
        pytest.param(
            ["tran", "lr=2"],
            r"no subcommand 'tran': its subcommands are train, test\. Did you mean 'train'\?",
            id="it is mistyped",
        ),
    ],
)
def test_the_subcommands_are_listed_where_none_is_meant(
    tmp_path: Path, words: list[str], message: str
) -> None:
    with pytest.raises(TunesmithError, match=message):
        specification(tmp_path, TOOL, *words)


@pytest.mark.parametrize(
    ("words", "extra"),
    [(["fit", "lr=0.5"], []), (["lr=0.5"], ["fit"])],
    ids=["typed before the flags", "typed after --"],
)
def test_another_word_for_a_subcommand_means_it(
    tmp_path: Path, words: list[str], extra: list[str]
) -> None:
    text = TOOL.replace('("train")', '("train", aliases=["fit"])')

    assert passed(specification(tmp_path, text, *words, extra=extra)) == ["train", "--lr", "0.5"]


@pytest.mark.parametrize(
    "words",
    [["here", "lr=0.5"], ["data=here", "lr=0.5"], ["1=here", "lr=0.5"]],
    ids=["as a word", "by its name", "by its place"],
)
def test_a_positional_argument_is_given(tmp_path: Path, words: list[str]) -> None:
    spec = specification(tmp_path, PLACES, *words)

    assert sorted(passed(spec)) == sorted(["--lr", "0.5", "here"])
    assert spec.settings["data"] == "here"


def test_a_group_that_runs_alone_needs_no_subcommand(tmp_path: Path) -> None:
    text = "import click\n@click.group(invoke_without_command=True)\n@click.option('--lr')\n"
    text += (
        "def main(lr): pass\n@main.command()\n@click.option('--n')\ndef show(n): pass\nmain()\n"
    )

    assert passed(specification(tmp_path, text, "lr=0.5")) == ["--lr", "0.5"]
    assert passed(specification(tmp_path, text, "n=5")) == ["show", "--n", "5"]
    assert passed(specification(tmp_path, text, "show", "lr=0.5")) == ["--lr", "0.5", "show"]


def test_what_an_object_of_fire_keeps_has_subcommands(tmp_path: Path) -> None:
    text = "import fire\nclass Model:\n    def fit(self, lr=0.1, n=3): pass\n"
    text += "class App:\n    def __init__(self, seed=1):\n        self.model = Model()\n"
    text += "        raise SystemExit('never')\nfire.Fire(App)\n"

    spec = specification(tmp_path, text, "model", "fit", "lr=0.5", "seed=2")
    assert passed(spec) == ["--seed=2", "model", "fit", "--lr=0.5"]


@pytest.mark.parametrize(
    ("style", "setting"),
    [(FlagStyle.WORDS, ["SOLVER.LR", "0.3"]), (FlagStyle.BARE, ["SOLVER.LR=0.3"])],
)
def test_settings_without_dashes_stand_behind_options_and_arguments(
    tmp_path: Path, style: FlagStyle, setting: list[str]
) -> None:
    words = ("mnist", "SOLVER.LR=0.3", "lr=0.5", "epochs=4")
    spec = specification(tmp_path, PLACES, *words, style=style)
    assert passed(spec) == ["--lr", "0.5", "mnist", "4", *setting]


def test_an_option_after_dashes_is_set_by_it_alone(tmp_path: Path) -> None:
    needed = "import argparse\nparser = argparse.ArgumentParser()\n"
    needed += 'parser.add_argument("-d", "--data", required=True)\n'
    needed += 'parser.add_argument("--lr", type=float, default=0.1)\nparser.parse_args()\n'

    for extra in (["--data=x"], ["-d", "x"]):
        spec = specification(tmp_path, needed, "lr=0.5", extra=extra)
        assert spec.settings == {"lr": 0.5}
        assert passed(spec) == ["--lr", "0.5", *extra]
    with pytest.raises(TunesmithError, match="lr is set twice: as lr=… and by '--lr' after --"):
        specification(tmp_path, needed, "lr=0.5", extra=["--lr", "0.7", "-d", "x"])
    with pytest.raises(TunesmithError, match="needs a value for data"):
        specification(tmp_path, needed, "lr=0.5", extra=["lr"])


def test_a_word_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TunesmithError, match="'more' is not a flag: expected NAME=VALUE"):
        specification(tmp_path, "LR = 0.1\n", "more", "LR=0.5")


def test_a_shell_script_gets_the_words_that_are_typed_before_its_flags(project: Project) -> None:
    project.write("tool.sh", 'echo "loss: 1"; echo "words $*"\n')

    done = project.run("run", "tool.sh", "train", "fast", "lr=0.5", "1=end", "--yes")

    assert done.returncode == 0, done.stderr
    assert "words train fast --lr 0.5 end" in done.stdout
    assert the_run(project).command == "bash tool.sh train fast --lr 0.5 end"
