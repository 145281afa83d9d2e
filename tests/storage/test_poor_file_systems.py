"""File systems that lack what the best ones can do: no hard links, permissions, symbolic links."""

import errno
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_record
from tunesmith.errors import StoreAccessError
from tunesmith.executor.links import place_links
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.publishing import PublishMethod
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord

BATCH = "ab" * 16
LACKING = [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK]


@pytest.mark.parametrize("number", LACKING, ids=errno.errorcode.get)
@pytest.mark.parametrize(
    "method", [one for one in PublishMethod if one is not PublishMethod.GUARDED]
)
def test_without_hard_links_an_object_gets_its_name_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: PublishMethod, number: int
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    objects = LocalObjects(tmp_path, method=method)

    assert objects.put_new("parts/b/1", b"one")
    assert not objects.put_new("parts/b/1", b"two")

    assert objects.get("parts/b/1") == b"one"
    assert [path.name for path in (tmp_path / "parts" / "b").iterdir()] == ["1"]


def test_a_system_that_refuses_is_asked_once_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> None:
        asked.append(arguments)
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "link", refuse)

    with pytest.raises(StoreAccessError, match="permission is denied"):
        LocalObjects(tmp_path, method=PublishMethod.LINKED).put_new("plan/1", b"one")
    assert len(asked) == 1


def _check(folder: Path) -> None:
    """Use a store in a folder as a batch does."""
    project = folder / "project"
    (project / "data").mkdir(parents=True)
    (project / "train.py").write_text("x = 1\n")
    store = Store.create(project / ".tunesmith")
    digest = store.source.take(project, project / "train.py").digest
    for number in (1, 2):
        directory = store.start_trial(BATCH, number, attempt=1, started=1.0)
        store.source.place(digest, directory)
        assert (directory / "train.py").read_text() == "x = 1\n"
        record = _record(number)
        store.publish(record, ())
        store.publish(record, ())
    with store.lease(BATCH):
        assert Store.open(store.home).is_alive(BATCH)
    assert store.compact(BATCH)
    assert [one.number for one in store.records(BATCH).records] == [1, 2]
    assert not list(store.home.rglob(".*.new"))
    store.purge([BATCH])
    assert store.records().records == ()


def _record(number: int) -> TrialRecord:
    return make_record(BATCH, number, flags={"x": number})


@pytest.fixture
def poor_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk that lacks some calls, mounted by a process of ours."""
    if find_spec("fuse") is None or not Path("/dev/fuse").exists():
        pytest.skip("no file systems in user space here: fusepy and /dev/fuse")
    program = Path(__file__).with_name("poor_file_system.py")
    folder, mount = tmp_path / "folder", tmp_path / "mount"
    folder.mkdir()
    mount.mkdir()
    server = subprocess.Popen([sys.executable, program, folder, mount, *request.param])
    try:
        while not mount.is_mount():
            if server.poll() is not None:
                pytest.skip("no file system in user space can be mounted here")
            select.select([], [], [], 0.01)
        yield mount
    finally:
        subprocess.run(["umount", mount], check=False)
        server.wait(timeout=30)


@pytest.mark.tools
@pytest.mark.parametrize(
    "poor_disk", [["link"], ["link", "symlink", "chmod"]], indirect=True, ids=["links", "more"]
)
def test_a_store_works_on_a_file_system_in_user_space_that_lacks_calls(poor_disk: Path) -> None:
    _check(poor_disk)


@pytest.mark.tools
@pytest.mark.parametrize("poor_disk", [["symlink"]], indirect=True, ids=["symlinks"])
def test_a_file_system_without_symbolic_links_is_named_by_what_needs_them(
    poor_disk: Path,
) -> None:
    (poor_disk / "data").mkdir()
    directory = poor_disk / "trial"
    directory.mkdir()
    with pytest.raises(StoreAccessError, match="the file system cannot do that"):
        place_links(poor_disk, "train.py", ["data"]).link_into(directory)


@pytest.mark.tools
@pytest.mark.parametrize("kind", ["vfat", "exfat"])
def test_a_store_works_on_a_disk_of_another_system(tmp_path: Path, kind: str) -> None:
    image, mount = tmp_path / "image", tmp_path / "mount"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * 2**20)
    steps = (
        [f"mkfs.{kind}", str(image)],
        ["mount", "-o", "loop,umask=077", str(image), str(mount)],
    )
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"{kind} cannot be made or mounted here")
    try:
        _check(mount)
    finally:
        subprocess.run(["umount", mount], check=True)
