import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.cli.main import main

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
    command.write_text(f"#!{sys.executable}\nimport sys\nfrom tunesmith.cli.main import main\n"
                       "sys.exit(main())\n")
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
