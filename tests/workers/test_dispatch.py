import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import Recorder
from tunesmith.errors import StoreAccessError, WorkerError
from tunesmith.execution import Execution
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.batch_context import BatchContext
from tunesmith.trial import PlannedTrial, TrialStatus
from tunesmith.workers.dispatch import MAX_SENDINGS, WorkerDispatcher, dispatching
from tunesmith.workers.task_queue import TaskQueue, open_queue
from tunesmith.workers.tickets import Ticket
from tunesmith.workers.worker import DONE, GONE, WorkerSettings, run_ticket

TIMEOUT_S = 30
PAUSING = """\
import os, pathlib, signal
x = 1
place = pathlib.Path({place!r})
if not (place / "go").exists():
    (place / "pid.new").write_text(str(os.getpid()))
    (place / "pid.new").rename(place / "pid")
    signal.pause()
print("loss:", x)
"""

RUN_TICKET = """\
import sys
from tunesmith.workers.worker import run_ticket
run_ticket(sys.argv[1])
"""


@dataclass
class Worker:
    """A process that runs one ticket."""

    process: "subprocess.Popen[bytes]"

    def wait(self, timeout_s: float) -> bool:
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def cancel(self) -> None:
        """Leave it: its ticket is gone."""


@dataclass
class ProcessTransport:
    """Starts a worker process for each ticket."""

    hint: str = "start some"
    is_polled: bool = False
    workers: list[Worker] = field(default_factory=list)

    def capacity(self) -> int:
        return 1

    def submit(self, ticket: Ticket) -> Worker:
        code = (
            "import sys; from tunesmith.workers.worker import run_ticket; run_ticket(sys.argv[1])"
        )
        command = [sys.executable, "-c", code, str(ticket.path)]
        worker = Worker(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        self.workers.append(worker)
        return worker


@dataclass
class StillSubmission:
    """A trial that is on its way for ever."""

    is_cancelled: bool = False

    def wait(self, timeout_s: float) -> bool:
        threading.Event().wait(timeout_s)
        return False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class StillTransport:
    """Brings nothing to anybody, but may write a claim as a machine would that died at once."""

    hint: str = "start some"
    is_polled: bool = False
    claim: dict[str, Any] | None = None
    submissions: list[StillSubmission] = field(default_factory=list)

    def capacity(self) -> int:
        return 0

    def submit(self, ticket: Ticket) -> StillSubmission:
        if self.claim is not None:
            ticket.path.with_suffix(".claim").write_text(json.dumps(self.claim))
        self.submissions.append(StillSubmission())
        return self.submissions[-1]


@pytest.fixture
def transport() -> Iterator[ProcessTransport]:
    transport = ProcessTransport()
    yield transport
    for worker in transport.workers:
        worker.process.kill()
        worker.process.wait()


@contextmanager
def published(dispatcher: WorkerDispatcher, planned: PlannedTrial) -> Iterator[list[Any]]:
    """Have a trial run meanwhile; its record is in the list after the body."""
    outcome: list[Any] = []
    thread = threading.Thread(target=lambda: outcome.append(dispatcher.publish_attempt(planned)))
    thread.start()
    yield outcome
    thread.join(TIMEOUT_S)
    assert not thread.is_alive()


def trial(**flags: Any) -> PlannedTrial:
    return PlannedTrial(number=1, flags=flags, origin="grid")


def pausing(make_work: Any, tmp_path: Path) -> BatchContext:
    work: BatchContext = make_work(PAUSING.format(place=str(tmp_path)))
    return work


def wait_for_pid(tmp_path: Path) -> int:
    """Return the process of the script, once it pauses."""
    path, deadline = tmp_path / "pid", time.monotonic() + TIMEOUT_S
    while not path.exists():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.02)
    pid = int(path.read_text())
    path.unlink()
    return pid


def wait_for_files(folder: Path, pattern: str) -> list[Path]:
    deadline = time.monotonic() + TIMEOUT_S
    while not (found := list(folder.glob(pattern))):
        assert time.monotonic() < deadline
        select.select([], [], [], 0.02)
    return found


def test_a_trial_elsewhere_is_recorded_as_it_would_have_been_here(
    make_work: Any, transport: ProcessTransport, observer: Recorder
) -> None:
    work = make_work("x = 1\nfor step in range(3):\n    print('loss:', x + step)\n")
    with dispatching(work, transport) as dispatcher:
        there = dispatcher.publish_attempt(trial(x=5))
    here = publish_attempt(work, trial(x=5))

    assert there is not None
    same = ("id", "number", "status", "objective", "flags", "command", "origin", "host")
    assert [getattr(there, name) for name in same] == [getattr(here, name) for name in same]
    assert there.scalars["loss"].count == here.scalars["loss"].count == 3
    assert (there.attempt, here.attempt) == (1, 2)
    assert ("started", 1) in observer.told


def test_the_trial_of_a_killed_worker_runs_again_and_leaves_no_process(
    make_work: Any,
    transport: ProcessTransport,
    observer: Recorder,
    tmp_path: Path,
    is_gone: Callable[[int], bool],
) -> None:
    work = pausing(make_work, tmp_path)
    with (
        dispatching(work, transport, idle_note_s=TIMEOUT_S) as dispatcher,  # it may start slowly
        published(dispatcher, trial()) as outcome,
    ):
        script = wait_for_pid(tmp_path)
        (tmp_path / "go").touch()
        transport.workers[0].process.kill()

    (record,) = outcome
    assert (record.status, record.attempt) == (TrialStatus.COMPLETED, 2)
    assert work.store.records(work.spec.id).records == (record,)
    assert is_gone(script)
    notes = [entry[1] for entry in observer.told if entry[0] == "note"]
    assert notes == [f"the worker on {record.host} was lost: trial 1 runs again"]


def test_a_worker_of_another_machine_that_falls_silent_is_lost(
    make_work: Any, observer: Recorder
) -> None:
    work = make_work("x = 1\n")
    claim = {"machine": "other", "host": "far", "pid": 1, "beat": 3, "part": "", "error": ""}
    transport, words = StillTransport(claim=claim), f"far was lost, {MAX_SENDINGS} times in a row"
    with (
        dispatching(work, transport, stale_s=0.1) as dispatcher,
        pytest.raises(WorkerError, match=words),
    ):
        dispatcher.publish_attempt(trial())
    assert all(submission.is_cancelled for submission in transport.submissions)
    assert ("note", "the worker on far was lost: trial 1 runs again") in observer.told


def test_a_trial_that_is_to_be_killed_is_recorded_with_the_reason(
    make_work: Any, transport: ProcessTransport, tmp_path: Path, is_gone: Callable[[int], bool]
) -> None:
    work = pausing(make_work, tmp_path)
    with dispatching(work, transport) as dispatcher, published(dispatcher, trial()) as outcome:
        script = wait_for_pid(tmp_path)
        work.stop.kill("cancelled in Prefect")
    (record,) = outcome
    assert (record.status, record.reason) == (TrialStatus.TERMINATED, "cancelled in Prefect")
    assert is_gone(script)


def test_a_stopped_batch_does_not_wait_for_trials_that_nobody_took(make_work: Any) -> None:
    work = make_work("x = 1\n")
    work.stop.drain("stopped by Ctrl-C")
    with dispatching(work, transport := StillTransport()) as dispatcher:
        assert dispatcher.publish_attempt(trial()) is None
    assert transport.submissions[0].is_cancelled


def test_the_workers_of_a_driver_that_is_gone_end_their_trials_and_publish_nothing(
    make_work: Any, transport: ProcessTransport, tmp_path: Path, is_gone: Callable[[int], bool]
) -> None:
    work = pausing(make_work, tmp_path)
    with open_queue(work.store.layout, work.spec.id) as queue:
        worker = transport.submit(queue.put_ticket(trial()))
        script = wait_for_pid(tmp_path)
        (queue.folder / "driver").unlink()
        assert worker.wait(TIMEOUT_S)
    assert is_gone(script)
    assert work.store.records(work.spec.id).records == ()


def test_a_driver_that_goes_on_waits_for_the_workers_of_one_that_was_killed(
    make_work: Any, transport: ProcessTransport, tmp_path: Path, is_gone: Callable[[int], bool]
) -> None:
    work = pausing(make_work, tmp_path)
    killed = TaskQueue(work.store.layout.handovers(work.spec.id) / "0011223344556677")
    killed.folder.mkdir(parents=True)
    killed.beat(0)
    transport.submit(killed.put_ticket(trial()))
    script = wait_for_pid(tmp_path)
    (tmp_path / "go").touch()

    with dispatching(work, transport) as dispatcher:
        assert is_gone(script)
        record = dispatcher.publish_attempt(trial())
    assert record is not None
    assert (record.attempt, record.status) == (2, TrialStatus.COMPLETED)


def test_a_ticket_is_run_by_one_of_two_workers(make_work: Any, tmp_path: Path) -> None:
    work = make_work("x = 1\nprint('loss:', x)\n")
    with open_queue(work.store.layout, work.spec.id) as queue:
        ticket = queue.put_ticket(trial())
        outcomes = [run_ticket(str(ticket.path)) for _ in range(2)]
    assert outcomes == [DONE, GONE]


def test_a_worker_runs_nothing_of_a_store_that_it_was_not_told_of(
    make_work: Any, tmp_path: Path, observer: Recorder
) -> None:
    work = make_work(f"import pathlib\nx = 1\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    theirs = WorkerSettings(observer=observer, homes=(tmp_path / "other" / ".tunesmith",))
    with open_queue(work.store.layout, work.spec.id) as queue:
        ticket = queue.put_ticket(trial())
        with pytest.raises(WorkerError, match="takes no trials of"):
            run_ticket(str(ticket.path), theirs)
        assert ticket.read_claim() is None
        ours = WorkerSettings(homes=(tmp_path / "other" / ".tunesmith", work.store.home))
        assert not (tmp_path / "ran").exists()
        assert run_ticket(str(ticket.path), ours) == DONE
    assert [kind for kind, *_ in observer.told] == ["note"]


def test_a_ticket_that_was_withdrawn_is_run_by_nobody(make_work: Any) -> None:
    work = make_work("x = 1\n")
    with open_queue(work.store.layout, work.spec.id) as queue:
        ticket = queue.put_ticket(trial())
        assert ticket.withdraw()
        assert run_ticket(str(ticket.path)) == GONE


def test_a_trial_that_a_worker_cannot_run_ends_with_the_workers_words(
    make_work: Any, transport: ProcessTransport
) -> None:
    work = make_work("x = 1\n")
    for part in work.store.layout.source.rglob("*"):
        if part.is_file():
            part.unlink()
    with (
        dispatching(work, transport) as dispatcher,
        pytest.raises(WorkerError, match="trial 1 on"),
    ):
        dispatcher.publish_attempt(trial())


def test_a_worker_that_does_not_see_the_store_says_so(tmp_path: Path) -> None:
    ticket = (
        tmp_path / ".tunesmith" / "handover" / ("b" * 32) / ("5" * 16) / "000001-0a0a0a0a.json"
    )
    with pytest.raises(
        StoreAccessError, match=r"cannot be seen on .*: mount the project's folder"
    ):
        run_ticket(str(ticket))


def test_the_user_is_told_once_that_no_worker_is_there(make_work: Any, observer: Recorder) -> None:
    work = make_work("x = 1\n")
    with (
        dispatching(work, StillTransport(), idle_note_s=0.1) as dispatcher,
        published(dispatcher, trial()),
    ):
        deadline = time.monotonic() + TIMEOUT_S
        while not observer.told and time.monotonic() < deadline:
            select.select([], [], [], 0.02)
        work.stop.drain("enough")
    assert observer.told == [("note", "no worker has taken a trial for 0.1 s: start some")]


def test_a_record_that_was_compacted_meanwhile_is_found(
    make_work: Any, transport: ProcessTransport
) -> None:
    work = make_work("x = 1\nprint('loss:', x)\n")
    with dispatching(work, transport) as dispatcher:
        record = dispatcher.publish_attempt(trial())
        (name,) = work.store.part_names(work.spec.id)
        work.store.compact(work.spec.id)
        assert dispatcher.read_record(name, 1) == record
        with pytest.raises(WorkerError, match="let the workers share that folder"):
            dispatcher.read_record("parts/b/none.0001.0.parquet", 2)


def test_nothing_of_the_handover_is_left_at_the_end(
    make_work: Any, transport: ProcessTransport
) -> None:
    work = make_work("x = 1\nprint('loss:', x)\n")
    with dispatching(work, transport) as dispatcher:
        dispatcher.publish_attempt(trial())
        assert [path.name for path in dispatcher.queue.folder.iterdir()] == ["driver"]
    assert not (work.store.home / "handover").exists()


def test_a_claim_that_is_being_written_is_a_living_one(tmp_path: Path) -> None:
    ticket = Ticket(tmp_path / "000001-x.json")
    assert ticket.read_claim() is None
    (tmp_path / "000001-x.claim").write_text('{"machine": "a", "ho')
    claim = ticket.read_claim()
    assert claim is not None
    assert not claim.is_dead
    assert not claim.is_finished


def test_a_process_of_this_machine_that_has_ended_is_known_to_be_dead(tmp_path: Path) -> None:
    ticket = Ticket(tmp_path / "000001-x.json")
    code = (
        "import sys, pathlib; from tunesmith.workers.tickets import Ticket\n"
        "ticket = Ticket(pathlib.Path(sys.argv[1])); ticket.path.touch()\n"
        "with ticket.take() as taken: pass\n"
    )
    subprocess.run([sys.executable, "-c", code, str(ticket.path)], check=True)
    claim = ticket.read_claim()
    assert claim is not None
    assert claim.is_dead


def test_a_trial_that_times_out_elsewhere_is_recorded_as_it_is_here(
    make_work: Any, transport: ProcessTransport
) -> None:
    work = make_work("import signal\nsignal.pause()\n", Execution(timeout_s=0.3))
    with dispatching(work, transport) as dispatcher:
        record = dispatcher.publish_attempt(trial())
    assert record is not None
    assert (record.status, record.reason) == (TrialStatus.TERMINATED, "timed out after 0.3 s")
