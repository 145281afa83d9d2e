import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.errors import NotFoundError, ScriptError, StoreAccessError
from tunesmith.storage import source_files
from tunesmith.storage.source import place_source, snapshot_source, source_file
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


def names_in(store: Store, digest: str) -> list[str]:
    root = store.layout.source / digest
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def snapshot(store: Store, project: Path) -> list[str]:
    return names_in(store, snapshot_source(store, project, project / "train.py"))


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(project), *arguments], check=True, capture_output=True)


def test_text_is_taken_and_data_secrets_and_what_tools_make_are_not(
    store: Store, project: Path, write: Write
) -> None:
    write("lib/model.py", "config.yaml", "notes.txt")
    write("data.csv", ".env", ".env.local", "server.pem", "id_rsa", "id_rsa.pub", ".netrc")
    write("node_modules/a.js", "__pycache__/a.pyc", "venv/a.py", ".hidden/a.py", ".git/config")
    write("own-env/pyvenv.cfg", "own-env/lib/a.py")
    (project / "blob").write_bytes(b"\0\1\2")
    expected = ["config.yaml", "lib/model.py", "notes.txt", "train.py"]
    assert snapshot(store, project) == expected


def test_a_repository_s_files_are_what_git_says(store: Store, project: Path, write: Write) -> None:
    git(project, "init")
    write("tracked.py", "new.py", "ignored.py", "secret.key", "table.csv", "sub/deep.py")
    (project / "weights.npy").write_bytes(b"\0" * 10)
    write(".gitignore", text="ignored.py\n")
    git(project, "add", "tracked.py", "table.csv", "weights.npy")
    expected = [".gitignore", "new.py", "sub/deep.py", "tracked.py", "train.py", "weights.npy"]
    assert snapshot(store, project) == expected


def test_an_ignored_script_is_taken_all_the_same(
    store: Store, project: Path, write: Write
) -> None:
    git(project, "init")
    write(".gitignore", text="*.py\n")
    assert snapshot(store, project) == [".gitignore", "train.py"]


def test_the_store_is_no_source(project: Path, write: Write) -> None:
    store = Store.create(project / "kept.tunesmith")
    assert snapshot(store, project) == ["train.py"]


def test_the_same_content_is_kept_once_under_the_same_digest(
    store: Store, project: Path, write: Write
) -> None:
    first = snapshot_source(store, project, project / "train.py")
    write("train.py", text="x = 2\n")
    second = snapshot_source(store, project, project / "train.py")
    write("train.py", text="x = 1\n")
    assert snapshot_source(store, project, project / "train.py") == first != second
    assert sorted(path.name for path in store.layout.source.iterdir()) == sorted([first, second])


def test_an_unchanged_project_is_not_read_again(store: Store, project: Path, write: Write) -> None:
    age(project)
    digest = snapshot_source(store, project, project / "train.py")
    write("train.py", text="y = 1\n")  # the same size and, below, the same time: not noticed
    age(project)
    assert snapshot_source(store, project, project / "train.py") == digest
    next(store.layout.cache.iterdir()).write_text("broken")
    assert snapshot_source(store, project, project / "train.py") != digest


def test_a_file_that_was_just_changed_is_read_again(
    store: Store, project: Path, write: Write
) -> None:
    digests = []
    for number in range(5):
        write("train.py", text=f"x = {number}\n")
        digests.append(snapshot_source(store, project, project / "train.py"))
    assert len(set(digests)) == 5


def test_the_digest_tells_names_and_executables_apart(
    store: Store, project: Path, write: Write
) -> None:
    digests = [snapshot_source(store, project, project / "train.py")]
    write("a.txt")
    digests.append(snapshot_source(store, project, project / "train.py"))
    (project / "a.txt").rename(project / "b.txt")
    digests.append(snapshot_source(store, project, project / "train.py"))
    (project / "b.txt").chmod(0o755)
    digests.append(snapshot_source(store, project, project / "train.py"))
    assert len(set(digests)) == 4


def test_large_files_are_left_out_but_never_the_script(
    store: Store, project: Path, write: Write
) -> None:
    write("train.py", "large.txt", text="#" * (source_files.MAX_FILE_BYTES + 1))
    assert snapshot(store, project) == ["train.py"]


def test_of_too_many_files_python_and_the_near_ones_come_first(
    store: Store, project: Path, write: Write
) -> None:
    write(*(f"data/{n:04d}.txt" for n in range(source_files.MAX_FILES + 50)))
    write("z/deep/module.py", "zz.txt")
    names = snapshot(store, project)
    assert len(names) == source_files.MAX_FILES + 1
    assert {"train.py", "z/deep/module.py", "zz.txt"} <= set(names)


def test_links_are_followed_within_the_project_only(
    store: Store, project: Path, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    write("inside.txt")
    (project / "good.txt").symlink_to("inside.txt")
    (project / "bad.txt").symlink_to(tmp_path / "outside.txt")
    (project / "loop").symlink_to("loop")
    (project / "up").symlink_to(tmp_path)
    os.mkfifo(project / "pipe")
    assert snapshot(store, project) == ["good.txt", "inside.txt", "train.py"]


def test_a_missing_script_is_refused(store: Store, project: Path) -> None:
    with pytest.raises(ScriptError, match=r"none\.py is not a file"):
        snapshot_source(store, project, project / "none.py")


def test_a_snapshot_is_placed_as_it_was_taken(
    store: Store, project: Path, write: Write, tmp_path: Path
) -> None:
    write("lib/model.py", text="deep = 1\n")
    (project / "train.py").chmod(0o755)
    digest = snapshot_source(store, project, project / "train.py")
    target = tmp_path / "target"
    target.mkdir()
    (target / "train.py").write_text("older")
    for _ in range(2):
        place_source(store, digest, target)
    assert (target / "lib" / "model.py").read_text() == "deep = 1\n"
    assert (target / "train.py").read_text() == "x = 1\n"
    assert os.access(target / "train.py", os.X_OK)


def test_changing_a_placed_file_leaves_the_snapshot_alone(
    store: Store, project: Path, tmp_path: Path
) -> None:
    digest = snapshot_source(store, project, project / "train.py")
    place_source(store, digest, tmp_path)
    (tmp_path / "train.py").write_text("changed")
    assert source_file(store, digest, "train.py").read_text() == "x = 1\n"


def test_an_odd_file_name_survives(store: Store, project: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"odd \xff\n name.txt")
    (project / name).write_text("text")
    digest = snapshot_source(store, project, project / "train.py")
    place_source(store, digest, tmp_path)
    assert (tmp_path / name).read_text() == "text"


@pytest.mark.parametrize("digest", ["", "a" * 32, "../trials"])
def test_a_snapshot_that_is_not_there_is_not_found(
    store: Store, tmp_path: Path, digest: str
) -> None:
    with pytest.raises(NotFoundError, match="the store has no source"):
        place_source(store, digest, tmp_path)


def test_only_files_of_the_snapshot_are_given_out(store: Store, project: Path) -> None:
    digest = snapshot_source(store, project, project / "train.py")
    for name in ("none.py", "../../STORE.json"):
        with pytest.raises(NotFoundError, match="is not in the source"):
            source_file(store, digest, name)


def test_a_deleted_working_directory_is_named(store: Store, project: Path, tmp_path: Path) -> None:
    digest = snapshot_source(store, project, project / "train.py")
    with pytest.raises(StoreAccessError, match="cannot write to"):
        place_source(store, digest, tmp_path / "gone")
