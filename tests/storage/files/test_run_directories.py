import os
import shutil
import stat
from typing import Any

import pytest

from tunesmith.errors import StoreAccessError
from tunesmith.storage.store import Store
from tunesmith.trial import trial_id


def test_a_start_is_noted_with_who_and_when(store: Store, batch: str) -> None:
    directory = store.start_trial(batch, 3, attempt=1, started=12.5)
    assert directory == store.layout.trial_directory(batch, trial_id(batch, 3))
    start = store.start(batch, 3)
    assert start is not None
    assert (start.number, start.attempt, start.started) == (3, 1, 12.5)
    assert start.pid == os.getpid()


def test_a_trial_that_never_started_has_no_start(store: Store, batch: str) -> None:
    assert store.start(batch, 1) is None


def test_a_single_run_works_in_a_directory_of_its_own_id(store: Store, batch: str) -> None:
    assert store.start_trial(batch, 0, attempt=1, started=0.0).name == batch


def test_a_working_directory_is_its_owner_s_alone(store: Store, batch: str) -> None:
    directory = store.start_trial(batch, 1, attempt=1, started=0.0)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_another_attempt_starts_from_nothing_and_loses_nothing(store: Store, batch: str) -> None:
    trial = trial_id(batch, 1)
    for attempt in (1, 2, 3):
        directory = store.start_trial(batch, 1, attempt=attempt, started=0.0)
        assert [path.name for path in directory.iterdir()] == [".run"]
        store.layout.output(batch, trial).write_text(f"output {attempt}")
        (directory / "model").mkdir()
        (directory / "model" / "weights").write_text(f"weights {attempt}")
    metadata = store.layout.run_metadata(batch, trial)
    assert (metadata / "output").read_text() == "output 3"
    for attempt in (1, 2):
        assert (metadata / f"output.{attempt}").read_text() == f"output {attempt}"
        kept = metadata / f"files.{attempt}" / "model" / "weights"
        assert kept.read_text() == f"weights {attempt}"
    start = store.start(batch, 1)
    assert start is not None
    assert start.attempt == 3


def test_a_link_of_an_earlier_attempt_is_moved_not_followed(store: Store, batch: str) -> None:
    data = store.home.parent / "data"
    data.mkdir()
    directory = store.start_trial(batch, 1, attempt=1, started=0.0)
    (directory / "data").symlink_to(data)
    store.start_trial(batch, 1, attempt=2, started=0.0)
    assert not (directory / "data").exists()
    assert data.is_dir()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"number": 1}', '{"number": "x"}'])
def test_a_note_that_was_cut_off_still_says_that_it_started(
    store: Store, batch: str, text: str
) -> None:
    store.start_trial(batch, 1, attempt=1, started=0.0)
    store.layout.started(batch, trial_id(batch, 1)).write_text(text)
    start = store.start(batch, 1)
    assert start is not None
    assert (start.number, start.attempt) == (1, 1)
    store.start_trial(batch, 1, attempt=2, started=0.0)


def test_a_store_that_was_deleted_stops_the_trial(store: Store, batch: str) -> None:
    store.home.rename(store.home.with_name("moved"))
    with pytest.raises(StoreAccessError, match="the folder is gone"):
        store.start_trial(batch, 1, attempt=1, started=0.0)
    assert not store.home.exists()


@pytest.mark.parametrize("place", [".", ".run", ".run/files.1", ".run/output"])
def test_a_link_that_a_script_has_laid_is_not_written_through(
    store: Store, batch: str, place: str
) -> None:
    theirs = store.home.parent / "theirs"
    theirs.mkdir()
    (theirs / "output").write_text("theirs")
    directory = store.start_trial(batch, 1, attempt=1, started=0.0)
    (directory / "weights").write_text("weights")
    link = directory / place
    if link.is_dir():
        shutil.rmtree(link)
    link.symlink_to(theirs / "output" if place == ".run/output" else theirs)
    again = store.start_trial(batch, 1, attempt=2, started=0.0)
    store.layout.output(batch, again.name).write_text("ours")
    assert {path.name: path.read_text() for path in theirs.iterdir()} == {"output": "theirs"}


def test_a_link_in_the_place_of_a_run_s_folder_is_purged_alone(
    store: Store, batch: str, new_spec: Any
) -> None:
    theirs = store.home.parent / "theirs"
    theirs.mkdir()
    (theirs / "weights").write_text("weights")
    store.put_batch(new_spec(batch))
    directory = store.start_trial(batch, 1, attempt=1, started=0.0)
    shutil.rmtree(directory)
    directory.symlink_to(theirs)
    store.purge([directory.name])
    assert not directory.is_symlink()
    assert (theirs / "weights").is_file()


def test_a_link_in_the_place_of_a_batch_s_folder_is_not_written_through(
    store: Store, batch: str
) -> None:
    theirs = store.home.parent / "theirs"
    theirs.mkdir()
    store.layout.batch_directory(batch).symlink_to(theirs)
    with pytest.raises(StoreAccessError, match="a link is in the place of a folder"):
        store.start_trial(batch, 1, attempt=1, started=0.0)
    assert list(theirs.iterdir()) == []


def test_a_file_in_the_place_of_a_run_s_folder_does_not_stop_the_next_attempt(
    store: Store, batch: str
) -> None:
    directory = store.start_trial(batch, 1, attempt=1, started=0.0)
    shutil.rmtree(directory)
    directory.write_text("a file now")
    assert store.start_trial(batch, 1, attempt=2, started=0.0) == directory
    assert directory.is_dir()
