import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tunesmith.processes import this_machine
from tunesmith.workers.announcement import announced, count_slots


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "workers").mkdir()
    return tmp_path


def write_note(home: Path, name: str, **changes: object) -> Path:
    note = {"machine": this_machine(), "pid": os.getpid(), "beat": 0, "n_slots": 2, **changes}
    path = home / "workers" / f"{name}.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(note))
    return draft.replace(path)


def test_the_slots_of_all_workers_are_counted_while_they_are_there(tmp_path: Path) -> None:
    assert count_slots(tmp_path) == 0
    with announced(tmp_path, 2), announced(tmp_path, 3):
        while len(list(tmp_path.glob("workers/*.json"))) < 2:
            threading.Event().wait(0.01)
        assert count_slots(tmp_path) == 5
    assert count_slots(tmp_path) == 0
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_worker_that_was_killed_is_forgotten(home: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path = write_note(home, "killed", pid=ended.pid)
    assert count_slots(home) == 0
    assert not path.exists()


def test_a_worker_of_another_machine_counts_if_its_heartbeat_goes_on(home: Path) -> None:
    write_note(home, "silent", machine="other", n_slots=8)
    write_note(home, "here", n_slots=1)
    done = threading.Event()

    def beat() -> None:
        number = 0
        while not done.wait(0.05):
            number += 1
            write_note(home, "alive", machine="other", beat=number, n_slots=4)

    write_note(home, "alive", machine="other", n_slots=4)
    thread = threading.Thread(target=beat)
    thread.start()
    try:
        assert count_slots(home) == 5
    finally:
        done.set()
        thread.join()


def test_a_note_that_cannot_be_read_counts_nothing(home: Path) -> None:
    (home / "workers" / "torn.json").write_text('{"machine": "a", "pi')
    assert count_slots(home) == 0
