import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.storage.conftest import NewRecord, NewSpec
from tunesmith.storage.archives.archive import ROOT, write_archive
from tunesmith.storage.store import Store

BATCH = "ab" * 16
SCRIPT = "print('loss: 1')\n"
Members = Callable[[tarfile.TarFile], None]
Pack = Callable[..., Path]


@pytest.fixture
def mine(tmp_path: Path, new_record: NewRecord, new_spec: NewSpec) -> Store:
    """A store with a batch of one trial, its source and its folder."""
    project = tmp_path / "their" / "project"
    project.mkdir(parents=True)
    (project / "train.py").write_text(SCRIPT)
    store = Store.create(project / ".tunesmith")
    digest = store.source.take(project, project / "train.py").digest
    store.put_batch(new_spec(BATCH, source_digest=digest))
    directory = store.start_trial(BATCH, 1, attempt=1, started=1.0)
    (directory / "weights").write_text("weights")
    store.publish(new_record(BATCH, 1, source_digest=digest), ())
    return store


@pytest.fixture
def pack(mine: Store, tmp_path: Path) -> Pack:
    """Write an archive of the batch, with its folder changed, and with more members."""

    def write(change: Callable[[Path], None] | None = None, more: Members | None = None) -> Path:
        good, folder, path = tmp_path / "good.tar.gz", tmp_path / "folder", tmp_path / "a.tar.gz"
        write_archive(mine, None, good)
        shutil.rmtree(folder, ignore_errors=True)
        with tarfile.open(good) as archive:
            archive.extractall(folder, filter="data")
        if change is not None:
            change(folder / ROOT)
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder / ROOT, arcname=ROOT)
            if more is not None:
                more(archive)
        return path

    return write


@pytest.fixture
def target(tmp_path: Path) -> Store:
    home = tmp_path / "my" / "own" / "project" / ".tunesmith"
    home.parent.mkdir(parents=True)
    return Store.create(home)
