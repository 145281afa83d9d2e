"""``tunesmith diff``: bytes that differ are never called the same."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import MORNING, Library, Outcome

Call = Callable[..., Outcome]
FIRST, SECOND = "a1" * 16, "b2" * 16


@pytest.fixture
def folders(library: Library) -> tuple[Path, Path]:
    """The folders of two single runs with the same flags and results."""
    for seconds, run in enumerate((FIRST, SECOND)):
        library.single(run, {"x": 1.0}, started=MORNING + seconds)
    layout = library.store.layout
    return layout.trial_directory(FIRST, FIRST), layout.trial_directory(SECOND, SECOND)


def _write(folders: tuple[Path, Path], before: bytes, after: bytes) -> None:
    for folder, data in zip(folders, (before, after), strict=True):
        (folder / "file").write_bytes(data)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"same", b"same\n"),
        (b"same\r\n", b"same\n"),
        (b"a\x0cb\n", b"a\nb\n"),
        (b"\xff\n", b"\xfe\n"),
        (b"", b"\n"),
        (b"\tx\n", b"    x\n"),
    ],
    ids=["no newline", "line ends", "form feed", "not UTF-8", "empty", "tab"],
)
def test_small_differences_are_shown(
    folders: tuple[Path, Path], call: Call, before: bytes, after: bytes
) -> None:
    _write(folders, before, after)

    lines = call("diff", "--path", "file").out.split("\n")

    assert lines[:2] == ["--- a1a1a1a1/file", "+++ b2b2b2b2/file"]


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"a\nb", b"a\nc\n"), (b"\tx\r\nsame\n", b"\ty\nsame\n"), (b"a\n", b"")],
    ids=["no newline", "tab and carriage return", "to nothing"],
)
def test_patch_can_read_it(
    folders: tuple[Path, Path], call: Call, tmp_path: Path, before: bytes, after: bytes
) -> None:
    _write(folders, before, after)
    copy = tmp_path / "copy"
    copy.write_bytes(before)

    text = call("diff", "--path", "file").out

    command = ["git", "apply", "-p1", "--whitespace=nowarn", "--unsafe-paths", "-"]
    patch = text.replace("a1a1a1a1/file", "a/copy").replace("b2b2b2b2/file", "b/copy")
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    subprocess.run(command, input=patch.encode(), cwd=tmp_path, env=environment, check=True)
    assert copy.read_bytes() == after


def test_binary_files_are_only_named(folders: tuple[Path, Path], call: Call) -> None:
    _write(folders, b"\0one", b"\0two")

    assert call("diff", "--path", "file").out == "file: binary files differ\n"


def test_a_folder_is_not_compared(folders: tuple[Path, Path], call: Call) -> None:
    for folder in folders:
        (folder / "models").mkdir()

    done = call("diff", "--path", "models")

    assert done.code == 2
    assert "models is not a file in both" in done.err


@pytest.mark.parametrize(
    "arguments",
    [["1:3"], ["1", "1"], ["bfcff413", "1"], ["--output", "--source"]],
    ids=["three", "one twice", "a batch", "two things"],
)
def test_a_mistake_of_diff_is_one_line(library: Library, call: Call, arguments: list[str]) -> None:
    library.grid()

    done = call("diff", *arguments)

    assert done.code == 2
    assert len([line for line in done.err.splitlines() if line.startswith("error")]) == 1


def test_runs_that_are_alike_say_so(folders: tuple[Path, Path], call: Call) -> None:
    done = call("diff", "--output")

    assert (done.code, done.out) == (0, "")
    assert len(done.err.splitlines()) == 1
