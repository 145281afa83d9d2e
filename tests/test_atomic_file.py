import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunesmith.atomic_file import (
    MAX_DRAFT_AGE_S,
    atomic_file,
    atomic_folder,
    draft_of,
    new_folder,
    remove_old_drafts,
    write_atomically,
)

N_ROUNDS = 150
WRITER = """
import sys
from pathlib import Path
from tunesmith.atomic_file import atomic_folder, write_atomically

root, name, n_rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(n_rounds):
    write_atomically(root / "table.csv", (name * 200_000).encode())
    with atomic_folder(root / "summaries") as draft:
        for number in range(5):
            (draft / str(number)).write_text(name)
"""


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[list["subprocess.Popen[str]"]]:
    """Two processes that wait for a line before they write again and again."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name, str(N_ROUNDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    yield started
    for process in started:
        process.kill()
        process.communicate()


def test_of_two_processes_that_write_at_once_a_reader_sees_whole_files(
    tmp_path: Path, writers: list["subprocess.Popen[str]"]
) -> None:
    write_atomically(tmp_path / "table.csv", b"a" * 200_000)
    with atomic_folder(tmp_path / "summaries") as draft:
        (draft / "0").write_text("a")
    for process in writers:
        assert process.stdout
        process.stdout.readline()
    for process in writers:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()

    seen: set[bytes] = set()
    is_always_there = True
    while any(process.poll() is None for process in writers):
        seen.add((tmp_path / "table.csv").read_bytes())
        is_always_there &= (tmp_path / "summaries").is_dir()

    assert [process.returncode for process in writers] == [0, 0]
    assert seen <= {b"a" * 200_000, b"b" * 200_000}
    assert is_always_there or sys.platform != "linux"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["summaries", "table.csv"]
    assert len({path.read_text() for path in (tmp_path / "summaries").iterdir()}) == 1
    assert len(list((tmp_path / "summaries").iterdir())) == 5


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    with pytest.raises(FileExistsError), atomic_file(tmp_path / "a") as draft:
        draft.mkdir()

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_an_error_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    with pytest.raises(FileNotFoundError), atomic_folder(tmp_path / "a") as draft:
        (draft / "no such" / "half").touch()

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert list((tmp_path / "a").iterdir()) == []


@pytest.mark.parametrize(
    ("mode", "expected"), [(None, 0o640), (0o600, 0o600)], ids=["as it was", "as asked for"]
)
def test_a_file_that_is_replaced_has_the_mode(
    tmp_path: Path, mode: int | None, expected: int
) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(0o640)

    write_atomically(tmp_path / "a", b"new", mode=mode)

    assert (tmp_path / "a").stat().st_mode & 0o777 == expected


def test_a_new_file_has_the_mode_that_the_process_gives(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()

    write_atomically(tmp_path / "a", b"")

    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("form", [atomic_folder, write_atomically], ids=["folder", "file"])
def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path, form: object) -> None:
    users = tmp_path / "users"
    users.mkdir()
    (users / "file").write_text("theirs")
    place = tmp_path / "place"
    place.symlink_to(users if form is atomic_folder else users / "file")

    if form is atomic_folder:
        with atomic_folder(place) as draft:
            (draft / "file").write_text("ours")
    else:
        write_atomically(place, b"ours")

    assert not place.is_symlink()
    assert (users / "file").read_text() == "theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place", "users"]


def test_a_new_folder_stays_that_another_process_has_made_meanwhile(tmp_path: Path) -> None:
    with new_folder(tmp_path / "a") as draft:
        (draft / "late").touch()
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "early").touch()

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["early"]


def test_the_longest_name_that_the_disk_takes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)

    write_atomically(path, b"1")

    assert path.read_bytes() == b"1"


def test_only_old_drafts_are_removed(tmp_path: Path) -> None:
    old_file, old_folder, young = (draft_of(tmp_path / "a") for _ in range(3))
    old_folder.mkdir()
    (old_folder / "file").touch()
    users = tmp_path / ".mine.new"
    for path in (old_file, young, users):
        path.touch()
    long_ago = time.time() - MAX_DRAFT_AGE_S - 60
    for path in (old_file, old_folder, users):
        os.utime(path, (long_ago, long_ago))

    remove_old_drafts(tmp_path)

    assert sorted(tmp_path.iterdir()) == sorted([young, users])
