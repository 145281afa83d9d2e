"""What is recorded beside the source when a batch begins."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.batches import make_spec
from tunesmith.execution import Execution
from tunesmith.request.environment import environment_of
from tunesmith.storage.files.git import commit_of


def _git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a script, in no repository."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "train.py").write_text("import json\nimport numpy as np\nimport not_there\n")
    return folder


def test_the_commit_is_recorded_and_how_many_files_differ(project: Path) -> None:
    assert commit_of(project) == "none, in no git repository"
    _git(project, "init")
    assert commit_of(project) == "none yet"
    _git(project, "add", ".")
    _git(project, "commit", "-m", "one")
    commit = _git(project, "rev-parse", "HEAD")
    (project / "notes.txt").write_text("not tracked")

    assert commit_of(project) == commit
    (project / "train.py").write_text("x = 1\n")
    assert commit_of(project) == f"{commit} and 1 changed file"


def test_the_packages_are_those_that_the_script_imports(project: Path) -> None:
    found = environment_of(make_spec("a" * 32, project=str(project)))

    assert found["packages"] == f"numpy {version('numpy')}"
    assert f"prefect {version('prefect')}" in found["Tunesmith"]


def test_of_another_interpreter_its_own_packages_are_recorded(
    project: Path, tmp_path: Path
) -> None:
    packages = tmp_path / "env" / "lib" / "python3.12" / "site-packages"
    (packages / "numpy-0.0.7.dist-info").mkdir(parents=True)
    (packages / "numpy-0.0.7.dist-info" / "METADATA").write_text("Name: numpy\nVersion: 0.0.7\n")
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir()
    python.write_text("")
    python.chmod(0o755)
    execution = Execution(python=str(python))

    found = environment_of(make_spec("a" * 32, project=str(project), execution=execution))

    assert (found["Python"], found["packages"]) == ("3.12", "numpy 0.0.7")
    assert found["interpreter"] == str(python)


def test_a_script_that_cannot_be_parsed_has_no_packages(project: Path) -> None:
    (project / "train.py").write_text("(")

    assert "packages" not in environment_of(make_spec("a" * 32, project=str(project)))
