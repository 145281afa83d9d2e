"""What the tests of asked programs share: a project, and the flags of its train.py."""

import sys
from pathlib import Path
from typing import Protocol

import pytest

from tunesmith.capturing import read_script_flags
from tunesmith.flags.definition import ScriptFlags


class FindFlags(Protocol):
    """Writes the files of a project, and finds the flags of its train.py."""

    def __call__(self, text: str, /, **modules: str) -> ScriptFlags: ...


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".tunesmith" / "cache").mkdir(parents=True)
    return folder


@pytest.fixture
def find(project: Path) -> FindFlags:
    def find(text: str, /, **modules: str) -> ScriptFlags:
        (project / "train.py").write_text(text)
        for name, content in modules.items():
            (project / f"{name}.py").write_text(content)
        found = read_script_flags(
            project / "train.py",
            project=project,
            python=sys.executable,
            home=project / ".tunesmith",
        )
        assert not (project / "worked").exists()  # which the programs of these tests write
        return found

    return find
