"""An answer is kept as long as nothing that the program reads has changed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.capturing import read_script_flags
from tunesmith.flags.definition import ScriptFlags

SCRIPT = """
import argparse, os
from settings import known
p = argparse.ArgumentParser()
for name, value in known.items():
    p.add_argument("--" + name, type=type(value), default=value)
args = p.parse_args()
"""
Ask = Callable[..., ScriptFlags]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Find the flags of the project's train.py with a store that is there."""
    project = tmp_path / "project"
    (project / ".tunesmith" / "cache").mkdir(parents=True)
    (project / "train.py").write_text(SCRIPT)

    def ask(**more: Any) -> ScriptFlags:
        return read_script_flags(
            project / "train.py",
            project=project,
            python=sys.executable,
            home=project / ".tunesmith",
            **more,
        )

    return ask


def test_an_unchanged_program_is_asked_once(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project" / "settings.py").write_text("known = dict(lr=0.1)\n")
    first = ask()
    monkeypatch.setattr("tunesmith.script.asking.capture._run", lambda *_: pytest.fail("asked"))
    assert ask() == first


@pytest.mark.parametrize("kind", ["outside", "folder", "file"])
def test_a_module_that_lies_elsewhere_counts(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    place = {"outside": tmp_path / "other", "folder": tmp_path / "project" / "lib"}
    folder = place.get(kind, tmp_path / "project")
    folder.mkdir(exist_ok=True)
    if kind != "file":
        monkeypatch.setenv("PYTHONPATH", str(folder))
    links = {"outside": (), "folder": ("lib",), "file": ("settings.py",)}[kind]
    (folder / "settings.py").write_text("known = dict(lr=0.1)\n")
    assert ask(links=links).names == ("lr",)
    (folder / "settings.py").write_text("known = dict(lr=0.1, momentum=0.9)\n")
    assert ask(links=links).names == ("lr", "momentum")
    assert not list(folder.rglob("*.pyc"))


def test_a_file_that_it_reads_counts(ask: Ask, tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    text = f"import json\nknown = json.load(open({str(values)!r}))\n"
    (tmp_path / "project" / "settings.py").write_text(text)
    values.write_text('{"lr": 0.1}')
    assert ask().defaults == {"lr": 0.1}
    values.write_text('{"lr": 0.2}')
    assert ask().defaults == {"lr": 0.2}


def test_a_module_is_asked_by_its_name(tmp_path: Path) -> None:
    package = tmp_path / "src" / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "settings.py").write_text("known = dict(lr=0.1)\n")
    (package / "train.py").write_text(SCRIPT.replace("from settings", "from .settings"))
    found = read_script_flags(
        package / "train.py",
        project=tmp_path,
        python=sys.executable,
        home=tmp_path / ".tunesmith",
        module="pkg.train",
    )
    assert found.defaults == {"lr": 0.1}


def test_it_is_said_when_asking_takes_a_while(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project" / "settings.py").write_text("known = dict(lr=0.1)\n")
    monkeypatch.setattr("tunesmith.script.asking.capture.PATIENCE_S", 0.0)
    said: list[str] = []
    ask(tell=said.append)
    assert len(said) == 1
    assert said[0].startswith("asking train.py for its flags")
