"""Loss of power: a life is recorded, kills within it too, and cut at every kind of moment.

After each cut the store has to be what was acknowledged, however often it is recovered.
"""

import gc
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.torture.calls import WRITING, Call, intercept
from tests.torture.campaign import Outcome
from tests.torture.disk import Chance, Disk, Recorder
from tests.torture.invariants import check
from tests.torture.ledger import Event, Ledger
from tests.torture.processes import in_child
from tests.torture.session import life, wild_clock
from tunesmith.storage.objects.publishing import BEST, PublishMethod
from tunesmith.storage.store import Store

_CUTS_A_LIFE = 30


class Killed(BaseException):
    """The process is dead: no cleaning up of its own reaches the disk."""


class Mortal:
    """Records calls, and dies at one of them; until it is born again nothing is done any more."""

    def __init__(self, recorder: Recorder, at: int) -> None:
        self._recorder = recorder
        self.left = at
        self.is_dead = False

    def __call__(
        self, name: str, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.left -= 1
        if self.left == 0:
            self.is_dead = True
        if self.is_dead:
            raise Killed
        return self._recorder(name, call, args, kwargs)


class NotedLedger(Ledger):
    """A ledger that writes into the record, too, what it is told."""

    disk: Disk

    def note(self, phase: str, event: Event) -> None:
        self.disk.note((phase, event))
        super().note(phase, event)


class PowerCuts:
    """A loss of power between any two calls, of which only what was synchronized survives."""

    name = "power cuts"
    unit = "cuts"

    def __init__(self, most: int) -> None:
        self._n_cuts = min(_CUTS_A_LIFE, most)

    def run_round(self, seed: int, folder: Path) -> Outcome:
        """Record one life, and lose power in it many times."""
        plain = in_child(lambda: _cut(random.Random(seed), folder, self._n_cuts), timeout_s=600)
        return Outcome(attacks=plain[0], steps=plain[1], acknowledged=plain[2], broken=plain[3])


def _cut(chance: random.Random, folder: Path, n: int) -> list[Any]:
    (folder / "recorded").mkdir()
    is_killed = chance.random() < 0.5
    ledger, disk = record_life(folder / "recorded", chance, is_killed=is_killed)
    broken: list[str] = []
    n_cuts = 0
    moments = _moments(disk, chance, n)
    for moment in moments:
        n_cuts += 1
        place = folder / "cut"
        place.mkdir()
        state = disk.state(moment, Chance(chance))
        state.write(place)
        known = _known_at(disk, moment)
        broken += [f"{line} [cut at {moment}]" for line in _check(place / ".tunesmith", known)]
        if broken:
            break
        shutil.rmtree(place)
    counts = ledger.counts
    return [n_cuts, sum(counts.values()), counts["publish"], broken]


def record_life(folder: Path, chance: random.Random, *, is_killed: bool) -> tuple[Ledger, Disk]:
    """Record a life, in which the process is killed now and then and begins again.

    Return the ledger and the record.
    """
    disk = Disk()
    disk.mount(folder)
    mortal = Mortal(Recorder(disk), at=chance.randrange(1, 80) if is_killed else -1)
    intercept(mortal, WRITING, with_files=True)
    method = max(BEST, chance.choice([PublishMethod.UNNAMED, *PublishMethod]))
    ledger = NotedLedger()
    ledger.disk = disk
    home = folder / ".tunesmith"
    for step in life(home, offset_s=wild_clock(chance)):
        while True:
            try:
                step.take(home, ledger, method=method)
                break
            except Killed:
                _close_all(home)
                mortal.is_dead, mortal.left = False, chance.randrange(1, 200)
    mortal.left = -1
    return ledger, disk


def _close_all(home: Path) -> None:
    """Close what the dead process had open, as the kernel does: locks go with it."""
    gc.collect()
    for entry in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):
            if entry.readlink().is_relative_to(home):
                os.close(int(entry.name))


def _moments(disk: Disk, chance: random.Random, n: int) -> list[int]:
    """Return moments of the record: any, and those at which something is at stake.

    That is just after an acknowledgement, which has to hold, and just before the name of a table
    comes or goes.
    """
    acknowledged, at_stake = [], []
    for place, (kind, what) in enumerate(disk.log):
        if kind == "note" and what[0] == "done":
            acknowledged.append(place + 1)
        elif kind == "change" and what[0].name.endswith(".parquet"):
            at_stake.append(place)
    third = n // 3
    anywhere = [chance.randrange(len(disk.log) + 1) for _ in range(n - 2 * third)]
    return anywhere + chance.choices(acknowledged, k=third) + chance.sample(at_stake, third)


def _known_at(disk: Disk, moment: int) -> Ledger:
    ledger = Ledger()
    for kind, what in disk.log[:moment]:
        if kind == "note":
            ledger.note(*what)
    return ledger


def _check(home: Path, known: Ledger) -> list[str]:
    if not (home / "STORE.json").exists():
        return ["readable: the store is gone"] if sum(known.counts.values()) else []
    store = Store.create(home)
    return check(store, known, has_lost_power=True, has_drafts=True)
