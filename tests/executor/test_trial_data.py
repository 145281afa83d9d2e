"""The data of trials: a copy first, then links to the store's; the user's own stays as it is."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import Recorder
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.trial_data import SMALL_BYTES
from tunesmith.request.found_data import keep_data, with_data
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

SIZE = SMALL_BYTES + 1
READING = "print('loss:', len(open('data/x.bin', 'rb').read()))\n"
WRITING = """\
n = 0
with open('data/x.bin', 'r+b') as file:
    print('first:', file.read(1)[0])
    file.seek(0)
    file.write(b'1')
open('data/new.bin', 'wb').write(b'2')
"""
LATE = "n = 0\nif n == 2:\n    open('data/x.bin', 'ab').write(b'1')\n" + READING


def trial(number: int = 1) -> PlannedTrial:
    return PlannedTrial(number=number, flags={"n": number}, origin="grid")


def with_its_data(work: BatchContext, *, size: int) -> BatchContext:
    """Return a batch whose project has data of that size, found."""
    folder = Path(work.spec.project) / "data"
    folder.mkdir()
    (folder / "x.bin").write_bytes(b"\0" * size)
    (folder / "y.bin").write_bytes(b"\0" * 10)
    spec = with_data(work.spec, work.store.layout.home)
    keep_data(spec, work.store)
    assert list(spec.data) == ["data/x.bin"]
    return replace(work, spec=spec)


def place_of(work: BatchContext, record: TrialRecord) -> Path:
    return work.store.layout.trial_directory(work.spec.id, record.id) / "data" / "x.bin"


def original(work: BatchContext) -> bytes:
    return (Path(work.spec.project) / "data" / "x.bin").read_bytes()


def test_what_the_first_trial_leaves_unchanged_is_linked_for_the_others(make_work: Any) -> None:
    work = with_its_data(make_work("n = 0\n" + READING), size=SIZE)
    first, second = (publish_attempt(work, trial(number)) for number in (1, 2))
    assert (first.scalars["loss"].last, second.scalars["loss"].last) == (SIZE, SIZE)
    assert not place_of(work, first).is_symlink()
    assert place_of(work, second).is_symlink()
    assert place_of(work, second).resolve().is_relative_to(work.store.layout.kept_data)


def test_small_data_is_copied_for_every_trial(make_work: Any) -> None:
    work = with_its_data(make_work("n = 0\n" + READING), size=10)
    records = [publish_attempt(work, trial(number)) for number in (1, 2)]
    assert not any(place_of(work, record).is_symlink() for record in records)


@pytest.mark.parametrize("size", [10, SIZE])
def test_what_a_trial_writes_is_its_own(make_work: Any, size: int) -> None:
    work = with_its_data(make_work(WRITING), size=size)
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert [record.scalars["first"].last for record in records] == [0, 0, 0]
    assert original(work) == b"\0" * size
    assert not (Path(work.spec.project) / "data" / "new.bin").exists()


def test_what_a_later_trial_writes_reaches_neither_the_user_s_nor_the_next(make_work: Any) -> None:
    work = with_its_data(make_work(LATE), size=SIZE)
    records = [publish_attempt(work, trial(number)) for number in (1, 2, 3)]
    assert original(work) == b"\0" * SIZE
    assert records[2].scalars["loss"].last == SIZE
    if os.geteuid():  # the copy in the store cannot be written
        assert records[1].status is TrialStatus.ERROR


def test_data_is_copied_anew_where_the_cache_was_emptied(make_work: Any) -> None:
    work = with_its_data(make_work("n = 0\n" + READING), size=10)
    work.store.layout.kept_data.rename(work.store.layout.cache / "gone")
    assert publish_attempt(work, trial()).scalars["loss"].last == 10


def test_a_trial_that_misses_a_file_of_the_project_runs_again_with_it(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work("n = 0\nname = 'a' + '.bin'\nprint('loss:', len(open('sub/' + name).read()))")
    (Path(work.spec.project) / "sub").mkdir()
    (Path(work.spec.project) / "sub" / "a.bin").write_bytes(b"\0" * 10)
    records = [publish_attempt(work, trial(number)) for number in (1, 2)]
    assert [record.scalars["loss"].last for record in records] == [10, 10]
    assert [record.attempt for record in records] == [2, 1]
    notes = [told[1] for told in observer.told if told[0] == "note"]
    assert notes == ["trial 1 runs again with sub, which it lacked: later trials get it, too"]


@pytest.mark.parametrize("name", ["checkpoints/a.pt", "secrets.bin"])
def test_what_is_hidden_from_trials_is_only_hinted_at(make_work: Any, name: str) -> None:
    work = make_work(f"n = 0\nopen('{name}')\n")
    path = Path(work.spec.project) / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\0" * 10)
    record = publish_attempt(work, trial())
    assert (record.attempt, record.status) == (1, TrialStatus.ERROR)
    assert f"add --link {name}" in record.reason
