"""Each shape of a program gives what is promised, and its project stays as it was."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project
from tests.programs.conftest import Sweep, run_sweep
from tests.programs.shape_list import SHAPES, Shape
from tunesmith.cli.main import main
from tunesmith.scalar_names import resolve_tag

FOLDER = Path(__file__).parent / "shapes"
ALONE = {
    "computed_options",
    "default_of_converter",
    "default_of_json",
    "default_of_lambda",
    "links",
    "typer_writes",
}
"""The shapes that have tests of their own."""


def tree(*folders: Path) -> dict[str, tuple[int, bytes]]:
    """Return the kind and content of all that lies in folders, without stores of ours."""
    return {
        str(path): (path.lstat().st_mode, _content(path))
        for folder in folders
        for path in folder.rglob("*")
        if ".tunesmith" not in path.parts
    }


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    return b"" if path.is_dir() else path.read_bytes()


def lay(project: Project, shape: str) -> None:
    """Let a project have the files of a shape, and no others."""
    for name in ("train.py", "quick.py"):
        (project.path / name).unlink()
    shutil.copytree(FOLDER / shape, project.path, dirs_exist_ok=True)
    if shape == "argparse_digits":
        project.write("../data/digits/digits.bin", "1" * 7)
    if shape == "checkpoints":
        project.write("checkpoints/newest.pkl", "what another program has left")
    if shape == "binary":
        if shutil.which("cc") is None:
            pytest.skip("there is no C compiler")
        subprocess.run(["cc", "fit.c", "-o", "fit"], cwd=project.path, check=True)


def listed(capsys: pytest.CaptureFixture[str], program: str) -> list[dict[str, object]]:
    """Return what ``--help-flags`` lists of a program in the current folder."""
    answer = said(capsys, ["run", program, "--help-flags", "--json"])
    rows: list[dict[str, object]] = json.loads(answer)
    return rows


def said(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> str:
    """Return what a command answers that is called here, and has to succeed."""
    capsys.readouterr()
    code = main(arguments)
    out, err = capsys.readouterr()
    assert code == 0, err
    return out


def assert_listed(rows: Sequence[dict[str, Any]], shape: Shape) -> None:
    names = [f"{row.get('subcommand') or ''}/{row['name']}".lstrip("/") for row in rows]
    flags = [name for name, row in zip(names, rows, strict=True) if not row["address"]]
    assert sorted(flags) == sorted(shape.flags.split())
    known = {alias for row in rows for alias in (row["address"], *row["aliases"])}
    assert set(shape.addresses.split()) <= known


def assert_swept(done: Sweep, shape: Shape, n: int) -> None:
    assert len(done.completed) == n, done.said
    assert done.objectives == done.last(shape.tag)
    assert len(set(done.objectives)) == n
    asked = done.batch.objective.column.tag
    assert {resolve_tag(asked, one.scalars) for one in done.trials} == {shape.tag}
    for tag, value in shape.scalars.items():
        assert done.last(tag) == pytest.approx([value] * n), tag
    if shape.searched is not None:
        values = done.values(shape.searched)
        expected = [(value - 0.3) ** 2 + shape.plus for value in values]
        assert done.objectives == pytest.approx(expected, abs=6e-4)  # as tqdm rounds it
    assert shape.says in done.said


def test_every_shape_is_tested() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(SHAPES) | ALONE
    assert len(SHAPES | dict.fromkeys(ALONE)) == 50


@pytest.mark.server
@pytest.mark.parametrize("name", SHAPES)
def test_a_sweep(
    served_project: Project,
    name: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shape = SHAPES[name]
    places = (served_project.path, served_project.path.parent / "data")
    lay(served_project, name)
    monkeypatch.chdir(served_project.path)
    monkeypatch.delenv("TUNESMITH_HOME", raising=False)
    monkeypatch.setenv("HOME", served_project.environment["HOME"])
    before = tree(*places)
    words = shlex.split(shape.typed)

    assert_listed(listed(capsys, words[0]), shape)
    for other in shape.also:
        assert said(capsys, ["run", *_with_options(shlex.split(other), "--print-trials")])
    n = 3 if shape.is_warm else 2
    options = ("-m", str(n), "--warm", "on" if shape.is_warm else "off", "--random-seed", "5")
    done = run_sweep(served_project, *_with_options(words, *options))

    assert_swept(done, shape, n)
    assert "fork" not in done.said
    assert tree(*places) == before


def _with_options(words: Sequence[str], *options: str) -> list[str]:
    """Return the words with options before ``--``, behind which all are the program's."""
    place = words.index("--") if "--" in words else len(words)
    return [*words[:place], *options, *words[place:]]


@pytest.fixture
def here(
    project: Project, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Project:
    """The project of the shape that the test is about, in which commands are called as well."""
    lay(project, request.param)
    monkeypatch.chdir(project.path)
    monkeypatch.delenv("TUNESMITH_HOME", raising=False)
    monkeypatch.setenv("HOME", project.environment["HOME"])
    return project


def of_shape(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("here", [name], indirect=True)


def names(rows: Sequence[Mapping[str, object]]) -> set[object]:
    return {row["name"] for row in rows if not row["address"]}


@of_shape("computed_options")
def test_flags_follow_a_module_that_the_parser_reads(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    here.succeed("run", "fit.py", "--yes")
    assert names(listed(capsys, "fit.py")) == {"lr", "rounds"}

    here.write("values.py", "defaults = dict(lr=0.02, rounds=2, momentum=0.8)\n")

    assert names(listed(capsys, "fit.py")) == {"lr", "rounds", "momentum"}
    here.succeed("run", "fit.py", "momentum=0.5", "--yes")


@of_shape("typer_writes")
def test_asking_for_flags_writes_nothing(
    here: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(here.path)

    assert names(listed(capsys, "fit.py")) == {"lr", "rounds", "solver"}

    assert tree(here.path) == before


@pytest.mark.parametrize(
    ("here", "script"),
    [
        ("default_of_converter", "fit.py"),
        ("default_of_json", "fit.py"),
        ("default_of_lambda", "agent.py"),
        ("argparse_bools", "fit.py"),
    ],
    indirect=["here"],
)
def test_what_is_not_set_is_as_python_gives_it(here: Project, script: str) -> None:
    before = tree(here.path)
    usual = subprocess.run(
        [sys.executable, script], cwd=here.path, capture_output=True, text=True, check=True
    )

    assert here.succeed("run", script, "--yes") == usual.stdout
    assert tree(here.path) == before


@of_shape("links")
@pytest.mark.parametrize("times", [1, 2], ids=["once", "again"])
def test_a_link_touches_neither_a_file_nor_a_folder_of_the_user(
    here: Project, tmp_path: Path, times: int
) -> None:
    here.write("../elsewhere/deep/kept.txt", "kept")
    before = tree(here.path, tmp_path / "elsewhere")
    whole = ("--link", str(tmp_path / "elsewhere"))
    inner = ("--link", "data", "--link", "data/points.bin")

    for links in (whole, inner) * times:
        done = here.run("run", "plain.py" if links is whole else "fit.py", *links, "--yes")
        assert done.returncode in (0, 2), done.stderr
        assert done.returncode == 0 or "--link" in done.stderr
        assert tree(here.path, tmp_path / "elsewhere") == before
