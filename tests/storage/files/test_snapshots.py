import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.storage.files.conftest import Write, age, digest_of, names_in
from tunesmith.errors import NotFoundError, ScriptError, StoreAccessError
from tunesmith.storage.store import Store


def test_the_same_content_is_kept_once_under_the_same_digest(
    store: Store, project: Path, write: Write
) -> None:
    first = digest_of(store, project)
    write("train.py", text="x = 2\n")
    second = digest_of(store, project)
    write("train.py", text="x = 1\n")
    assert digest_of(store, project) == first != second
    assert sorted(path.name for path in store.layout.source.iterdir()) == sorted([first, second])


def test_an_unchanged_project_is_not_read_again(store: Store, project: Path, write: Write) -> None:
    age(project)
    digest = digest_of(store, project)
    write("train.py", text="y = 1\n")  # the same size and, below, the same time: not noticed
    age(project)
    assert digest_of(store, project) == digest
    next(store.layout.cache.iterdir()).write_text("broken")
    assert digest_of(store, project) != digest


def test_a_file_that_was_just_changed_is_read_again(
    store: Store, project: Path, write: Write
) -> None:
    digests = []
    for number in range(5):
        write("train.py", text=f"x = {number}\n")
        digests.append(digest_of(store, project))
    assert len(set(digests)) == 5


def test_the_digest_tells_names_and_executables_apart(
    store: Store, project: Path, write: Write
) -> None:
    digests = [digest_of(store, project)]
    write("a.txt")
    digests.append(digest_of(store, project))
    (project / "a.txt").rename(project / "b.txt")
    digests.append(digest_of(store, project))
    (project / "b.txt").chmod(0o755)
    digests.append(digest_of(store, project))
    assert len(set(digests)) == 4


def test_a_missing_script_is_refused(store: Store, project: Path) -> None:
    with pytest.raises(ScriptError, match=r"none\.py is not a file"):
        store.source.take(project, project / "none.py")


def test_a_snapshot_is_placed_as_it_was_taken(
    store: Store, project: Path, write: Write, tmp_path: Path
) -> None:
    write("lib/model.py", text="deep = 1\n")
    (project / "train.py").chmod(0o755)
    digest = digest_of(store, project)
    target = tmp_path / "target"
    target.mkdir()
    (target / "train.py").write_text("older")
    for _ in range(2):
        store.source.place(digest, target)
    assert (target / "lib" / "model.py").read_text() == "deep = 1\n"
    assert (target / "train.py").read_text() == "x = 1\n"
    assert os.access(target / "train.py", os.X_OK)


def test_changing_a_placed_file_leaves_the_snapshot_alone(
    store: Store, project: Path, tmp_path: Path
) -> None:
    digest = digest_of(store, project)
    store.source.place(digest, tmp_path)
    (tmp_path / "train.py").write_text("changed")
    assert store.source.file(digest, "train.py").read_text() == "x = 1\n"


def test_an_odd_file_name_survives(store: Store, project: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"odd \xff\n name.txt")
    (project / name).write_text("text")
    digest = digest_of(store, project)
    store.source.place(digest, tmp_path)
    assert (tmp_path / name).read_text() == "text"


@pytest.mark.parametrize("digest", ["", "a" * 32, "../trials"])
def test_a_snapshot_that_is_not_there_is_not_found(
    store: Store, tmp_path: Path, digest: str
) -> None:
    with pytest.raises(NotFoundError, match="the store has no source"):
        store.source.place(digest, tmp_path)


def test_only_files_of_the_snapshot_are_given_out(store: Store, project: Path) -> None:
    digest = digest_of(store, project)
    for name in ("none.py", "../../STORE.json"):
        with pytest.raises(NotFoundError, match="is not in the source"):
            store.source.file(digest, name)


def test_a_deleted_working_directory_is_named(store: Store, project: Path, tmp_path: Path) -> None:
    digest = digest_of(store, project)
    with pytest.raises(StoreAccessError, match="cannot write to"):
        store.source.place(digest, tmp_path / "gone")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "train.py").write_text("evil"),
        lambda folder: (folder / "json.py").write_text("evil"),
        lambda folder: (folder / "train.py").unlink(),
        lambda folder: (folder / "link.py").symlink_to("train.py"),
    ],
    ids=["changed", "added", "removed", "linked"],
)
def test_a_snapshot_that_was_changed_is_taken_anew(
    store: Store, project: Path, change: Callable[[Path], object]
) -> None:
    digest = digest_of(store, project)
    before = (names_in(store, digest), (project / "train.py").read_text())
    change(store.layout.source / digest)
    assert digest_of(store, project) == digest
    text = store.source.file(digest, "train.py").read_text()
    assert (names_in(store, digest), text) == before


def test_a_link_in_a_snapshot_is_not_copied_into_a_run(
    store: Store, project: Path, tmp_path: Path
) -> None:
    digest = digest_of(store, project)
    (store.layout.source / digest / "out").symlink_to("/etc")
    directory = tmp_path / "run"
    directory.mkdir()
    store.source.place(digest, directory)
    assert (directory / "train.py").is_file()
    assert not (directory / "out").is_symlink()


def test_a_copy_that_takes_a_while_is_told_before_it_begins_and_once(
    store: Store, project: Path, write: Write
) -> None:
    write(*(f"d{number % 20}/f{number}.py" for number in range(2_000)))
    age(project)
    told: list[tuple[str, int]] = []

    def tell(line: str) -> None:
        told.append((line, len(list(store.layout.source.iterdir()))))

    for _ in range(2):
        store.source.take(project, project / "train.py", tell=tell)

    assert [n_kept for _, n_kept in told] == [0]
    assert told[0][0].startswith("copying the source, 2,001 files, takes a while the first time")
