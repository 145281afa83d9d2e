"""The flags of each program in ``benchmarks/reach/parsers`` that has a library but argparse.

None of these programs may get past the call that reads its command line.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunesmith.capturing import read_script_flags
from tunesmith.flags.definition import ScriptFlags
from tunesmith.script.arguments import build_arguments

SHAPES = Path(__file__).parents[3] / "benchmarks" / "reach" / "parsers"
KINDS = ("absl", "argv", "docopt", "env", "fire", "hydra", "omegaconf", "sacred", "tyro")
NAMES = sorted(one.name for one in SHAPES.iterdir() if one.name.split("_")[0] in KINDS)


def plain(value: Any) -> Any:
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def defaults(flags: ScriptFlags) -> dict[str, Any]:
    return {flag.name: plain(flag.default) for flag in flags.definitions}


@pytest.mark.parametrize("name", NAMES)
def test_the_flags_of_a_program(name: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(SHAPES / name, project)
    expected = json.loads((project / "expected.json").read_text())
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    found = read_script_flags(
        project / "train.py", project=project, python=sys.executable, home=tmp_path / "home"
    )

    assert defaults(found) == expected["flags"]
    assert (str(found.source), str(found.style)) == (expected["source"], expected["style"])
    subcommands = {one: defaults(flags) for one, flags in found.subcommands.items()}
    assert subcommands == expected.get("subcommands", {})
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "subcommand", "flags", "words"),
    [
        ("fire_class", "fit", {"lr": 0.2, "width": 16}, ["--width=16", "fit", "--lr=0.2"]),
        ("docopt_commands", "fit", {"data": "x", "lr": 0.2}, ["fit", "--lr=0.2", "x"]),
        ("sacred_commands", "fit", {"lr": 0.2}, ["fit", "with", "lr=0.2"]),
        ("tyro_subcommands", "train", {"lr": -1e-05}, ["train", "--lr=-1e-05"]),
    ],
)
def test_the_arguments_of_a_subcommand(
    name: str, subcommand: str, flags: dict[str, Any], words: list[str], tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(SHAPES / name, project)
    found = read_script_flags(
        project / "train.py", project=project, python=sys.executable, home=tmp_path / "home"
    )

    assert build_arguments(found.of_subcommand([subcommand]), flags) == words
    done = subprocess.run(
        [sys.executable, "train.py", *words], cwd=project, capture_output=True, text=True
    )
    assert "trained" in done.stderr or "made" in done.stderr, done.stderr
