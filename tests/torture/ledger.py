"""What was tried on a store and what was acknowledged, and the values that have to be there.

Every value of a trial follows from its batch, number and attempt, so that whoever checks the store
knows it without having been told.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.flags.definition import FlagSource, ScriptFlags
from tunesmith.flags.settings import Distribution
from tunesmith.flags.values import FlagValue
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, trial_id

Event = list[object]
"""One step, as plain JSON: what it is, then whose."""


class Attempt(NamedTuple):
    """When an attempt started and stopped, by a clock that nobody can trust."""

    started: float
    stopped: float


@dataclass(slots=True)
class Ledger:
    """Steps that were begun, and steps that had returned before the attack."""

    specs: set[tuple[str, int]] = field(default_factory=set)
    """Batches and generations of which the specification was acknowledged."""
    ends: set[tuple[str, int]] = field(default_factory=set)
    planned: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    proposed: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """What may be planned: also what was begun."""
    started: dict[tuple[str, int], int] = field(default_factory=dict)
    begun: dict[tuple[str, int], dict[int, Attempt]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    finished: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    edits: dict[str, Edit] = field(default_factory=dict)
    """By their keys, those that were begun."""
    edited: set[str] = field(default_factory=set)
    """The keys of those that were acknowledged."""
    doomed: set[str] = field(default_factory=set)
    """Runs of which the purge was begun: they may be gone, as a whole or in part."""
    purged: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Acknowledged steps by kind."""

    def note(self, phase: str, event: Event) -> None:
        """Take down that a step has begun, or that it is acknowledged."""
        kind, *rest = event
        is_done = phase == "done"
        if is_done:
            self.counts[str(kind)] += 1
        getattr(self, f"_{kind}")(is_done, *rest)

    def _batch(self, is_done: bool, batch: str, generation: int) -> None:
        if is_done:
            self.specs.add((batch, generation))

    def _end(self, is_done: bool, batch: str, generation: int) -> None:
        if is_done:
            self.ends.add((batch, generation))

    def _plan(self, is_done: bool, batch: str, numbers: list[int]) -> None:
        (self.planned if is_done else self.proposed)[batch].update(numbers)

    def _start(self, is_done: bool, batch: str, number: int, attempt: int) -> None:
        if is_done:
            self.started[batch, number] = attempt

    def _publish(
        self,
        is_done: bool,
        batch: str,
        number: int,
        attempt: int,
        started: float,
        stopped: float,
    ) -> None:
        if is_done:
            self.finished[batch, number].add(attempt)
        else:
            self.begun[batch, number][attempt] = Attempt(started, stopped)

    def _edit(
        self, is_done: bool, action: str, runs: list[str], value: str, time: float, key: str
    ) -> None:
        if is_done:
            self.edited.add(key)
        else:
            self.edits[key] = Edit(
                action=EditAction(action), runs=tuple(runs), value=value, time=time
            )

    def _purge(self, is_done: bool, runs: list[str]) -> None:
        (self.purged if is_done else self.doomed).update(runs)

    def _compact(self, is_done: bool, batch: str) -> None:
        """Compaction changes nothing that anybody may see."""

    def _carry(self, is_done: bool, path: str) -> None:
        """So does an export."""

    @property
    def batches(self) -> set[str]:
        """The batches of which a specification was acknowledged, and no purge begun."""
        return {batch for batch, _ in self.specs} - self.doomed

    @property
    def n_finished(self) -> int:
        """The number of acknowledged trials that nobody has tried to purge."""
        return sum(not self.is_doomed(batch, number) for batch, number in self.finished)

    def is_doomed(self, batch: str, number: int) -> bool:
        """Return whether a trial may be gone, since its purge was begun."""
        return batch in self.doomed or trial_id(batch, number) in self.doomed


def make_record(
    batch: str, number: int, attempt: int, times: Attempt
) -> tuple[TrialRecord, list[ScalarSeries]]:
    """Return what an attempt of a trial reports: some fail at first, some say much."""
    chance = random.Random(f"{batch}{number}{attempt}")
    series = [_make_series(chance, tag) for tag in ("loss", "val/acc")[: chance.randrange(3)]]
    has_failed = attempt == 1 and number % 5 == 0
    loss = next((one.values[-1] for one in series if one.tag == "loss"), None)
    record = TrialRecord(
        id=trial_id(batch, number),
        batch=batch,
        number=number,
        attempt=attempt,
        operation="train.py",
        script="train.py",
        status=TrialStatus.ERROR if has_failed else TrialStatus.COMPLETED,
        exit_code=3 if has_failed else 0,
        started=times.started,
        stopped=times.stopped,
        seconds=chance.random(),
        cpu_seconds=chance.random(),
        max_rss_bytes=chance.randrange(2**40),
        host="host",
        command=f"python train.py --number {number}",
        origin="random",
        objective=loss,
        flags=make_flags(number),
        scalars={one.tag: ScalarSummary.from_series(one) for one in series},
    )
    return record, series


def make_flags(number: int) -> dict[str, FlagValue]:
    """Return the flags that a trial of any batch has: one that has every type in turn."""
    odd: tuple[FlagValue, ...] = (number, number / 7, f"ü{number}", number % 2 == 0, None)
    return {"name": "adam", "odd": odd[number % len(odd)], "x": number / 3}


def make_plan(numbers: Iterable[int]) -> list[PlannedTrial]:
    """Return the proposal of some trials."""
    return [
        PlannedTrial(number=number, flags=make_flags(number), origin="random")
        for number in numbers
    ]


def make_spec(home: Path, batch: str, n_trials: int, *, created: float) -> BatchSpec:
    """Return the first specification of a random search."""
    return BatchSpec(
        id=batch,
        project=str(home.parent),
        script="train.py",
        operation="train.py",
        script_flags=ScriptFlags(source=FlagSource.GLOBALS, definitions=()),
        settings={"x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")},
        optimizer=OptimizerSpec(name="random"),
        n_trials=n_trials,
        n_first_trials=n_trials,
        created=created,
    )


def _make_series(chance: random.Random, tag: str) -> ScalarSeries:
    n_points = chance.randrange(1, 30)
    odd = (math.nan, math.inf, -math.inf, 0.1)
    return ScalarSeries(
        tag=tag,
        steps=tuple(range(n_points)),
        values=tuple(
            chance.choice(odd) if chance.random() < 0.1 else chance.gauss(0, 1)
            for _ in range(n_points)
        ),
        times=tuple(1_700_000_000 + chance.random() for _ in range(n_points)),
    )
