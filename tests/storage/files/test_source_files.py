import os
import time
from pathlib import Path

import pytest

from tests.storage.files.conftest import Write, git, names_in, snapshot
from tunesmith.storage.files import source_files
from tunesmith.storage.files.project_files import list_project
from tunesmith.storage.store import Store


def is_running(pid: int) -> bool:
    """Return whether a process lives: one that has ended may not have been waited for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_text_is_taken_and_data_secrets_and_what_tools_make_are_not(
    store: Store, project: Path, write: Write
) -> None:
    write("lib/model.py", "config.yaml", "notes.txt")
    write("data.csv", ".env", ".env.local", "server.pem", "id_rsa", "id_rsa.pub", ".netrc")
    write("node_modules/a.js", "__pycache__/a.pyc", ".venv/a.py", ".hidden/a.py", ".git/config")
    write("venv/pyvenv.cfg", "venv/lib/a.py", "conda/conda-meta/history", "conda/lib/a.py")
    write("old/lib/python3.11/site-packages/a.py")
    (project / "blob").write_bytes(b"\0\1\2")
    expected = ["config.yaml", "data.csv", "lib/model.py", "notes.txt", "train.py"]
    assert snapshot(store, project) == expected


def test_tables_are_taken_but_not_those_of_runs(store: Store, project: Path, write: Write) -> None:
    write("rows.csv", text="run,lr\n1,0.1\n")
    write("compared.csv", text="run,operation,lr\r\n1933bdcb,train.py,0.1\r\n")
    assert snapshot(store, project) == ["rows.csv", "train.py"]


def test_what_runs_leave_behind_is_not_taken(store: Store, project: Path, write: Write) -> None:
    write("checkpoints/last.json", "checkpoints/.gitkeep", "outputs/log.txt", "runs/__init__.py")
    write("runs/short.yaml", "wandb/run/files/code.py", "lib/outputs/a.txt")
    kept = ["checkpoints/.gitkeep", "lib/outputs/a.txt", "runs/__init__.py", "runs/short.yaml"]
    assert snapshot(store, project) == [*kept, "train.py", "wandb/run/files/code.py"]


def test_secrets_that_are_left_out_are_named_and_modules_of_such_names_are_taken(
    store: Store, project: Path, write: Write
) -> None:
    write("token.py", "secrets.py", "token/__init__.py", "secrets/load.py", "tokenizer.json")
    write("conf/secrets.yaml", "hf_token")
    expected = ["secrets.py", "secrets/load.py", "token.py", "token/__init__.py", "tokenizer.json"]
    taken = store.source.take(project, project / "train.py")
    assert names_in(store, taken.digest) == [*expected, "train.py"]
    (note,) = taken.notes
    assert "looks like a secret: hf_token, conf/secrets.yaml; " in note
    assert note.endswith("add --link hf_token")


def test_a_repository_s_files_are_what_git_says_and_the_modules_that_it_ignores(
    store: Store, project: Path, write: Write
) -> None:
    git(project, "init")
    write("tracked.py", "new.py", "_version.py", "ignored.txt", "secret.key", "table.csv")
    write("sub/deep.py", "own-env/pyvenv.cfg", "own-env/lib/a.py")
    (project / "weights.npy").write_bytes(b"\0" * 10)
    write(".gitignore", text="_version.py\nignored.txt\n")
    git(project, "add", "tracked.py", "table.csv", "weights.npy")
    expected = [".gitignore", "_version.py", "new.py", "sub/deep.py", "table.csv", "tracked.py"]
    assert snapshot(store, project) == [*expected, "train.py", "weights.npy"]


def test_a_repository_within_a_repository_is_taken(
    store: Store, project: Path, write: Write
) -> None:
    git(project, "init")
    write("inner/lib.py", "inner/ignored.txt", "inner/.gitignore", text="ignored.txt\n")
    git(project / "inner", "init")
    git(project / "inner", "add", "lib.py", ".gitignore")
    names = ["inner/.gitignore", "inner/lib.py", "train.py"]
    assert snapshot(store, project) == names


def test_a_git_hook_s_variables_do_not_name_the_project_s_repository(
    project: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    for repository in (project, tmp_path / "other"):
        git(repository, "init")
    write("new.py")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    found = list_project(project)
    assert (found.is_from_git, sorted(found.names)) == (True, ["new.py", "train.py"])


def test_a_folder_that_the_repository_around_it_ignores_is_taken_as_it_is(
    store: Store, project: Path, write: Write
) -> None:
    git(project.parent, "init")
    (project.parent / ".gitignore").write_text("project\n")
    write("lib.py")
    assert snapshot(store, project) == ["lib.py", "train.py"]


def test_an_ignored_script_is_taken_all_the_same(
    store: Store, project: Path, write: Write
) -> None:
    git(project, "init")
    write(".gitignore", text="train.*\n")
    project.joinpath("train.py").rename(project / "train.script")
    taken = store.source.take(project, project / "train.script")
    assert names_in(store, taken.digest) == [".gitignore", "train.script"]


def test_the_store_is_no_source(project: Path, write: Write) -> None:
    store = Store.create(project / "kept.tunesmith")
    assert snapshot(store, project) == ["train.py"]


def test_large_files_are_left_out_but_never_a_module(
    store: Store, project: Path, write: Write
) -> None:
    write("train.py", "tables.py", "large.txt", text="#" * (source_files.MAX_FILE_BYTES + 1))
    assert snapshot(store, project) == ["tables.py", "train.py"]


def test_an_extension_module_is_taken(store: Store, project: Path) -> None:
    (project / "fast.cpython-311-x86_64-linux-gnu.so").write_bytes(b"\x7fELF\0")
    assert snapshot(store, project) == ["fast.cpython-311-x86_64-linux-gnu.so", "train.py"]


def test_every_module_of_a_large_project_is_taken_and_of_other_files_the_near_ones(
    store: Store, project: Path, write: Write
) -> None:
    n_files = source_files.OTHERS.n_files
    write(*(f"data/{n:04d}.txt" for n in range(n_files + 50)), "zz.txt")
    write(*(f"p{n % 30}/f{n}.py" for n in range(n_files + 200)), "z/deep/module.py")
    taken = store.source.take(project, project / "train.py")
    names = names_in(store, taken.digest)
    assert len([name for name in names if name.endswith(".py")]) == n_files + 202
    assert len([name for name in names if name.endswith(".txt")]) == n_files
    assert {"train.py", "z/deep/module.py", "zz.txt"} <= set(names)
    assert taken.notes == (
        "51 of 1051 files that are no modules are left out of the trials' copy, which takes 1000 "
        "and 16 MB: data/0999.txt, data/1000.txt, data/1001.txt and 48 more; link what the "
        "script needs, as --link data, or start from a smaller folder",
    )


def test_modules_beyond_the_limit_are_named(project: Path, write: Write, store: Store) -> None:
    size = source_files.MODULES.n_bytes // 2 + 1
    for name in ("a.py", "p/b.py"):
        write(name)
        os.truncate(project / name, size)
    found = source_files.find_source_files(project, project / "train.py", store.home)
    assert [file.name for file in found.files] == ["a.py", "train.py"]
    assert found.notes == (
        "1 of 2 modules are left out of the trials' copy, which takes 20000 and 64 MB: p/b.py; "
        "link what the script needs, as --link p, or start from a smaller folder",
    )


def test_a_project_with_too_many_files_is_told_where_the_search_ended(
    project: Path, write: Write
) -> None:
    write(*(f"a/{n}.txt" for n in range(10)), "b/lib.py")
    found = list_project(project, max_scanned=5)
    assert "b/lib.py" not in found.names
    assert found.notes == [
        f"{project} has too many files to look at: b and later folders are left out of the "
        "trials' copy, modules too; start from a smaller folder"
    ]


def test_what_is_linked_is_not_copied(store: Store, project: Path, write: Write) -> None:
    write("p/a.py", "q/a.py", "data/x.txt", "top.py")
    links = ("p", str(project / "data"), "q/../top.py")
    taken = store.source.take(project, project / "train.py", links=links)
    assert names_in(store, taken.digest) == ["q/a.py", "train.py"]


def test_folders_with_modules_that_git_ignores_are_named(
    store: Store, project: Path, write: Write
) -> None:
    git(project, "init")
    write("build/lib/a.py", "out/log.txt", "env/pyvenv.cfg", "env/a.py", ".cache/a.py")
    write(".gitignore", text="build/\nout/\nenv/\n.cache/\n")
    taken = store.source.take(project, project / "train.py")
    assert taken.notes == (
        "left out of the trials' copy, since git ignores it: build; if the script imports it, "
        "add --link build",
    )
    linked = store.source.take(project, project / "train.py", links=("build",))
    assert linked.notes == ()


def test_links_to_modules_that_are_not_followed_are_named(
    store: Store, project: Path, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.py").write_text("")
    (tmp_path / "pictures").mkdir()
    (project / "common").symlink_to(tmp_path / "elsewhere")
    (project / "config.py").symlink_to(tmp_path / "elsewhere" / "a.py")
    (project / "pictures").symlink_to(tmp_path / "pictures")
    (project / "here").symlink_to(".")
    (project / "self").symlink_to("self")
    (project / "broken.py").symlink_to("nowhere.py")
    taken = store.source.take(project, project / "train.py")
    assert taken.notes == (
        "left out of the trials' copy, since it is a link: common, config.py; if the script "
        "imports it, add --link common",
    )


def test_a_git_that_hangs_is_not_waited_for(
    store: Store, project: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {tmp_path}/child\nwait\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    write("lib.py")
    began = time.monotonic()
    taken = store.source.take(project, project / "train.py")
    assert time.monotonic() - began < 15
    assert names_in(store, taken.digest) == ["lib.py", "train.py"]
    assert "git did not answer within 5 s" in taken.notes[0]
    assert not is_running(int((tmp_path / "child").read_text()))


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
