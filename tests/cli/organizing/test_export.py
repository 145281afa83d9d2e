"""``tunesmith export`` and ``import``: runs go from one store into another and are the same."""

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import MORNING, Library, Outcome
from tunesmith.storage.archives.archive import ROOT
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.store import Store

Call = Callable[..., Outcome]


def _listed(call: Call, *arguments: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = json.loads(call("runs", "--json", *arguments).out)
    for run in runs:
        run.pop("directory", None)
    return runs


def test_all_runs_are_the_same_in_the_other_store(library: Library, call: Call) -> None:
    library.grid()
    library.search()
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING)
    (library.store.layout.trial_directory(run, run) / "model.bin").write_bytes(b"weights")
    call("label", "1", "--set", "the best")
    call("tag", "2", "--add", "good")

    exported = call("export", "-o", "runs.tar.gz")
    imported = call("import", "runs.tar.gz", "--home", "other")

    assert exported.err.startswith("Wrote runs.tar.gz: 2 batches, 7 runs (")
    assert imported.err == "Imported 2 batches, 7 runs from runs.tar.gz\n"
    assert _listed(call, "--home", "other") == _listed(call)
    other = Layout(Path("other/.tunesmith"))
    assert (other.trial_directory(run, run) / "model.bin").read_bytes() == b"weights"
    assert call("cat", "--home", "other", "--operation", "train.py", "--error").code == 0


def test_series_and_specification_come_along(library: Library, call: Call) -> None:
    library.grid()

    call("export")
    call("import", "tunesmith-export.tar.gz", "--home", "other")

    batch = "bfcff413" * 4
    store = Store.open(Path("other/.tunesmith"))
    assert store.series(batch, 2) == library.store.series(batch, 2)
    assert store.batch(batch).settings == library.store.batch(batch).settings


def test_importing_again_changes_nothing(library: Library, call: Call) -> None:
    library.grid()
    call("export")
    call("import", "tunesmith-export.tar.gz", "--home", "other")
    call("label", "1", "--set", "mine", "--home", "other")

    again = call("import", "tunesmith-export.tar.gz", "--home", "other")

    assert again.err == "Imported 0 runs from tunesmith-export.tar.gz (3 already in the store)\n"
    assert _listed(call, "--home", "other", "1")[0]["label"] == "mine"


def test_later_trials_of_a_known_batch_are_added(library: Library, call: Call) -> None:
    first, second, _ = library.grid()
    call("export", first[:8], "-o", "one.tar.gz")
    call("export", second[:8], first[:8], "-o", "two.tar.gz")

    one = call("import", "one.tar.gz", "--home", "other")
    two = call("import", "two.tar.gz", "--home", "other")

    assert one.err == "Imported 1 batch, 1 run from one.tar.gz\n"
    assert two.err == "Imported 1 batch, 1 run from two.tar.gz (1 already in the store)\n"
    runs = Store.open(Path("other/.tunesmith")).list_runs().runs
    assert [run.id for run in runs if not run.is_batch] == [second, first]


def test_unfinished_trials_are_left_out_and_said(library: Library, call: Call) -> None:
    library.search(n_trials=3)
    batch = "0b5e55ed" * 4
    planned = library.store.plan(batch)[0]
    from dataclasses import replace

    library.store.put_plan(batch, [replace(planned, number=4)])

    done = call("export")

    assert "note: 1 unfinished trial left out" in done.err


def test_links_out_of_a_run_are_left_out(library: Library, call: Call) -> None:
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING)
    folder = library.store.layout.trial_directory(run, run)
    (folder / "data").symlink_to("/etc")
    (folder / "a.txt").write_text("a")
    (folder / "b.txt").symlink_to("a.txt")

    call("export")
    call("import", "tunesmith-export.tar.gz", "--home", "other")

    copied = Layout(Path("other/.tunesmith")).trial_directory(run, run)
    assert sorted(path.name for path in copied.iterdir()) == [".run", "a.txt", "b.txt"]
    assert (copied / "b.txt").read_text() == "a"


def test_results_alone_are_small(library: Library, call: Call) -> None:
    run = library.single("a1" * 16, {"x": 1.0}, started=MORNING)
    folder = library.store.layout.trial_directory(run, run)
    (folder / "big.bin").write_bytes(bytes(range(256)) * 400)

    call("export", "--no-files", "-o", "small.tar.gz")

    with tarfile.open("small.tar.gz") as archive:
        assert not any("/trials/" in name for name in archive.getnames())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["export", "-o", "no/such/a.tar.gz"], 2, "name a file in a folder that exists"),
        (["export", "-o", "train.tar.gz"], 2, "already exists"),
        (["export", "--label", "none"], 3, "no run to export"),
        (["import", "nothing.tar.gz"], 3, "there is no file nothing.tar.gz: write one"),
        (["import", "train.tar.gz"], 1, "train.tar.gz is not a complete archive of runs"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line(
    library: Library, call: Call, arguments: list[str], code: int, message: str
) -> None:
    library.grid()
    Path("train.tar.gz").write_text("mine")

    done = call(*arguments)

    assert done.code == code
    assert message in done.err
    assert len(done.err.splitlines()) == 1
    assert Path("train.tar.gz").read_text() == "mine"


@pytest.mark.parametrize("n_bytes", [30, 400, -20, -8, -1])
def test_an_archive_that_was_cut_off_is_refused_whole(
    library: Library, call: Call, n_bytes: int
) -> None:
    library.grid()
    call("export")
    whole = Path("tunesmith-export.tar.gz").read_bytes()
    Path("cut.tar.gz").write_bytes(whole[:n_bytes])

    done = call("import", "cut.tar.gz", "--home", "other")

    assert done.code == 1
    assert "is not a complete archive of runs" in done.err
    assert _listed(call, "--home", "other") == []


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", f"{ROOT}/../../evil", "elsewhere/evil"])
def test_an_archive_cannot_write_outside_of_itself(call: Call, tmp_path: Path, name: str) -> None:
    with tarfile.open("evil.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))

    done = call("import", "evil.tar.gz")

    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert not list(tmp_path.rglob("evil"))
    assert not list(tmp_path.parent.glob("evil"))


def test_a_link_in_an_archive_cannot_lead_a_file_out(call: Call, tmp_path: Path) -> None:
    with tarfile.open("evil.tar.gz", "w:gz") as archive:
        link = tarfile.TarInfo(f"{ROOT}/out")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        archive.addfile(link)
        member = tarfile.TarInfo(f"{ROOT}/out/evil")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))

    assert call("import", "evil.tar.gz").code == 1

    assert not (tmp_path / "evil").exists()


def test_an_imported_batch_can_be_read_by_a_fresh_process(
    library: Library, call: Call, tmp_path: Path
) -> None:
    library.grid()
    call("export")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").touch()

    def tunesmith(*arguments: str) -> str:
        command = [sys.executable, "-m", "tunesmith", *arguments]
        return subprocess.run(
            command, cwd=elsewhere, check=True, capture_output=True, text=True
        ).stdout

    tunesmith("import", str(tmp_path / "tunesmith-export.tar.gz"))

    assert "id: bfcff413" in tunesmith("runs", "info", "--operation", "train.py+")
    assert len(tunesmith("compare", "--csv", "-").splitlines()) == 4
    tunesmith("report", "-o", "r.html")
    assert not list((elsewhere / ".tunesmith" / "cache").glob(".tunesmith-*"))
