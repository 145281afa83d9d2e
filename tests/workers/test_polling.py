import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import Recorder
from tests.workers.test_dispatch import PAUSING, TIMEOUT_S, published, trial, wait_for_pid
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import PlannedTrial, TrialStatus
from tunesmith.workers.announcement import count_slots
from tunesmith.workers.dispatch import dispatching
from tunesmith.workers.polling import MAX_PAUSE_S, MIN_PAUSE_S, TicketFinder, pause_s, serve
from tunesmith.workers.store_transport import StoreTransport
from tunesmith.workers.task_queue import TaskQueue, open_queue
from tunesmith.workers.worker import WorkerSettings

SCRIPT = "x = 1\nprint('loss:', x)\n"


@contextmanager
def serving(settings: WorkerSettings, n_slots: int = 1) -> Iterator[None]:
    """Have a thread be a worker meanwhile."""
    thread = threading.Thread(target=lambda: serve(n_slots=n_slots, settings=settings))
    thread.start()
    try:
        yield
    finally:
        settings.leaving.set()
        thread.join(TIMEOUT_S)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.02)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / ".tunesmith"
    home.mkdir(mode=0o700)
    return home


def planned(number: int) -> PlannedTrial:
    return PlannedTrial(number=number, flags={}, origin="grid")


def test_a_worker_runs_the_trials_of_its_store(make_work: Any) -> None:
    work = make_work(SCRIPT)
    settings = WorkerSettings(homes=(work.store.home,))
    with (
        serving(settings, n_slots=2),
        dispatching(work, StoreTransport(work.store.home)) as dispatcher,
    ):
        records = [dispatcher.publish_attempt(planned(number)) for number in (1, 2, 3)]
    assert [record and record.status for record in records] == [TrialStatus.COMPLETED] * 3
    assert [record and record.attempt for record in records] == [1] * 3


def test_a_worker_that_leaves_gives_its_trial_to_another_one(
    make_work: Any, tmp_path: Path, is_gone: Callable[[int], bool]
) -> None:
    work = make_work(PAUSING.format(place=str(tmp_path)))
    leaving, staying = (WorkerSettings(homes=(work.store.home,)) for _ in range(2))
    with (
        dispatching(work, StoreTransport(work.store.home)) as dispatcher,
        published(dispatcher, trial()) as outcome,
    ):
        with serving(leaving):
            script = wait_for_pid(tmp_path)
            (tmp_path / "go").touch()
        assert is_gone(script)
        with serving(staying):
            wait_for(lambda: bool(outcome))
    (record,) = outcome
    assert (record.status, record.attempt) == (TrialStatus.COMPLETED, 2)


def test_tickets_are_found_in_the_order_of_their_trials(home: Path) -> None:
    with open_queue(Layout(home), "b" * 32) as queue:
        queue.open()
        tickets = {number: queue.put_ticket(planned(number)) for number in (2, 1, 3)}
        with tickets[1].take():
            pass
        found = list(TicketFinder((home,)).waiting())
    assert found == [tickets[2], tickets[3]]


def test_tickets_that_a_transport_brings_are_left_to_those_it_brings_them_to(home: Path) -> None:
    with open_queue(Layout(home), "b" * 32) as queue:
        queue.put_ticket(planned(1))
        assert list(TicketFinder((home,)).waiting()) == []


@pytest.mark.parametrize("state", ["gone", "dead"])
def test_tickets_of_a_driver_that_has_ended_are_left(home: Path, state: str) -> None:
    with open_queue(Layout(home), "b" * 32) as queue:
        queue.open()
        queue.put_ticket(planned(1))
        driver = queue.folder / "driver"
        if state == "gone":
            driver.unlink()
        else:  # no process has a number beyond the kernel's largest
            text = driver.read_text()
            driver.write_text(text.replace('"pid": ', '"pid": 99999'))
        assert list(TicketFinder((home,)).waiting()) == []


def test_a_ticket_that_a_link_leads_to_is_refused_once_and_not_read(
    home: Path, tmp_path: Path, observer: Recorder
) -> None:
    planted = tmp_path / "planted"
    with open_queue(Layout(home), "b" * 32) as queue:
        queue.open()
        queue.put_ticket(planned(1))
        queue.folder.rename(planted)
        queue.folder.symlink_to(planted)
        (ticket,) = planted.glob("*.json")
        ticket.write_text("not to be read")
        settings = WorkerSettings(observer=observer, homes=(home,))
        with serving(settings):
            wait_for(lambda: bool(observer.told))
            finder = TicketFinder((home,))
            wait_for(lambda: len(list(finder.waiting())) == 1)
    ((kind, text),) = observer.told
    assert kind == "note"
    assert "is a link" in text
    assert not list(planted.glob("*.claim"))


def test_a_store_that_is_not_told_of_is_not_looked_at(make_work: Any, tmp_path: Path) -> None:
    work, other = make_work(SCRIPT), tmp_path / "other" / ".tunesmith"
    other.mkdir(parents=True, mode=0o700)
    with open_queue(work.store.layout, work.spec.id) as queue:
        queue.open()
        ticket = queue.put_ticket(trial())
        with serving(WorkerSettings(homes=(other,))):
            wait_for(lambda: count_slots(other) == 1)
        assert ticket.read_claim() is None


def test_pauses_are_short_after_a_trial_and_a_second_at_most() -> None:
    assert pause_s(0.0) == MIN_PAUSE_S
    assert pause_s(2.0) == pytest.approx(0.2)
    assert pause_s(3600.0) == MAX_PAUSE_S


def test_a_queue_that_is_gone_has_no_tickets(tmp_path: Path) -> None:
    assert TaskQueue(tmp_path / "none").unclaimed() == []
