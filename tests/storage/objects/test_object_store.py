import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from tunesmith.errors import StoreAccessError
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.os_errors import explained
from tunesmith.storage.objects.publishing import BEST, PublishMethod


@pytest.fixture(params=list(PublishMethod), ids=[one.name.lower() for one in PublishMethod])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> LocalObjects:
    if request.param < BEST:
        pytest.skip("no O_TMPFILE here")
    return LocalObjects(tmp_path, method=request.param)


def test_an_object_comes_back_as_it_was_put(objects: LocalObjects) -> None:
    assert objects.put_new("parts/b/one.bin", b"\0\xff" * 5000)
    assert objects.get("parts/b/one.bin") == b"\0\xff" * 5000


def test_an_empty_object_is_an_object(objects: LocalObjects) -> None:
    assert objects.put_new("plan/empty", b"")
    assert objects.get("plan/empty") == b""


def test_the_second_writer_of_a_name_is_told_so_and_changes_nothing(objects: LocalObjects) -> None:
    objects.put_new("plan/one", b"first")
    assert not objects.put_new("plan/one", b"second")
    assert objects.get("plan/one") == b"first"


def test_of_many_writers_of_one_name_one_wins(objects: LocalObjects) -> None:
    won: list[bytes] = []
    gate = threading.Barrier(8)

    def write(data: bytes) -> None:
        gate.wait()
        if objects.put_new("runs/one", data):
            won.append(data)

    threads = [threading.Thread(target=write, args=(bytes([n]) * 9999,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert objects.get("runs/one") == won[0]


def test_a_missing_object_is_a_key_error_with_its_name(objects: LocalObjects) -> None:
    with pytest.raises(KeyError, match="parts/b/none"):
        objects.get("parts/b/none")


def test_names_are_listed_by_prefix_sorted_at_any_depth(objects: LocalObjects) -> None:
    for name in ("parts/b/2", "parts/b/1", "parts/c/1", "runs/b.1", "runs/c.1"):
        objects.put_new(name, b"")
    assert objects.list("parts/") == ["parts/b/1", "parts/b/2", "parts/c/1"]
    assert objects.list("runs/b.") == ["runs/b.1"]
    assert objects.list("none/") == []


def test_writing_leaves_no_other_file_behind(objects: LocalObjects, tmp_path: Path) -> None:
    objects.put_new("runs/one", b"1")
    objects.put_new("runs/one", b"2")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["one"]


def test_what_killed_writers_left_goes_with_the_last_object_of_a_batch(
    objects: LocalObjects, tmp_path: Path
) -> None:
    for name in ("parts/b/1", "parts/b/2"):
        objects.put_new(name, b"")
    draft = tmp_path / "parts" / "b" / ".0123456789abcdef.new"
    draft.touch()

    objects.delete("parts/b/1")
    assert draft.exists()  # its writer may live as long as the batch does
    objects.delete("parts/b/2")

    assert not draft.parent.exists()


def test_a_writer_whose_hidden_file_is_swept_away_writes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, link = LocalObjects(tmp_path, method=PublishMethod.LINKED), os.link
    objects.put_new("parts/b/1", b"")
    swept: list[Any] = []

    def sweep_once(*arguments: Any, **options: Any) -> None:
        if not swept:
            swept.append(arguments)
            LocalObjects(tmp_path).delete("parts/b/1")
        link(*arguments, **options)

    monkeypatch.setattr(os, "link", sweep_once)

    assert objects.put_new("parts/b/2", b"two")
    assert len(swept) == 1
    assert [path.name for path in (tmp_path / "parts" / "b").iterdir()] == ["2"]
    assert objects.get("parts/b/2") == b"two"


def test_a_hidden_file_whose_removal_fails_once_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, unlink = LocalObjects(tmp_path, method=PublishMethod.LINKED), os.unlink
    failed: list[Any] = []

    def fail_once(*arguments: Any, **options: Any) -> None:
        if not failed:
            failed.append(arguments)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        unlink(*arguments, **options)

    monkeypatch.setattr(os, "unlink", fail_once)

    assert objects.put_new("parts/b/1", b"one")
    assert len(failed) == 1
    assert [path.name for path in (tmp_path / "parts" / "b").iterdir()] == ["1"]


def test_a_hidden_file_that_is_swept_away_after_it_got_its_name_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, link = LocalObjects(tmp_path, method=PublishMethod.LINKED), os.link

    def link_and_sweep(source: str, *arguments: Any, **options: Any) -> None:
        link(source, *arguments, **options)
        (tmp_path / "parts" / "b" / source).unlink()

    monkeypatch.setattr(os, "link", link_and_sweep)

    assert objects.put_new("parts/b/1", b"one")
    assert objects.get("parts/b/1") == b"one"


def test_an_object_that_comes_while_hidden_files_are_swept_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, unlink = LocalObjects(tmp_path), os.unlink
    objects.put_new("parts/b/1", b"one")
    (tmp_path / "parts" / "b" / ".0123456789abcdef.new").touch()

    def write_first(path: Any, **options: Any) -> None:
        if str(path).endswith(".new"):
            objects.put_new("parts/b/2", b"two")
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", write_first)
    objects.delete("parts/b/1")

    assert objects.list("parts/") == ["parts/b/2"]
    assert [path.name for path in (tmp_path / "parts" / "b").iterdir()] == ["2"]


def test_a_deleted_object_is_gone_and_may_be_deleted_again(objects: LocalObjects) -> None:
    objects.put_new("parts/b/1", b"")
    objects.delete("parts/b/1")
    objects.delete("parts/b/1")
    assert objects.list("parts/") == []


def test_a_batch_folder_goes_with_its_last_part_and_comes_back(
    objects: LocalObjects, tmp_path: Path
) -> None:
    objects.put_new("parts/b/1", b"")
    objects.delete("parts/b/1")
    assert not (tmp_path / "parts/b").exists()
    assert objects.put_new("parts/b/2", b"")


def test_files_and_folders_are_the_owner_s_alone(objects: LocalObjects, tmp_path: Path) -> None:
    objects.put_new("parts/b/1", b"")
    assert stat.S_IMODE((tmp_path / "parts/b/1").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "parts/b").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/../b", "", "."])
def test_a_name_never_leads_out_of_the_folder(objects: LocalObjects, name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an object"):
        objects.put_new(name, b"")


def test_a_store_that_was_deleted_is_not_made_again(tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path / "gone")
    with pytest.raises(StoreAccessError, match="the folder is gone"):
        objects.put_new("parts/b/1", b"")
    assert not (tmp_path / "gone").exists()


def test_a_file_in_the_place_of_a_folder_is_named(objects: LocalObjects, tmp_path: Path) -> None:
    (tmp_path / "parts").write_text("")
    with pytest.raises(StoreAccessError, match="a file is in the place of a folder"):
        objects.put_new("parts/b/1", b"")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, r"the disk is full \(.* MB free\): free some space on /"),
        (errno.EDQUOT, "the disk quota is used up: free some space"),
        (
            errno.EROFS,
            "the file system is read-only: make it writable, or choose another",
        ),
        (errno.EACCES, "permission is denied"),
        (errno.EIO, "input/output error: check the disk"),
        (errno.ENOLCK, "the file system cannot do that"),
        (errno.EXDEV, "Invalid cross-device link"),
    ],
    ids=["full", "quota", "read-only", "permission", "broken", "no-locks", "any-other"],
)
def test_a_refusal_names_the_path_the_reason_and_the_mend(
    tmp_path: Path, number: int, words: str
) -> None:
    with (
        pytest.raises(StoreAccessError, match=f"cannot write to {tmp_path}.*{words}"),
        explained("write to", tmp_path),
    ):
        raise OSError(number, os.strerror(number))
