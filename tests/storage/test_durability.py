"""What is synchronized before a call returns: contents, names, and the folders' own names."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.store import Store

Synchronized = Callable[[], set[str]]


@pytest.fixture
def synchronized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Synchronized:
    """Return the folders that have been synchronized since the last time, by their paths."""
    found: set[str] = set()
    fsync = os.fsync

    def watch(file: int) -> None:
        fsync(file)
        path = Path(f"/proc/self/fd/{file}").readlink()
        if path.is_dir():
            found.add(os.path.relpath(path, tmp_path))

    def take() -> set[str]:
        taken = set(found)
        found.clear()
        return taken

    if not Path("/proc/self/fd").exists():
        pytest.skip("nothing tells here which file a descriptor means")
    monkeypatch.setattr(os, "fsync", watch)
    return take


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    (tmp_path / "store").mkdir()
    return LocalObjects(tmp_path / "store")


def test_the_names_of_all_folders_above_an_object_are_durable(
    objects: LocalObjects, synchronized: Synchronized
) -> None:
    objects.put_new("parts/b/1", b"")
    assert synchronized() == {".", "store", "store/parts", "store/parts/b"}


def test_folders_that_another_process_made_are_made_durable_too(
    objects: LocalObjects, synchronized: Synchronized, tmp_path: Path
) -> None:
    (tmp_path / "store/parts/b").mkdir(parents=True)
    objects.put_new("parts/b/1", b"")
    assert synchronized() == {".", "store", "store/parts", "store/parts/b"}


def test_a_second_object_costs_its_own_folder_only(
    objects: LocalObjects, synchronized: Synchronized
) -> None:
    objects.put_new("parts/b/1", b"")
    synchronized()
    objects.put_new("parts/b/2", b"")
    assert synchronized() == {"store/parts/b"}


def test_a_name_that_is_taken_is_durable_once_that_is_known(
    objects: LocalObjects, synchronized: Synchronized
) -> None:
    objects.put_new("plan/1", b"")
    synchronized()
    assert not objects.put_new("plan/1", b"")
    assert synchronized() == {"store/plan"}


def test_what_is_deleted_stays_away(objects: LocalObjects, synchronized: Synchronized) -> None:
    for name in ("runs/1", "runs/2"):
        objects.put_new(name, b"")
    synchronized()
    objects.delete("runs/1", "runs/2")
    assert synchronized() == {"store/runs"}


def test_a_folder_that_came_back_is_made_durable_again(
    objects: LocalObjects, synchronized: Synchronized
) -> None:
    objects.put_new("parts/b/1", b"")
    objects.delete("parts/b/1")
    synchronized()
    objects.put_new("parts/b/2", b"")
    assert synchronized() == {"store/parts", "store/parts/b"}


def test_a_new_store_is_durable_as_a_whole(tmp_path: Path, synchronized: Synchronized) -> None:
    Store.create(tmp_path / "store")
    assert {".", "store"} <= synchronized()
