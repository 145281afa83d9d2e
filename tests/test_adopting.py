"""What an imported batch may bring along, and what it may not."""

import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_spec
from tunesmith.adopting import adopt
from tunesmith.api.batches import Batch
from tunesmith.batch import OptimizerSpec
from tunesmith.cli.main import main
from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.flags.settings import Choices
from tunesmith.runner import Runner
from tunesmith.storage.archives.archive import read_archive, write_archive
from tunesmith.storage.records.batches import specification_names
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial

BATCH = "cd" * 16
WORDS = "--python /evil/python --runner dask://evil:1 --cwd project --link /etc --link ../.. "
Archive = Callable[..., Path]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Write an archive of a batch without results, in whose specification an attacker wrote."""

    def write(**execution: Any) -> Path:
        project = tmp_path / "their"
        project.mkdir()
        (project / "train.py").write_text("x = 1\nprint('loss:', x)\n")
        store = Store.create(project / ".tunesmith")
        spec = make_spec(
            BATCH,
            project="/etc",
            settings={"x": Choices(values=(1, 2), text="[1,2]")},
            optimizer=OptimizerSpec(name="grid"),
            n_trials=2,
            n_first_trials=2,
            execution=Execution(**execution),
            tags=("deployment:sweep/nightly",),
            created=1.0,
            source_digest=store.source.take(project, project / "train.py").digest,
        )
        store.put_batch(spec)
        store.put_plan(BATCH, [PlannedTrial(number=1, flags={"x": 1}, origin="grid")])
        path = tmp_path / "theirs.tar.gz"
        write_archive(store, None, path)
        assert tarfile.is_tarfile(path)
        return path

    return write


@pytest.fixture
def target(tmp_path: Path) -> Store:
    (tmp_path / "mine").mkdir()
    return Store.create(tmp_path / "mine" / ".tunesmith")


def test_nothing_of_the_other_machine_is_taken_over(archive: Archive, target: Store) -> None:
    path = archive(
        python="/evil/python",
        runner=Runner.from_text("dask://evil:1"),
        jobs=0,
        is_in_place=True,
        links=("/etc", "../..", "data", "a/../../x"),
        has_prefect_logs=True,
    )
    read_archive(path, target, now=1_700_000_000.0)
    adopted = adopt(target, BATCH)
    execution = adopted.spec.execution
    assert execution == replace(Execution(), links=("data",))
    assert adopted.spec.project == str(target.home.parent)
    first, second = adopted.warnings("/usr/bin/python3")
    assert f"imported code (from {path}, imported 2023-11-1" in first
    assert first.endswith("with /usr/bin/python3")
    assert second.endswith(f": {WORDS}--link a/../../x --prefect-logs")


def test_a_batch_of_one_s_own_is_as_it_was(archive: Archive, tmp_path: Path) -> None:
    archive(python="/my/python", links=("/data",))
    store = Store.open(tmp_path / "their" / ".tunesmith")
    adopted = adopt(store, BATCH)
    assert adopted.spec == store.batch(BATCH)
    assert adopted.warnings("") == []


def test_a_link_without_a_place_in_a_run_is_told_before_anything_runs(
    archive: Archive, tmp_path: Path
) -> None:
    archive(links=("/etc/.", "/srv/etc"))
    with pytest.raises(SpecificationError, match="remove one of them"):
        Batch(Store.open(tmp_path / "their" / ".tunesmith"), BATCH).restart()


def test_a_restart_from_python_has_to_say_that_imported_code_is_meant(
    archive: Archive, target: Store
) -> None:
    read_archive(archive(), target, now=1.0)
    with pytest.raises(SpecificationError, match=r"imported code .* restart\(imported=True\)"):
        Batch(target, BATCH).restart()
    assert len(specification_names(target.objects, BATCH)) == 1


def test_a_deployment_does_not_go_on_with_what_was_imported(
    archive: Archive, target: Store
) -> None:
    from tunesmith.flows.scheduled import _last_batch  # it takes a second

    tagged = ("deployment:sweep/nightly",)
    path = archive()
    assert _last_batch(Store.open(path.parent / "their" / ".tunesmith"), tagged) == BATCH
    read_archive(path, target, now=1.0)
    assert _last_batch(target, tagged) is None


def test_a_restart_shows_that_the_code_was_imported_and_asks(
    archive: Archive, target: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    read_archive(archive(python="/evil/python"), target, now=1.0)
    code = main(["run", "--restart", BATCH[:8], "-b", "--home", str(target.home)])
    told = capsys.readouterr().err
    assert code == 2  # there is no terminal to ask on
    assert "runs imported code (from " in told
    assert "/evil/python" in told.partition("left out:")[2]
    assert len(specification_names(target.objects, BATCH)) == 1


@pytest.mark.server
def test_an_interpreter_that_an_archive_names_never_runs(
    served_project: Any, archive: Archive, tmp_path: Path
) -> None:
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    evil.chmod(0o755)
    path = archive(python=str(evil), links=("/etc",), is_in_place=True)
    served_project.succeed("import", str(path))
    done = served_project.run("run", "--restart", BATCH[:8], "-yq")
    assert done.returncode == 0, done.stderr
    assert "runs imported code" in done.stderr
    assert not (tmp_path / "pwned").exists()
    rows = json.loads(served_project.succeed("runs", "--json", "--operation", "train.py"))
    assert [row["status"] for row in rows] == ["completed", "completed"]
