"""What every transport promises (``workers/transport.py``), whichever brings the ticket."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.workers.test_dispatch import ProcessTransport, trial
from tests.workers.test_polling import serving
from tests.workers.test_runners import ThreadTransport
from tunesmith.executor.batch_context import BatchContext
from tunesmith.trial import TrialStatus
from tunesmith.workers.dask_transport import DaskTransport
from tunesmith.workers.dispatch import dispatching
from tunesmith.workers.store_transport import StoreTransport
from tunesmith.workers.task_queue import open_queue
from tunesmith.workers.transport import Submission, Transport
from tunesmith.workers.worker import WorkerSettings

Start = Callable[[BatchContext, ExitStack], Transport]


def start_store(work: BatchContext, undo: ExitStack) -> Transport:
    undo.enter_context(serving(WorkerSettings(homes=(work.store.home,))))
    return StoreTransport(work.store.home)


def start_dask(work: BatchContext, undo: ExitStack) -> Transport:
    distributed = pytest.importorskip("distributed")
    cluster = undo.enter_context(
        distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            dashboard_address="127.0.0.1:0",
        )
    )
    client = undo.enter_context(distributed.Client(cluster, set_as_default=False))
    return DaskTransport(client, cluster.scheduler_address, {})


def start_threads(work: BatchContext, undo: ExitStack) -> Transport:
    transport = ThreadTransport(1)

    def join() -> None:
        for thread in transport.threads:
            thread.join()

    undo.callback(join)
    return transport


def start_processes(work: BatchContext, undo: ExitStack) -> Transport:
    transport = ProcessTransport()
    undo.callback(lambda: [worker.process.wait() for worker in transport.workers])
    return transport


STARTS: dict[str, Start] = {
    "store": start_store,
    "dask": start_dask,
    "threads": start_threads,
    "processes": start_processes,
}


@pytest.fixture(params=STARTS)
def started(request: pytest.FixtureRequest, make_work: Any) -> Iterator[tuple[Any, Transport]]:
    """A batch, and a transport whose worker is there."""
    work = make_work("x = 1\nprint('loss:', x)\n")
    with ExitStack() as undo:
        yield work, STARTS[request.param](work, undo)


def wait(submission: Submission, is_over: Callable[[], bool]) -> None:
    for _ in range(1000):
        if submission.wait(0.03) or is_over():
            return
    raise AssertionError("the trial did not end")


def test_a_trial_is_run_and_its_record_comes_back(started: tuple[Any, Transport]) -> None:
    work, transport = started
    with dispatching(work, transport) as dispatcher:
        record = dispatcher.publish_attempt(trial(x=3))
    assert record is not None
    assert (record.status, record.attempt) == (TrialStatus.COMPLETED, 1)


def test_a_submission_that_has_ended_may_be_cancelled(started: tuple[Any, Transport]) -> None:
    work, transport = started
    with open_queue(work.store.layout, work.spec.id) as queue:
        if transport.is_polled:
            queue.open()
        ticket = queue.put_ticket(trial(x=3))
        submission = transport.submit(ticket)

        def is_over() -> bool:
            claim = ticket.read_claim()
            return claim is not None and claim.is_finished

        wait(submission, is_over)
        submission.cancel()
        submission.cancel()
        assert is_over()


def test_workers_that_are_there_are_counted(started: tuple[Any, Transport]) -> None:
    _, transport = started
    for _ in range(300):
        if transport.capacity():
            break
        threading.Event().wait(0.1)
    assert transport.capacity() == 1
    assert transport.hint
