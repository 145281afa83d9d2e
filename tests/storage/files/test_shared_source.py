"""Trials that have ended share their source; nothing that anyone writes reaches another."""

import os
from pathlib import Path

import pytest

from tests.storage.files.conftest import Write, digest_of
from tunesmith.storage.files.shared_source import MIN_BYTES, MIN_FILES
from tunesmith.storage.store import Store

NAMES = [f"pkg{n % 3}/m{n}.py" for n in range(MIN_FILES)]


@pytest.fixture
def digest(store: Store, project: Path, write: Write) -> str:
    write(*NAMES)
    return digest_of(store, project)


def placed(store: Store, digest: str, directory: Path) -> Path:
    directory.mkdir()
    store.source.place(digest, directory)
    return directory


def test_files_that_are_as_they_were_are_on_the_disk_once(
    store: Store, digest: str, tmp_path: Path
) -> None:
    runs = [placed(store, digest, tmp_path / f"run{n}") for n in range(3)]
    assert [store.source.share(digest, run) for run in runs] == [MIN_FILES + 1] * 3
    for name in NAMES:
        assert len({(run / name).stat().st_ino for run in runs}) == 1
        assert (runs[0] / name).stat().st_mode & 0o777 == 0o400
    assert (store.source.folder(digest) / NAMES[0]).stat().st_nlink == 1


def test_what_a_trial_has_changed_stays_its_own(store: Store, digest: str, tmp_path: Path) -> None:
    first, second = (placed(store, digest, tmp_path / f"run{n}") for n in range(2))
    store.source.share(digest, first)
    (second / NAMES[0]).write_text("mine\n")  # as long as the original
    (second / NAMES[1]).unlink()
    (second / "pkg9").mkdir()
    assert store.source.share(digest, second) == MIN_FILES - 1
    assert (second / NAMES[0]).read_text() == "mine\n"
    assert not (second / NAMES[1]).exists()
    assert (first / NAMES[0]).read_text() == "text\n"


def test_no_trial_that_runs_sees_a_shared_file(store: Store, digest: str, tmp_path: Path) -> None:
    store.source.share(digest, placed(store, digest, tmp_path / "ended"))
    running = placed(store, digest, tmp_path / "running")
    (running / NAMES[0]).write_text("mine\n")
    assert (tmp_path / "ended" / NAMES[0]).read_text() == "text\n"
    assert (store.source.folder(digest) / NAMES[0]).read_text() == "text\n"


def test_a_shared_file_that_was_changed_is_shared_no_longer(
    store: Store, digest: str, tmp_path: Path
) -> None:
    first, second = (placed(store, digest, tmp_path / f"run{n}") for n in range(2))
    store.source.share(digest, first)
    (first / NAMES[0]).chmod(0o600)
    (first / NAMES[0]).write_text("mine\n")
    store.source.share(digest, second)
    assert (second / NAMES[0]).read_text() == "text\n"


def test_no_link_that_a_trial_laid_is_followed(store: Store, digest: str, tmp_path: Path) -> None:
    first, second = (placed(store, digest, tmp_path / f"run{n}") for n in range(2))
    store.source.share(digest, first)
    (second / "pkg0").rename(tmp_path / "elsewhere")
    (second / "pkg0").symlink_to(tmp_path / "elsewhere")
    before = {path.name: path.stat().st_ino for path in (tmp_path / "elsewhere").iterdir()}
    store.source.share(digest, second)
    assert {p.name: p.stat().st_ino for p in (tmp_path / "elsewhere").iterdir()} == before


def test_a_small_source_is_left_alone(store: Store, project: Path, tmp_path: Path) -> None:
    digest = digest_of(store, project)
    run = placed(store, digest, tmp_path / "run")
    assert store.source.share(digest, run) == 0
    assert os.access(run / "train.py", os.W_OK)


def test_one_large_file_is_shared(
    store: Store, project: Path, tmp_path: Path, write: Write
) -> None:
    write("large.py", text="#" * MIN_BYTES)
    digest = digest_of(store, project)
    assert store.source.share(digest, placed(store, digest, tmp_path / "run")) == 2
