import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.storage.store import Store

Write = Callable[..., None]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "train.py").write_text("x = 1\n")
    return folder


@pytest.fixture
def write(project: Path) -> Write:
    def run(*names: str, text: str = "text\n") -> None:
        for name in names:
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return run


def age(project: Path) -> None:
    """Make every file old enough for its time to be trusted."""
    for path in project.rglob("*"):
        if path.is_file():
            os.utime(path, (1_000_000_000, 1_000_000_000))


def digest_of(store: Store, project: Path) -> str:
    return store.source.take(project, project / "train.py").digest


def names_in(store: Store, digest: str) -> list[str]:
    root = store.layout.source / digest
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def snapshot(store: Store, project: Path) -> list[str]:
    return names_in(store, digest_of(store, project))


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(project), *arguments], check=True, capture_output=True)
