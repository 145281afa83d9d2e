from pathlib import Path

import pytest

from tunesmith.executor.failure_hints import find_hint

FILES = (
    "data.csv",
    "lib.py",
    "pkg/__init__.py",
    "pkg/deep.py",
    "sub/own.py",
    "src/far/a.py",
    "wandb/log.txt",
    "../above.yaml",
    "../tool.py",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path / "project"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A trial's directory: the package is there, but for one module."""
    path = tmp_path / "trial" / "pkg" / "__init__.py"
    path.parent.mkdir(parents=True)
    path.write_text("")
    return tmp_path / "trial"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'", "data.csv"),
        ("ModuleNotFoundError: No module named 'lib'", "lib.py"),
        ("ModuleNotFoundError: No module named 'pkg.deep'", "pkg/deep.py"),
        ("ModuleNotFoundError: No module named 'own'", "sub/own.py"),
        ("ModuleNotFoundError: No module named 'sub.own'", "sub"),
        ("ModuleNotFoundError: No module named 'far'", "src/far"),
        ("ImportError: cannot import name 'deep' from 'pkg' (/x/pkg/__init__.py)", "pkg/deep.py"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'above.yaml'", "../above.yaml"),
        ("cat: data.csv: No such file or directory", "data.csv"),
        ("./run.sh: line 3: above.yaml: No such file or directory", "../above.yaml"),
    ],
)
def test_what_only_the_project_has_is_to_be_linked(
    project: Path, directory: Path, line: str, name: str
) -> None:
    hint = find_hint(
        ["Traceback", line, "left"], project=project, directory=directory, folder=Path("sub")
    )
    where = "above the project and" if name.startswith("..") else "in the project but"
    assert hint == f"{name} is {where} not in the run's directory: add --link {name}"


@pytest.mark.parametrize("said", ["No such file or directory: '{}'", "can't open file '{}': no"])
def test_a_program_that_went_up_is_told_what_is_above_its_project(
    project: Path, directory: Path, said: str
) -> None:
    line = said.format(directory.parent / "tool.py")
    hint = find_hint([line], project=project, directory=directory, folder=Path())
    assert hint is not None
    assert hint.endswith("add --link ../tool.py")


@pytest.mark.parametrize(
    "line",
    [
        "FileNotFoundError: [Errno 2] No such file or directory: '..'",
        "FileNotFoundError: [Errno 2] No such file or directory: '/etc/above.yaml'",
        "ModuleNotFoundError: No module named 'numpy'",
        "ModuleNotFoundError: No module named 'wandb'",
        "ModuleNotFoundError: No module named 'pkg.none'",
        "ImportError: cannot import name 'nothing' from 'pkg' (/x/pkg/__init__.py)",
        "ModuleNotFoundError: No module named ''",
        "FileNotFoundError: [Errno 2] No such file or directory: 'none.csv'",
    ],
)
def test_what_the_project_lacks_as_well_gives_no_hint(
    project: Path, directory: Path, line: str
) -> None:
    assert find_hint([line], project=project, directory=directory, folder=Path()) is None
