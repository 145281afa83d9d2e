"""SIGKILL at random moments, and at every call: several processes work on one store, and all die.

The store of a round is attacked several times, since what one kill leaves is what the next
process begins with. In the end one process that nobody disturbs finishes every batch.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.calls import DieAt, intercept
from tests.torture.campaign import Outcome
from tests.torture.invariants import check
from tests.torture.ledger import Ledger
from tests.torture.processes import Crew, Say, in_child
from tests.torture.work import N_TRIALS, Worker
from tunesmith.storage.objects.local import LocalObjects
from tunesmith.storage.objects.publishing import BEST, PublishMethod
from tunesmith.storage.store import Store
from tunesmith.trial import TrialStatus

N_STAGES = 9
N_PER_PAIR = 3
"""Stages that begin and go on with the same two batches, before there are new ones."""
N_AT_WORK = 8
_NAMINGS = (
    (BEST, BEST, *PublishMethod) if BEST is PublishMethod.UNNAMED else tuple(PublishMethod)[1:]
)
_LONGEST_S = 0.6
_CALLS = 400
"""Calls of the system that a process makes within a stage, about."""


@dataclass(slots=True)
class Round:
    """One store, and all that was said about it."""

    folder: Path
    chance: random.Random
    method: PublishMethod
    ledger: Ledger = field(default_factory=Ledger)
    outcome: Outcome = field(default_factory=Outcome)
    stage: int = 0
    holders: dict[str, int] = field(default_factory=dict)
    """Who has said last that it holds a batch's lease."""

    @property
    def home(self) -> Path:
        """The store's folder."""
        return self.folder / ".tunesmith"

    @property
    def batches(self) -> list[str]:
        """Two batches; the trials of the second are handed over to others, too."""
        pair = self.stage // N_PER_PAIR
        return [f"aa{pair}".ljust(32, "1"), f"bb{pair}".ljust(32, "2")]

    def open(self) -> Store:
        """Return the store, as a process of its own opens it."""
        store = Store.create(self.home)
        return Store(store.home, LocalObjects(store.home, method=self.method))

    def attack(self) -> None:
        """Let several processes work, kill them all, and check what they leave."""
        crew = Crew()
        for name, work in self._cast():
            self._hire(crew, name, work)
        until = time.monotonic() + self.chance.uniform(0.01, _LONGEST_S)
        for message in crew.hear(until):
            self._take(crew, message)
        order = list(crew.living)
        self.chance.shuffle(order)
        crew.kill(order, [self.chance.choice((0.0, 0.0, 0.005)) for _ in order])
        for message in crew.close():
            self._take(crew, message)
        self.outcome.attacks += crew.n_killed
        self.holders.clear()
        self.check()
        self.stage += 1

    def check(self) -> None:
        """Check every promise, half of the time after the recovery that a batch's end does."""
        self.outcome.broken += in_child(
            lambda: check(
                self.open(), self.ledger, has_drafts=self.method is not PublishMethod.UNNAMED
            )
        )

    def finish(self) -> None:
        """Finish the last batches in peace: exactly what is missing runs, once."""
        self.stage -= 1
        batches = self.batches
        missing = in_child(lambda: {batch: _missing(self.open(), batch) for batch in batches})
        crew = Crew()
        self._hire(crew, "finish", lambda worker: _finish(worker, batches))
        for message in [*crew.hear(time.monotonic() + 60), *crew.close()]:
            if message[1] == "todo" and message[3] != missing.pop(message[2], message[3]):
                self.outcome.broken.append(f"restart: runs {message[3]} of {message[2][:8]}")
            self._take(crew, message)
        self.check()
        self.outcome.broken += in_child(self._unfinished)

    def _unfinished(self) -> list[str]:
        store = self.open()
        broken = []
        for batch in self.batches:
            records = store.records(batch).records
            n_done = sum(one.status is TrialStatus.COMPLETED for one in records)
            if n_done != N_TRIALS or len(records) != N_TRIALS:
                broken.append(f"restart: {batch[:8]} ended with {n_done} of {N_TRIALS} trials")
        return broken

    def _cast(self) -> list[tuple[str, Callable[[Worker], object]]]:
        """Return who works in a stage; two want the same lease."""
        own, shared = self.batches
        others: list[tuple[str, Callable[[Worker], object]]] = [
            ("driver", lambda worker: worker.run_batch(own)),
            ("rival", lambda worker: worker.run_batch(own)),
            ("sharer", lambda worker: worker.run_batch(shared, is_shared=True)),
            ("helper", lambda worker: worker.help()),
            ("compactor", lambda worker: worker.compact()),
            ("second compactor", lambda worker: worker.compact()),
            ("reader", lambda worker: worker.read()),
            ("editor", lambda worker: worker.edit([own, shared])),
            ("carrier", lambda worker: worker.carry(self.folder)),
        ]
        always = others[:1] + others[2:3]
        return always + self.chance.sample(others[1:2] + others[3:], N_AT_WORK - 2)

    def _hire(self, crew: Crew, name: str, work: Callable[[Worker], object]) -> None:
        is_counting = name != "finish" and self.chance.random() < 0.5
        at, is_before = self.chance.randrange(1, _CALLS), self.chance.random() < 0.5
        seed, has_wild_clock = self.chance.random(), self.chance.random() < 0.3

        def run(say: Say) -> None:
            store = self.open()
            if is_counting:
                intercept(DieAt(at, is_before=is_before))
            work(Worker(store, say, random.Random(seed), has_wild_clock=has_wild_clock))

        crew.hire(name, run)

    def _take(self, crew: Crew, message: list[object]) -> None:
        process, kind, *rest = message
        if kind in ("begin", "done"):
            self.ledger.note(str(kind), rest)
        elif kind == "broken":
            self.outcome.broken.append(": ".join(map(str, rest)))
        elif kind == "failed":
            self.outcome.broken.append(f"explained: {rest[0]} raised {rest[1]}")
        elif kind == "held":
            self._check_holder(crew, int(str(process)), str(rest[0]))
        elif kind == "released":
            self.holders.pop(str(rest[0]), None)

    def _check_holder(self, crew: Crew, process: int, batch: str) -> None:
        earlier = self.holders.get(batch)
        if earlier is not None and not crew.has_ended(earlier):
            self.outcome.broken.append(f"alone: two processes hold the lease of {batch[:8]}")
        self.holders[batch] = process


def _finish(worker: Worker, batches: list[str]) -> None:
    """Go on with each batch, then once more: trials that have failed at first succeed then."""
    for batch in batches:
        worker.run_batch(batch)
        worker.run_batch(batch)


def _missing(store: Store, batch: str) -> list[int]:
    """Return the numbers that a restart has to run: planned, and not completed."""
    completed = {
        one.number for one in store.records(batch).records if one.status is TrialStatus.COMPLETED
    }
    return sorted({one.number for one in store.plan(batch)} - completed)


class Kills:
    """SIGKILL of processes that publish, compact, edit, purge, read and carry."""

    name = "kill -9"
    unit = "kills"

    def __init__(self, most: int) -> None:
        self._n_stages = min(N_STAGES, -(-most // N_AT_WORK))

    def run_round(self, seed: int, folder: Path) -> Outcome:
        """Attack one store several times, then finish its batches."""
        chance = random.Random(seed)
        one = Round(folder, chance, method=_NAMINGS[seed % len(_NAMINGS)])
        for _ in range(self._n_stages):
            one.attack()
            if one.outcome.broken:
                break
        else:
            one.finish()
        one.outcome.count(one.ledger)
        return one.outcome
