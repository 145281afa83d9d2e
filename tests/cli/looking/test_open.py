"""``tunesmith open``: which program is called, and with what."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import MORNING, Library, Outcome

Call = Callable[..., Outcome]
OPENER = '#!/bin/sh\nprintf %s "$1" > {note}\nexit {code}\n'


@pytest.fixture
def folder(library: Library) -> Path:
    """The folder of a single run, and a batch that is older."""
    library.grid()
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING + 99)
    return library.store.layout.trial_directory(run, run)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for, still empty."""
    found = tmp_path / "programs"
    found.mkdir()
    monkeypatch.setenv("PATH", str(found))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    return found


def test_the_systems_opener_gets_the_folder(folder: Path, programs: Path, call: Call) -> None:
    note = programs / "note"
    (programs / "xdg-open").write_text(OPENER.format(note=note, code=0))
    (programs / "xdg-open").chmod(0o700)

    assert call("open").code == 0
    assert note.read_text() == str(folder)


def test_the_exit_code_is_that_of_the_opener(folder: Path, programs: Path, call: Call) -> None:
    (programs / "xdg-open").write_text(OPENER.format(note="/dev/null", code=4))
    (programs / "xdg-open").chmod(0o700)

    assert call("open").code == 4


def test_without_an_opener_the_path_is_printed(folder: Path, programs: Path, call: Call) -> None:
    done = call("open")

    assert done.out == f"{folder}\n"
    assert "name a program with --with COMMAND" in done.err
    assert len(done.err.splitlines()) == 1


def test_without_a_desktop_no_opener_is_called(
    folder: Path, programs: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = programs / "note"
    (programs / "xdg-open").write_text(OPENER.format(note=note, code=0))
    (programs / "xdg-open").chmod(0o700)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)

    done = call("open")
    report = call("report", "bfcf", "--open", "-o", "report.html")

    assert (done.code, done.out) == (0, f"{folder}\n")
    assert done.err == "there is no desktop to open it on: name a program with --with COMMAND\n"
    assert report.err.splitlines()[1:] == [
        "there is no desktop to open it on: open the file in a browser"
    ]
    assert not note.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--path", "../.."], 2, "leads out of the run's folder"),
        (["--path", "none"], 3, "none is not in the run's folder"),
        (["--with", "'"], 2, "is not a shell command"),
        (["--with", " "], 2, "names no command"),
    ],
    ids=["outside", "missing", "quote", "empty"],
)
def test_a_mistake_of_open_is_one_line(
    folder: Path, call: Call, arguments: list[str], code: int, message: str
) -> None:
    done = call("open", *arguments)

    assert done.code == code
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_a_folder_that_was_removed_is_not_found(folder: Path, call: Call) -> None:
    folder.rename(folder.with_name("elsewhere"))

    assert call("open", "--print").code == 3
