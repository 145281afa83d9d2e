import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.cli.conftest import Library
from tests.script.test_notebook import notebook
from tunesmith.cli.main import main
from tunesmith.cli.options.completers import complete_arguments

needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
needs_fish = pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")

BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { echo "option $*"; }
_tunesmith_completion tunesmith
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with scripts, and the command on the search path."""
    for name in ("TUNESMITH_HOME", "_TUNESMITH_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "train.py").write_text("x = 0.1\nnoise = 0.1\n_hidden = 1\n")
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".secret.py").touch()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "deep.py").touch()
    command = tmp_path / "bin" / "tunesmith"
    command.parent.mkdir()
    command.write_text(
        f"#!{sys.executable}\nimport sys\nfrom tunesmith.cli.main import main\nsys.exit(main())\n"
    )
    command.chmod(0o700)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with the script of every shell."""
    folder = tmp_path / "bin"
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        (folder / shell).write_text(capsys.readouterr().out)
    return folder


def offered(scripts: Path, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, "bash", scripts / "bash", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tunesmith", "comp"], ["compare", "completion"]),
        (["tunesmith", "runs", "in"], ["info"]),
        (["tunesmith", "completion", ""], ["bash", "zsh", "fish"]),
        (["tunesmith", "compare", "--skip"], ["--skip-unchanged"]),
        (["tunesmith", "runs", "info", "--js"], ["--json"]),
        (["tunesmith", "nonsense", "x"], [""]),
    ],
    ids=lambda value: " ".join(value),
)
def test_bash_completes_commands_and_options(
    scripts: Path, words: list[str], expected: list[str]
) -> None:
    assert offered(scripts, *words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "train.py", "-o", "g"], ["gbrt", "gp", "grid"]),
        (["run", "train.py", "--optimizer", "au"], ["auto"]),
        (["run", "train.py", "-o", "optuna", ":", "t"], ["tpe"]),
        (["run", "--restart", "0b"], ["0b5e55ed"]),
        (["run", "--restart", "tr"], ["train.py+gp"]),
        (["run", "--restart", "8a"], [""]),
        (["run", "train.py", "-N", "l"], ["loss"]),
        (["compare", "--min", "l"], ["loss"]),
        (["compare", "--max", "n"], ["noise"]),
        (["compare", "--started", "y"], ["yesterday"]),
        (["runs", "--started", r"last\ h"], [r"last\ hour"]),
        (["runs", "--started", "'last h"], ["last hour"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_bash_completes_the_values_of_options(
    library: Library, scripts: Path, words: list[str], expected: list[str]
) -> None:
    library.search("0b5e55ed" * 4)  # of which no trial's id starts with 0b

    assert offered(scripts, "tunesmith", *words) == expected


@pytest.mark.parametrize(
    ("script", "incomplete", "expected"),
    [
        (None, "", ["bin/", "models/", "train.py"]),
        (None, "models/", ["models/deep.py"]),
        (None, "no/such/", []),
        ("train.py", "", ["noise=", "x="]),
        ("train.py", "n", ["noise="]),
        ("missing.py", "", []),
        ("tool.py", "", ["rate="]),
        ("computed.py", "", []),
        ("bin/go.sh", "", ["LR="]),
        ("bin/go.ipynb", "", ["rate="]),
    ],
)
def test_scripts_and_their_flags_are_offered(
    script: str | None, incomplete: str, expected: list[str]
) -> None:
    parser = "import argparse\np = argparse.ArgumentParser()\np.add_argument"
    Path("tool.py").write_text(f"{parser}('--rate', type=float, default=0.1)\np.parse_args()\n")
    Path("computed.py").write_text(f"{parser}('--' + input())\np.parse_args()\n")
    Path("bin/go.sh").write_text("LR=${LR:-0.1}\n")
    Path("bin/go.ipynb").write_text(notebook("rate = 0.1"))
    ctx = click.Context(click.Command("run"))
    ctx.params["script"] = script

    items = complete_arguments(ctx, click.Argument(["arguments"], nargs=-1), incomplete)

    wanted = [item.value for item in items if item.value not in ("tool.py", "computed.py")]
    assert sorted(wanted) == expected


def test_programs_of_other_kinds_are_offered() -> None:
    folder = Path("kinds")
    folder.mkdir()
    for name in ("train.ipynb", "train.sh", "train.R", "sweep.yaml", "data.txt", "a.out"):
        (folder / name).touch()
    (folder / "a.out").chmod(0o755)
    context = click.Context(click.Command("run"))

    items = complete_arguments(context, click.Argument(["arguments"], nargs=-1), "kinds/")

    offered = ["a.out", "sweep.yaml", "train.R", "train.ipynb", "train.sh"]
    assert sorted(item.value for item in items) == [f"kinds/{name}" for name in offered]


def test_a_broken_question_is_an_error_and_no_hang(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_TUNESMITH_COMPLETE", "nosh_complete")

    assert main([]) == 2

    assert "tunesmith completion bash" in capsys.readouterr().err


@pytest.mark.tools
@needs_zsh
def test_zsh_leaves_brackets_alone(scripts: Path) -> None:
    done = subprocess.run(
        ["zsh", "-f"],
        input=f"source {scripts / 'zsh'}\ntunesmith completion x=[-1,0,1]\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert "no matches found" not in done.stderr
    assert "x=[-1,0,1]" in done.stderr


@pytest.mark.tools
@needs_zsh
def test_zsh_registers_the_completion(scripts: Path) -> None:
    done = subprocess.run(
        ["zsh", "-f"],
        input="autoload -Uz compinit && compinit -u -D\n"
        f"source {scripts / 'zsh'}\nprint $_comps[tunesmith]\n",
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "_tunesmith_completion\n"


@pytest.mark.tools
@needs_zsh
def test_a_zsh_without_compinit_is_told_so(scripts: Path) -> None:
    done = subprocess.run(
        ["zsh", "-f", "-c", f"source {scripts / 'zsh'}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "autoload -Uz compinit && compinit" in done.stderr


@pytest.mark.tools
@needs_fish
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tunesmith comp", ["compare", "completion"]),
        ("tunesmith runs inf", ["info"]),
        ("tunesmith run train.py -o optuna:t", ["optuna:tpe"]),
        ("tunesmith compare --started last\\ h", ["last hour"]),
    ],
)
def test_fish_completes_commands(scripts: Path, line: str, expected: list[str]) -> None:
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {scripts / 'fish'}; complete -C '{line}'"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"HOME": str(scripts)},
    )

    assert [word.split("\t")[0] for word in done.stdout.splitlines()] == expected
