"""What the processes under attack do: the steps of real commands, by the storage layer's own code.

Each step says what it is about to do, does it, and says that it is done: the parent takes the
second message for the acknowledgement that a user or an optimizer would have got.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.torture.ledger import Attempt, Event, make_plan, make_record, make_spec
from tests.torture.processes import Say
from tunesmith.batch import BatchSpec
from tunesmith.errors import LeaseHeldError, NotFoundError, StoreAccessError
from tunesmith.request.change import change
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.archives.archive import read_archive, write_archive
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialRecord, TrialStatus, trial_id
from tunesmith.workers.task_queue import TaskQueue, open_queue
from tunesmith.workers.tickets import Ticket

N_TRIALS = 24
"""Trials of a batch: few enough that rounds see its end, and what comes after."""
_PROPOSED_AT_ONCE = 6
_CLOCK_JUMPS_S = (0.0, 0.0, 0.0, 86_400.0, -86_400.0, 3e6, -3e6)


@dataclass(slots=True)
class Worker:
    """One process: its store, its luck, and whom it tells."""

    store: Store
    say: Say
    chance: random.Random
    has_wild_clock: bool = False
    _offset_s: float = 0.0
    _n_edits: int = 0

    def step(self, event: Event, do: Callable[[], Any]) -> Any:
        """Do something and acknowledge it."""
        self.say("begin", *event)
        result = do()
        self.say("done", *event)
        return result

    def now(self) -> float:
        """Return the time by a clock that may have been set since the last look."""
        if self.has_wild_clock:
            self._offset_s = self.chance.choice(_CLOCK_JUMPS_S)
        return time.time() + self._offset_s

    def run_batch(self, batch: str, *, n_trials: int = N_TRIALS, is_shared: bool = False) -> None:
        """Begin a batch, or go on with it; do nothing where another process runs it.

        Args:
            batch: Its id.
            n_trials: How many it has.
            is_shared: Whether others take every second trial.
        """
        with suppress(LeaseHeldError), self._held(batch):
            self.run_batch_held(batch, n_trials=n_trials, is_shared=is_shared)

    def run_batch_held(self, batch: str, *, n_trials: int, is_shared: bool = False) -> None:
        """Do the same as ``run_batch``, for somebody who holds the lease."""
        spec = self._next_generation(batch, n_trials)
        with self._meeting(batch, is_shared=is_shared) as meeting:
            self._run_trials(spec, meeting)
        end: Event = ["end", batch, spec.generation]
        self.step(
            end,
            lambda: self.store.put_end(
                batch, generation=spec.generation, reason="", stopped=self.now()
            ),
        )
        self.step(["compact", batch], lambda: self.store.compact(batch))

    @contextmanager
    def _held(self, batch: str) -> Iterator[None]:
        with self.store.lease(batch):
            self.say("held", batch)
            yield
            self.say("released", batch)

    @contextmanager
    def _meeting(self, batch: str, *, is_shared: bool) -> Iterator[TaskQueue | None]:
        if not is_shared:
            yield None
            return
        with open_queue(self.store.layout, batch) as meeting:
            yield meeting

    def _next_generation(self, batch: str, n_trials: int) -> BatchSpec:
        store = self.store
        if batch in store.batch_ids():
            records, planned = store.records(batch).records, store.plan(batch)
            spec = change(
                store.batch(batch),
                SweepRequest(),
                planned=planned,
                records=records,
                now=self.now(),
            )
        else:
            spec = make_spec(store.home, batch, n_trials, created=self.now())
        self.step(["batch", batch, spec.generation], lambda: store.put_batch(spec))
        return spec

    def _run_trials(self, spec: BatchSpec, meeting: TaskQueue | None) -> None:
        """Run what the batch lacks, as ``RecordedTrials`` chooses it, a proposal at a time."""
        batch = spec.id
        recorded = {one.number: one for one in self.store.records(batch).records}
        planned = {one.number for one in self.store.plan(batch)}
        todo = sorted((planned - recorded.keys()) | (recorded.keys() & set(spec.rerun)))
        self.say("todo", batch, todo)
        while todo or len(planned) < (spec.n_trials or 0):
            if not todo:
                first = max(planned, default=0) + 1
                last = min(first + _PROPOSED_AT_ONCE, (spec.n_trials or 0) + 1)
                todo = list(range(first, last))
                self.step(
                    ["plan", batch, todo],
                    partial(self.store.put_plan, batch, make_plan(todo)),
                )
                planned |= set(todo)
            number = todo.pop(0)
            is_sent = meeting is not None and number % 2 == 0 and self._send(meeting, number)
            if not is_sent:
                self.run_trial(batch, number)
            if self.chance.random() < 0.15:
                self.step(["compact", batch], lambda: self.store.compact(batch))

    def run_trial(self, batch: str, number: int) -> str:
        """Run one attempt as ``executor.attempt`` does; return the name of its part."""
        started = self.now()
        attempt = self.next_attempt(batch, number)
        directory = self.step(
            ["start", batch, number, attempt],
            lambda: self.store.start_trial(batch, number, attempt=attempt, started=started),
        )
        (directory / "model.txt").write_text(f"{number}\n")
        record, series = make_record(batch, number, attempt, Attempt(started, self.now()))
        event: Event = ["publish", batch, number, attempt, record.started, record.stopped]
        name = str(self.step(event, lambda: self.store.publish(record, series)))
        self.store.index_records([record])
        return name

    def next_attempt(self, batch: str, number: int) -> int:
        """Return the number of a trial's next attempt."""
        earlier = self.store.start(batch, number)
        return earlier.attempt + 1 if earlier else 1

    def _send(self, meeting: TaskQueue, number: int) -> bool:
        """Let a helper run a trial; return whether one has."""
        ticket = meeting.put_ticket(make_plan([number])[0])
        deadline = time.monotonic() + 0.05
        while True:
            claim = ticket.read_claim()
            if claim is None and time.monotonic() > deadline and ticket.withdraw():
                return False
            if claim is not None and claim.is_finished:
                ticket.discard()
                return True
            if claim is not None and claim.is_dead:
                ticket.discard()
                return False
            time.sleep(0.002)

    def help(self) -> None:
        """Take what drivers hand over, until the end."""
        while True:
            for path in sorted(self.store.home.glob("handover/*/*/*.json")):
                self._help_with(Ticket(path))
            time.sleep(0.002)

    def _help_with(self, ticket: Ticket) -> None:
        with ticket.take() as taken:
            if taken is None:
                return
            try:
                number = ticket.read().number
            except StoreAccessError:  # the driver has gone meanwhile
                return
            part = self.run_trial(ticket.batch, number)
            taken.finish(part=part)

    def compact(self) -> None:
        """Compact whatever there is, as any command may, until the end."""
        while True:
            for batch in self.store.batch_ids():
                self.store.compact(batch)
            self.store.compact_abandoned()

    def read(self) -> None:
        """Look at the store in every way, again and again: it must never go backwards."""
        views = View(self.say, is_purged=self._may_go)
        while True:
            reading = self.store.records()
            views.see("records", _attempts(reading.records))
            views.accept("records", reading.warnings)
            run_list = self.store.list_runs()
            trials = [run for run in run_list.runs if not run.is_batch]
            views.see("runs", {(one.batch, one.id): _progress(one) for one in trials})
            views.accept("runs", run_list.warnings)
            views.accept("latest", self.store.list_latest(5).warnings)
            for batch in self.store.batch_ids()[:1]:
                with suppress(NotFoundError):
                    self.store.series(batch, 1)
            self.say("looked", len(reading.records))

    def _may_go(self, batch: str, run: str) -> bool:
        return batch.startswith("dd") or run == trial_id(batch, DOOMED)

    def edit(self, batches: list[str]) -> None:
        """Label, tag, delete, restore and purge, until the end."""
        while True:
            batch = self.chance.choice(batches)
            run = trial_id(batch, self.chance.randrange(1, N_TRIALS + 1))
            self.edit_once(self.chance.choice(list(EditAction)), [run, batch])
            if self.chance.random() < 0.15:
                self.purge_something(batch)

    def edit_once(self, action: EditAction, runs: list[str]) -> None:
        """Make one edit with a value and a time of its own."""
        self._n_edits += 1
        when = self.now()
        key = f"{self.chance.getrandbits(64):016x}"
        value = "" if action in (EditAction.DELETE, EditAction.RESTORE) else f"v{key}"
        self.step(
            ["edit", str(action), runs, value, when, key],
            lambda: self.store.add_edit(
                Edit(action=action, runs=tuple(runs), value=value, time=when)
            ),
        )

    def purge_something(self, batch: str) -> None:
        """Purge a trial of a batch, or a whole batch that was made to be purged."""
        with suppress(LeaseHeldError):
            if self.chance.random() < 0.5:
                run = trial_id(batch, DOOMED)
                if all(one.number <= DOOMED for one in self.store.plan(batch)):
                    return  # its number, and so its id, would be planned again
                self.step(["purge", [run]], lambda: self.store.purge([run]))
            else:
                victim = f"dd{self.chance.getrandbits(120):030x}"
                self.run_batch(victim, n_trials=4)
                self.edit_once(EditAction.DELETE, [victim])
                self.step(["purge", [victim]], lambda: self.store.purge([victim]))

    def carry(self, folder: Path) -> None:
        """Export everything and import it elsewhere, until the end; what arrives is whole."""
        target = Store.create(folder / "second" / ".tunesmith")
        while True:
            before = _attempts(self.store.records().records)
            path = folder / "all.tar.gz"
            try:
                self.step(["carry", "export"], partial(write_archive, self.store, None, path))
            except StoreAccessError:  # a trial's folder changed meanwhile: it is run again
                continue
            self.step(["carry", "import"], partial(read_archive, path, target))
            after = _attempts(target.records().records)
            for (batch, run), attempt in before.items():
                if not self._may_go(batch, run) and after.get((batch, run), 0) < attempt:
                    self.say("broken", "carried", f"{run} of {batch[:8]} was not carried")


DOOMED = 7
"""The number of the trial that may be purged, in any batch."""


@dataclass(slots=True)
class View:
    """What a reader has seen, by the way it looked."""

    say: Say
    is_purged: Callable[[str, str], bool]
    _seen: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)

    def see(self, way: str, attempts: dict[tuple[str, str], int]) -> None:
        """Compare with what was seen before, in this way."""
        for key, attempt in self._seen.get(way, {}).items():
            if attempts.get(key, 0) < attempt and not self.is_purged(*key):
                now = attempts.get(key)
                self.say("broken", "forwards", f"{way}: {key[1]} attempt {attempt}, then {now}")
        self._seen[way] = attempts

    def accept(self, way: str, warnings: object) -> None:
        """Nothing is damaged, so that no warning is due."""
        if warnings:
            self.say("broken", "quiet", f"{way}: {warnings!s}")


def _attempts(records: tuple[TrialRecord, ...]) -> dict[tuple[str, str], int]:
    return {(one.batch, one.id): one.attempt for one in records}


def _progress(run: Run) -> int:
    """Return what of a run only ever grows: its attempt, and then that it has completed."""
    return 2 * run.attempt + (run.status is TrialStatus.COMPLETED)
