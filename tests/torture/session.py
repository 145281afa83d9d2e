"""One life of a store in a single process: every kind of step, always in the same order."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.torture.ledger import Attempt, Event, Ledger, make_plan, make_record, make_spec
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.publishing import PublishMethod
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import trial_id

BATCH = "a" * 32
VICTIM = "d" * 32
"""A batch that is purged as a whole."""
PURGED = 2
"""The trial of ``BATCH`` that is purged."""
_BEGAN = 1_700_000_000.0


class Step:
    """One thing to do, and how its acknowledgement reads."""

    def __init__(self, event: Event, do: Callable[[Store], object]) -> None:
        self.event = event
        self.do = do

    def take(self, home: Path, ledger: Ledger, *, method: PublishMethod) -> None:
        """Do it as a process that has just begun, and take down that it was acknowledged."""
        store = Store.create(home)
        store = Store(home, LocalObjects(home, method=method))
        ledger.note("begin", self.event)
        self.do(store)
        ledger.note("done", self.event)


def life(home: Path, *, offset_s: Callable[[], float] = lambda: 0.0) -> Iterator[Step]:
    """Yield the steps; one that has failed may be taken again.

    Args:
        home: The store's folder.
        offset_s: How wrong the clock is, asked before each attempt.
    """
    for batch, numbers in ((VICTIM, (1,)), (BATCH, (1, 2, 3))):
        yield _specify(home, batch)
        for number in numbers:
            yield _plan(batch, number)
            yield from _run(batch, number, 1, offset_s)
        yield _compact(batch)
    yield from _run(BATCH, 3, 2, offset_s)
    yield _plan(BATCH, 4)
    yield _plan(BATCH, 5)
    yield from _run(BATCH, 4, 1, offset_s)
    yield from _run(BATCH, 5, 1, offset_s)
    yield _compact(BATCH)
    yield from _run(BATCH, 5, 2, offset_s)  # the first attempt of number 5 has failed
    yield _edit(EditAction.LABEL, (trial_id(BATCH, 1), BATCH), "first", 1.0)
    yield _edit(EditAction.TAG, (trial_id(BATCH, PURGED), trial_id(BATCH, 3)), "t", 2.0)
    yield _edit(EditAction.DELETE, (VICTIM, trial_id(BATCH, 1)), "", 3.0)
    yield _edit(EditAction.DELETE, (trial_id(BATCH, PURGED),), "", 4.0)
    yield _purge(trial_id(BATCH, PURGED))
    yield _purge(VICTIM)
    yield _edit(EditAction.RESTORE, (trial_id(BATCH, 1),), "", 5.0)
    yield _end(BATCH)
    yield _compact(BATCH)


def _specify(home: Path, batch: str) -> Step:
    spec = make_spec(home, batch, 5, created=_BEGAN)
    return Step(["batch", batch, 0], lambda store: store.put_batch(spec))


def _plan(batch: str, number: int) -> Step:
    def do(store: Store) -> None:
        if number not in {one.number for one in store.plan(batch)}:
            store.put_plan(batch, make_plan([number]))

    return Step(["plan", batch, [number]], do)


def _run(batch: str, number: int, attempt: int, offset_s: Callable[[], float]) -> Iterator[Step]:
    times = Attempt(_BEGAN + offset_s(), _BEGAN + offset_s())
    yield Step(
        ["start", batch, number, attempt],
        lambda store: store.start_trial(batch, number, attempt=attempt, started=times.started),
    )
    record, series = make_record(batch, number, attempt, times)

    def publish(store: Store) -> None:
        with store.lease(batch):
            store.publish(record, series)
            store.index_records([record])

    yield Step(["publish", batch, number, attempt, *times], publish)


def _compact(batch: str) -> Step:
    def do(store: Store) -> None:
        store.compact(batch)
        store.list_runs()

    return Step(["compact", batch], do)


def _edit(action: EditAction, runs: tuple[str, ...], value: str, time: float) -> Step:
    edit = Edit(action=action, runs=runs, value=value, time=time)
    event: Event = ["edit", str(action), list(runs), value, time, f"{action}{time}"]
    return Step(event, lambda store: store.add_edit(edit))


def _purge(run: str) -> Step:
    return Step(["purge", [run]], lambda store: store.purge([run]))


def _end(batch: str) -> Step:
    return Step(
        ["end", batch, 0],
        lambda store: store.put_end(batch, generation=0, reason="", stopped=_BEGAN),
    )


def wild_clock(chance: random.Random) -> Callable[[], float]:
    """Return a clock's error, which is another one whenever it is asked for: up to ten days."""
    return lambda: chance.uniform(-864_000, 864_000)
