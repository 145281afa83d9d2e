import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.steering.conftest import made
from tunesmith.errors import LeaseHeldError, NotFoundError, SpecificationError
from tunesmith.request.options import read_options
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.steering.changing import change_batch
from tunesmith.steering.observing import Result, observe
from tunesmith.steering.suggesting import suggest, unfinished
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialStatus, short_id, trial_id

COST = "loss"
ASK = """
import sys
from pathlib import Path
from tunesmith.steering.suggesting import suggest
from tunesmith.storage.store import Store
store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for one in suggest(store, sys.argv[2], n=2):
        print(one.number, repr(one.flags["x"]), flush=True)
"""
TELL = """
import sys
from pathlib import Path
from tunesmith.steering.observing import Result, observe
from tunesmith.storage.store import Store
store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(int(sys.argv[3]), 100_000):
    observe(store, sys.argv[2], str(number), Result(scalars={"loss": number / 10}))
    print(number, flush=True)
"""


def loss_of(planned: PlannedTrial) -> Result:
    x = planned.flags["x"]
    assert isinstance(x, float)
    return Result(scalars={COST: (x - 0.3) ** 2})


def test_a_suggestion_is_planned_before_it_is_returned(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]", optimizer="gp")
    asked = suggest(store, batch, n=3)
    assert [one.number for one in asked] == [1, 2, 3]
    assert store.plan(batch) == asked
    assert suggest(store, batch, n=1)[0].number == 4


def test_asking_one_by_one_and_telling_is_a_search_that_replays(store: Store) -> None:
    words = ("x=[0.0:1.0]~0.4", "kind=[a,b]~b")
    one, other = (made(store, *words, optimizer="gp", first=["kind=a"]) for _ in range(2))
    for batch in (one, other):
        for number in range(1, 9):
            (asked,) = suggest(store, batch, n=1)
            observe(store, batch, str(asked.number), loss_of(asked))
            if number == 4:
                request = SweepRequest(**read_options({"first": ["x=0.9"]}))
                change_batch(store, batch, request)
    points = [[trial.flags for trial in store.plan(batch)] for batch in (one, other)]
    assert points[0] == points[1]
    assert [trial.origin for trial in store.plan(one)][::4] == ["first", "first"]
    assert min(abs(float(flags["x"]) - 0.3) for flags in points[0]) < 0.1  # type: ignore[arg-type]


def test_what_was_told_is_a_record_that_views_show(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    first, second = suggest(store, batch, n=2)
    observe(store, batch, "1", Result(scalars={COST: 0.5, "acc": 0.9}, seconds=2.0))
    observe(store, batch, short_id(trial_id(batch, 2)), Result(scalars={}, is_failed=True))
    runs = {run.number: run for run in store.list_runs().runs}
    assert (runs[1].status, runs[1].objective, runs[1].seconds) == (
        TrialStatus.COMPLETED,
        0.5,
        2.0,
    )
    assert runs[1].scalars["acc"].last == 0.9
    assert (runs[1].flags, runs[2].flags) == (first.flags, second.flags)
    assert (runs[2].status, runs[2].reason) == (TrialStatus.ERROR, "failed, as was observed")
    assert store.series(batch, 1)[0].tag in (COST, "acc")


def test_a_search_that_nobody_has_finished_waits(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]", max_trials=2)
    statuses = []
    for _ in range(2):
        (asked,) = suggest(store, batch, n=1)
        statuses.append({run.number: run.status for run in store.list_runs().runs}[0])
        observe(store, batch, str(asked.number), loss_of(asked))
    assert statuses == [TrialStatus.PENDING] * 2
    assert {run.number: run.status for run in store.list_runs().runs}[0] is TrialStatus.COMPLETED


def test_the_same_result_may_be_told_again_and_no_other(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    suggest(store, batch, n=1)
    first = observe(store, batch, "1", Result(scalars={COST: 0.5}))
    assert observe(store, batch, "1", Result(scalars={COST: 0.5})) == first
    with pytest.raises(SpecificationError, match=r"has a result already, completed loss=0\.5"):
        observe(store, batch, "1", Result(scalars={COST: 0.25}))
    assert len(store.records(batch).records) == 1


def test_a_result_without_the_objective_is_refused(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]", maximize="acc")
    suggest(store, batch, n=1)
    with pytest.raises(SpecificationError, match="maximizes acc, which is not among the results"):
        observe(store, batch, "1", Result(scalars={COST: 0.5}))
    with pytest.raises(SpecificationError, match="there is no result"):
        Result(scalars={})


def test_a_trial_that_was_not_planned_is_refused(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    with pytest.raises(NotFoundError, match="no trial '1': tunesmith suggest asks for one"):
        observe(store, batch, "1", Result(scalars={COST: 0.5}))


def test_an_exhausted_space_gives_fewer(store: Store) -> None:
    batch = made(store, "x=[1,2]", optimizer="grid")
    assert len(suggest(store, batch, n=5)) == 2
    assert suggest(store, batch, n=5) == []


def test_nobody_asks_or_tells_while_a_process_runs_the_batch(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    with store.lease(batch), pytest.raises(LeaseHeldError, match="is being run by process"):
        suggest(store, batch, n=1)


def killed(source: str, *words: str, after: int) -> list[str]:
    """Return what a process printed before it was killed, after some lines."""
    with subprocess.Popen(
        [sys.executable, "-c", source, *words], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        lines = [child.stdout.readline() for _ in range(after)]
        os.kill(child.pid, signal.SIGKILL)
        lines += child.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


@pytest.mark.kill
def test_no_suggestion_is_lost_or_doubled_by_kills(store: Store) -> None:
    batch = made(store, "x=[0.0:1.0]")
    shown = [
        line
        for after in (0, 1, 2, 3, 5)
        for line in killed(ASK, str(store.home), batch, after=after)
    ]
    planned = {one.number: one for one in store.plan(batch)}
    assert max(Counter(shown).values()) == 1
    assert sorted(planned) == list(range(1, len(planned) + 1))
    assert len({repr(one.flags["x"]) for one in planned.values()}) == len(planned)
    for line in shown:
        number, x = line.split()
        assert repr(planned[int(number)].flags["x"]) == x
    # what was planned and never shown can be asked for
    assert unfinished(store, batch) == list(planned.values())


@pytest.mark.kill
def test_no_result_is_lost_or_doubled_by_kills(store: Store, tmp_path: Path) -> None:
    batch = made(store, "x=[0.0:1.0]")
    suggest(store, batch, n=2000)
    told: list[int] = []
    for after in (0, 1, 3, 6):
        begin = str(max(told, default=0) + 1)
        told += map(int, killed(TELL, str(store.home), batch, begin, after=after))
    records = {record.number: record for record in store.records(batch).records}
    assert set(told) <= records.keys()
    assert len(told) == len(set(told))
    assert all(record.objective == number / 10 for number, record in records.items())
