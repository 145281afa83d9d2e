"""Archives that are not what ``export`` wrote: nothing is taken from them that could do harm."""

import io
import json
import os
import subprocess
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.storage.archives.conftest import BATCH, SCRIPT, Members, Pack
from tunesmith.errors import ArchiveError, CorruptObjectError, StoreError
from tunesmith.storage.archives.archive import ROOT, read_archive, write_archive
from tunesmith.storage.archives.unpacking import Limits
from tunesmith.storage.store import Store


def _file(name: str, data: bytes = b"evil", **fields: Any) -> Members:
    def add(archive: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        for field, value in fields.items():
            setattr(member, field, value)
        if (
            "size" in fields
        ):  # a header alone: later versions of Python refuse to write such a file
            assert archive.fileobj is not None
            archive.fileobj.write(member.tobuf())
        else:
            archive.addfile(member, None if "type" in fields else io.BytesIO(data))

    return add


def _link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Members:
    return _file(name, b"", type=kind, linkname=target)


def _edit(**changes: Any) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        path = root / "batches" / f"{BATCH}.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return edit


def _state(folder: Path, *, without: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if not path.is_relative_to(without)}


@pytest.mark.parametrize(
    "more",
    [
        _file(f"{ROOT}/../../evil"),
        _file("/tmp/evil"),
        _file("elsewhere/evil"),
        _file("x\n\x1b[31mred"),
        _file(f"{ROOT}/trials/" + "n" * 300),
        _file(f"{ROOT}/STORE.json"),
        _file(f"{ROOT}/runs"),
        _file(f"{ROOT}/STORE.json/evil"),
        _link(f"{ROOT}/trials/l", "/etc"),
        _link(f"{ROOT}/trials/l", "../../x"),
        _link(f"{ROOT}/trials/l", "../../../../etc"),
        _link(f"{ROOT}/trials/h", "/etc/passwd", tarfile.LNKTYPE),
        _link(f"{ROOT}/trials/h", f"{ROOT}/STORE.json", tarfile.LNKTYPE),
        _file(f"{ROOT}/trials/dev", b"", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
        _file(f"{ROOT}/trials/fifo", b"", type=tarfile.FIFOTYPE),
        _file(f"{ROOT}/trials/" + "/".join("d" * 2000)),
        _file(f"{ROOT}/{'x' * 20}", mode=0o4777, size=10**15),
    ],
    ids=range(17),
)
def test_a_member_that_is_no_part_of_a_store_is_refused_in_one_line(
    pack: Pack, target: Store, tmp_path: Path, more: Members
) -> None:
    path = pack(None, more)
    before = _state(tmp_path, without=target.home)
    with pytest.raises(StoreError) as raised:
        read_archive(path, target)
    assert "\n" not in str(raised.value)
    assert target.batch_ids() == []
    assert _state(tmp_path, without=target.home) == before
    assert list(target.layout.cache.iterdir()) == []


def test_a_link_to_nothing_is_no_part_of_a_store(pack: Pack, target: Store) -> None:
    with pytest.raises(ArchiveError, match=r"trials/l', which is no part of a store$"):
        read_archive(pack(None, _link(f"{ROOT}/trials/l", "")), target)


def test_a_file_is_not_written_through_a_link_of_the_archive(pack: Pack, target: Store) -> None:
    def more(archive: tarfile.TarFile) -> None:
        _link(f"{ROOT}/trials/l", "../source")(archive)
        _file(f"{ROOT}/trials/l/evil")(archive)

    with pytest.raises(ArchiveError, match="twice"):
        read_archive(pack(None, more), target)


@pytest.mark.parametrize("digest", ["s/../../../numpy", "/etc", "../../../../secret"])
def test_a_digest_that_is_a_path_copies_nothing(
    pack: Pack, target: Store, tmp_path: Path, digest: str
) -> None:
    (tmp_path / "my" / "secret").mkdir()
    path = pack(_edit(source_digest=digest))
    before = _state(tmp_path, without=target.home)
    done = read_archive(path, target)
    assert _state(tmp_path, without=target.home) == before
    assert any("source_digest" in warning for warning in done.warnings)
    with pytest.raises(CorruptObjectError):
        target.batch(BATCH)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "train.py").write_text("print('loss: 2')\n"),
        lambda folder: (folder / "json.py").write_text("evil"),
        lambda folder: (folder / "json.py").symlink_to("train.py"),
        lambda folder: (folder / "train.py").chmod(0o755),
        lambda folder: folder.rename(folder.with_name("c" * 32)),
        lambda folder: (folder / "x").symlink_to("/etc"),
    ],
    ids=["changed", "added", "linked", "executable", "renamed", "link-out"],
)
def test_source_that_is_not_what_its_name_says_is_not_taken(
    pack: Pack, target: Store, mine: Store, change: Callable[[Path], object]
) -> None:
    digest = mine.batch(BATCH).source_digest
    with pytest.raises(ArchiveError, match=r"was changed|no part of a store"):
        read_archive(pack(lambda root: change(root / "source" / digest)), target)
    assert list(target.layout.source.iterdir()) == []
    read_archive(pack(), target)  # the whole one of the same name is
    assert target.source.file(digest, "train.py").read_text() == SCRIPT


@pytest.mark.parametrize(
    ("limits", "option"),
    [
        (Limits(n_bytes=2_000), "--max-size"),
        (Limits(n_files=5), "--max-files"),
        (Limits(depth=3), "--max-depth"),
    ],
)
def test_what_exceeds_a_limit_names_the_option_that_raises_it(
    pack: Pack, target: Store, limits: Limits, option: str
) -> None:
    path = pack()
    with pytest.raises(ArchiveError, match=option):
        read_archive(path, target, limits=limits)
    assert read_archive(path, target).n_runs == 1


def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(
    pack: Pack, target: Store
) -> None:
    with pytest.raises(ArchiveError, match=r"more than 2 GB unpacked: raise that with --max-size"):
        read_archive(pack(None, _file(f"{ROOT}/zeros", size=3 * 10**9)), target)


def test_a_header_of_gigabytes_is_not_read(target: Store, tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 4 * 10**9
    packer = zlib.compressobj(wbits=31)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(packer.compress(header.tobuf() + b"0" * 10**6) + packer.flush())
    with pytest.raises(ArchiveError):
        read_archive(path, target)


def test_files_are_their_owner_s_alone_and_keep_their_times(pack: Pack, target: Store) -> None:
    def change(root: Path) -> None:
        (weights,) = root.rglob("weights")
        weights.chmod(0o6777)
        os.utime(weights, (1e9, 1e9))

    read_archive(pack(change), target)
    (weights,) = target.layout.trials.rglob("weights")
    assert (weights.stat().st_mode & 0o7777, weights.stat().st_mtime) == (0o700, 1e9)


def test_no_link_in_the_place_of_a_batch_s_folder_is_written_through(
    pack: Pack, target: Store, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.mkdir()
    target.layout.batch_directory(BATCH).symlink_to(private)
    with pytest.raises(StoreError, match="a link is in the place of a folder"):
        read_archive(pack(), target)
    assert list(private.iterdir()) == []
    assert target.records().records == ()


@pytest.mark.parametrize("is_batch", [False, True])
def test_no_link_in_the_place_of_a_run_s_folder_brings_what_it_leads_to(
    mine: Store, tmp_path: Path, is_batch: bool
) -> None:
    (directory,) = (one.parent for one in mine.layout.trials.rglob("weights"))
    moved = tmp_path / "private"
    place = directory.parent if is_batch else directory
    place.rename(moved)
    place.symlink_to(moved)
    write_archive(mine, None, tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        names = archive.getnames()
    assert any(name.endswith("train.py") for name in names)
    assert not [name for name in names if name.endswith("weights")]


def test_a_run_s_folder_is_exported_where_all_of_them_lie_on_another_disk(
    mine: Store, tmp_path: Path
) -> None:
    mine.layout.trials.rename(tmp_path / "disk")
    mine.layout.trials.symlink_to(tmp_path / "disk")
    write_archive(mine, None, tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        assert [name for name in archive.getnames() if name.endswith("weights")]


@pytest.mark.tools
@pytest.mark.parametrize("n_bytes", [400_000, 200_000], ids=["unpacking", "copying"])
def test_the_disk_that_is_full_is_named(pack: Pack, tmp_path: Path, n_bytes: int) -> None:
    def change(root: Path) -> None:
        (weights,) = root.rglob("weights")
        weights.write_bytes(os.urandom(n_bytes))

    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        target = Store.create(disk / ".tunesmith")
        path = pack(change)
        with pytest.raises(StoreError, match=rf"disk is full .* free some space on {disk}$"):
            read_archive(path, target)
        assert list(target.layout.cache.iterdir()) == []
        assert (target.batch_ids(), list(target.layout.trials.glob("*/*"))) == ([], [])
    finally:
        subprocess.run(["umount", str(disk)], check=True)
