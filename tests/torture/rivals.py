"""Restarts of one batch at the same moment: one gets the lease, the others are told who has it."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.torture.campaign import Outcome
from tests.torture.invariants import check
from tests.torture.ledger import Ledger
from tests.torture.processes import Crew, Say, in_child
from tests.torture.work import Worker
from tunesmith.errors import LeaseHeldError
from tunesmith.storage.store import Store

BATCH = "e" * 32
_N_RIVALS = 3
_N_RACES = 8


class Rivals:
    """Several processes that want to run one batch at once."""

    name = "rivals"
    unit = "races"

    def run_round(self, seed: int, folder: Path) -> Outcome:
        """Let several processes start one batch, again and again."""
        chance, home, ledger = random.Random(seed), folder / ".tunesmith", Ledger()
        in_child(lambda: Store.create(home) and None)
        outcome = Outcome()
        for _ in range(_N_RACES):
            outcome.broken += _race(home, ledger, chance)
            outcome.broken += in_child(lambda: check(Store.open(home), ledger))
            outcome.attacks += 1
        outcome.count(ledger)
        return outcome


def _race(home: Path, ledger: Ledger, chance: random.Random) -> list[str]:
    crew = Crew()
    start = time.monotonic() + 0.05
    n_trials, seed = chance.randrange(2, 5), chance.random()

    def run(say: Say) -> None:
        store = Store.open(home)
        time.sleep(max(0.0, start - time.monotonic()))
        worker = Worker(store, say, random.Random(seed))
        try:
            with store.lease(BATCH):
                say("won", BATCH)
                worker.run_batch_held(BATCH, n_trials=n_trials)
                say("ended", BATCH)
        except LeaseHeldError as error:
            say("lost", str(error))

    for place in range(_N_RIVALS):
        crew.hire(f"rival {place}", run)
    referee = Referee(ledger)
    for process, kind, *rest in [*crew.hear(time.monotonic() + 60), *crew.close()]:
        referee.hear(process, kind, rest)
    if referee.n_told != _N_RIVALS:
        referee.broken.append(f"alone: {referee.n_told} of {_N_RIVALS} were told whether they may")
    return referee.broken


@dataclass(slots=True)
class Referee:
    """Watches that only the winner of a race works on the batch."""

    ledger: Ledger
    broken: list[str] = field(default_factory=list)
    n_told: int = 0
    _holder: int | None = None

    def hear(self, process: int, kind: str, rest: list[Any]) -> None:
        """Judge one message."""
        if kind in ("begin", "done"):
            self.ledger.note(kind, rest)
            if process != self._holder:
                self.broken.append("alone: a process works on a batch that another one holds")
        elif kind == "won":
            if self._holder is not None:
                self.broken.append("alone: two processes hold one lease")
            self._holder = process
        elif kind == "ended":
            self._holder = None
        elif kind == "failed":
            self.broken.append(f"explained: {rest}")
        self.n_told += kind in ("won", "lost")
