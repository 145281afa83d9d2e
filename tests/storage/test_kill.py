"""Real processes that publish, compact and read are killed at random moments."""

import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tunesmith.storage.store import Store

BATCH = "c" * 32

WORK = """
import itertools, sys
from pathlib import Path
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, TrialStatus, trial_id

def record(number):
    return TrialRecord(
        id=trial_id(batch, number), batch=batch, number=number, attempt=1,
        operation="t.py", script="t.py", status=TrialStatus.COMPLETED, exit_code=0,
        started=1.0, stopped=2.0, seconds=1.0, flags={"x": number},
    )

home, batch, kind, first = sys.argv[1:]
store = Store.open(Path(home))
store.records()
print("ready", flush=True)
if kind == "write":
    for number in itertools.count(int(first), 2):
        print("begun", number, flush=True)
        store.publish(record(number), ())
        print("done", number, flush=True)
elif kind == "compact":
    while True:
        store.compact(batch)
else:
    seen = 0
    while True:
        n = len(store.records(batch).records)
        print("read" if n >= seen else "SHRUNK", n, flush=True)
        seen = n
"""


def begin(store: Store, kind: str, first: int) -> "subprocess.Popen[str]":
    arguments = [str(store.home), BATCH, kind, str(first)]
    return subprocess.Popen(
        [sys.executable, "-c", WORK, *arguments], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.kill
def test_no_kill_loses_what_was_acknowledged(tmp_path: Path) -> None:
    store = Store.create(tmp_path / ".tunesmith")
    begun: set[int] = set()
    done: set[int] = set()
    for seed in range(3):
        for word, number in run_round(store, random.Random(seed), first=100_000 * (seed + 1)):
            {"begun": begun, "done": done}.get(word, set()).add(number)
            assert word != "SHRUNK"
        check(store, begun, done)
    assert done


def run_round(store: Store, chance: random.Random, first: int) -> list[tuple[str, int]]:
    """Let two writers, two compactors and a reader work, kill them all, return what they said."""
    kinds = ("write", "write", "compact", "compact", "read")
    workers = [begin(store, kind, first + n) for n, kind in enumerate(kinds)]
    lines: list[str] = []
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for _ in range(chance.randrange(40, 160)):  # the writer's pace sets the moment of the kills
        assert workers[0].stdout is not None
        lines.append(workers[0].stdout.readline())
    for worker in chance.sample(workers, len(workers)):
        worker.send_signal(signal.SIGKILL)
    for worker in workers:
        lines += worker.communicate()[0].splitlines(keepends=True)
    pairs = [line.split() for line in lines if line.endswith("\n")]
    return [(word, int(number)) for word, number in pairs]


def check(store: Store, begun: set[int], done: set[int]) -> None:
    assert_read(store, begun, done)
    store.compact_abandoned()
    assert_read(store, begun, done)
    assert store.part_names() == []
    rows = f"'{store.layout.runs}/*.parquet'"
    ids = Counter(row[0] for row in duckdb.execute(f"select id from {rows}").fetchall())
    assert set(ids.values()) == {1}
    files = sorted(store.home.rglob("*"))
    store.compact(BATCH)
    assert sorted(store.home.rglob("*")) == files


def assert_read(store: Store, begun: set[int], done: set[int]) -> None:
    reading = store.records()
    numbers = {record.number for record in reading.records}
    assert done <= numbers <= begun
    assert reading.warnings == ()
