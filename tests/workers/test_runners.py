"""Runners of third parties: found by entry point, as those that come with Tunesmith."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.workers.test_dispatch import trial
from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.runner import LOCAL, Runner
from tunesmith.trial import TrialStatus
from tunesmith.workers.connection import connected
from tunesmith.workers.tickets import Ticket
from tunesmith.workers.transport import Transport
from tunesmith.workers.worker import run_ticket


@dataclass
class ThreadSubmission:
    """A trial that a thread runs."""

    thread: threading.Thread

    def wait(self, timeout_s: float) -> bool:
        self.thread.join(timeout_s)
        return not self.thread.is_alive()

    def cancel(self) -> None:
        """Leave it: its ticket is gone."""


@dataclass
class ThreadTransport:
    """Runs each ticket in a thread of this process."""

    n_threads: int
    hint: str = "wait for a thread"
    is_polled: bool = False
    threads: list[threading.Thread] = field(default_factory=list)

    def capacity(self) -> int:
        return self.n_threads

    def submit(self, ticket: Ticket) -> ThreadSubmission:
        thread = threading.Thread(target=run_ticket, args=(str(ticket.path),))
        thread.start()
        self.threads.append(thread)
        return ThreadSubmission(thread)


class ThreadRunner:
    """``threads://N``: as many threads."""

    form: ClassVar[str] = "threads://N"
    is_remote: ClassVar[bool] = True

    def __init__(self, address: str) -> None:
        self.n_threads = int(address)

    @contextmanager
    def connect(self, home: Path) -> Iterator[Transport]:
        transport = ThreadTransport(self.n_threads)
        yield transport
        for thread in transport.threads:
            thread.join()


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package that registers a runner, and takes the name of one of ours."""
    package = tmp_path / "packages"
    info = package / "more_runners-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more-runners\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[tunesmith.runners]\n"
        f"threads = {__name__}:ThreadRunner\n"
        f"local = {__name__}:ThreadRunner\n"
    )
    monkeypatch.syspath_prepend(str(package))


@pytest.mark.usefixtures("registered")
def test_a_batch_runs_with_a_runner_that_a_third_party_registered(make_work: Any) -> None:
    runner = Runner.from_text("threads://3")
    work = make_work("x = 1\nprint('loss:', x)\n")
    spec = replace(work.spec, execution=Execution(runner=runner, jobs=0))
    with connected(replace(work, spec=spec)) as context:
        assert context.dispatch is not None
        with context.dispatch(context) as dispatcher:
            record = dispatcher.publish_attempt(trial(x=5))
    assert context.spec.execution.jobs == 3
    assert record is not None
    assert (record.status, record.objective) == (TrialStatus.COMPLETED, 5.0)


@pytest.mark.usefixtures("registered")
def test_an_unknown_runner_is_refused_with_all_that_are_registered() -> None:
    with pytest.raises(SpecificationError, match=r"expected local, .*prefect://, threads://N"):
        Runner.from_text("thread://3")


@pytest.mark.usefixtures("registered")
def test_nobody_takes_the_name_of_a_runner_of_ours() -> None:
    assert Runner.from_text("local") is LOCAL
    with pytest.raises(SpecificationError):
        Runner.from_text("local://3")


@pytest.mark.usefixtures("registered")
def test_an_address_that_its_class_does_not_read_is_refused() -> None:
    with pytest.raises(SpecificationError, match="'threads://many': expected local"):
        Runner.from_text("threads://many")


def test_a_batch_of_this_machine_is_connected_to_nobody(make_work: Any) -> None:
    work = make_work("x = 1\n")
    with connected(work) as context:
        assert context is work
