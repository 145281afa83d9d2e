"""What the attacks have in common: rounds that a seed repeats, and counts of what came of them."""

import json
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from tests.torture.ledger import Ledger


@dataclass(slots=True)
class Outcome:
    """What came of one round."""

    attacks: int = 0
    """Kills, cuts, faults, damages or races: whatever the attack is named for."""
    steps: int = 0
    """Acknowledged steps of any kind."""
    acknowledged: int = 0
    """Acknowledged attempts of trials."""
    broken: list[str] = field(default_factory=list)
    """Promises that did not hold, one line each."""

    def count(self, ledger: Ledger) -> None:
        """Add what a ledger has seen acknowledged."""
        self.steps += sum(ledger.counts.values())
        self.acknowledged += ledger.counts["publish"]

    def __iadd__(self, other: "Outcome") -> "Outcome":
        """Add another round's."""
        self.attacks += other.attacks
        self.steps += other.steps
        self.acknowledged += other.acknowledged
        self.broken += other.broken
        return self


Round = Callable[[int, Path], Outcome]
"""Attacks a store in an empty folder, all its luck from a seed."""


class Attack(Protocol):
    """One way to attack a store."""

    name: str
    unit: str
    """What is counted, in the plural."""

    def run_round(self, seed: int, folder: Path) -> Outcome:
        """Attack a new store in an empty folder; all luck comes from the seed."""
        ...


@dataclass(slots=True)
class Row:
    """One attack's counts."""

    name: str
    unit: str
    outcome: Outcome = field(default_factory=Outcome)
    rounds: int = 0
    seconds: float = 0.0
    failed: list[tuple[int, Path]] = field(default_factory=list)
    """Seeds of rounds that broke a promise, each with the folder that was left."""

    @property
    def broken(self) -> Counter[str]:
        """How often each promise was broken, by its name."""
        return Counter(promise_of(line) for line in self.outcome.broken)


def promise_of(line: str) -> str:
    """Return the name of the promise that a line says is broken."""
    words = line.split(": ")
    return words[1] if words[0] in ("found", "recovered") else words[0]


def run_rounds(
    attack: Attack, seed: int, *, goal: int, deadline: float, folder: Path, row: Row
) -> None:
    """Attack with the seeds from one on until a number of attacks, or until a moment."""
    while row.outcome.attacks < goal and time.monotonic() < deadline:
        round_seed = seed + row.rounds
        place = folder / f"{attack.name.replace(' ', '-')}-{round_seed}"
        place.mkdir(parents=True)
        began = time.monotonic()
        try:
            outcome = attack.run_round(round_seed, place)
        except Exception:  # noqa: BLE001 -- a round that does not end well has failed
            outcome = Outcome(broken=[f"campaign: {traceback.format_exc()}"])
        row.seconds += time.monotonic() - began
        row.rounds += 1
        row.outcome += outcome
        if outcome.broken:
            row.failed.append((round_seed, place))
            _report(attack, round_seed, place, outcome)
            if len(row.failed) >= _MOST_FAILED:
                return
        else:
            shutil.rmtree(place)


_MOST_FAILED = 5
"""Failed rounds after which an attack ends: more of them say nothing new."""


def _report(attack: Attack, seed: int, place: Path, outcome: Outcome) -> None:
    (place / "broken.txt").write_text("\n".join(outcome.broken) + "\n")
    for line in outcome.broken[:5]:
        print(f"{attack.name}, seed {seed}: {line}", file=sys.stderr)
    print(f"the store is left in {place}", file=sys.stderr, flush=True)


def table(rows: list[Row]) -> str:
    """Return the counts as a Markdown table."""
    head = ["attack", "rounds", "attacks", "acknowledged trials", "steps", "lost"]
    head += ["twice", "wrong", "unreadable", "other", "seconds"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for row in rows:
        broken = row.broken
        named = [broken["kept"], broken["once"] + broken["compacted"], broken["exact"]]
        named += [broken["readable"]]
        one = row.outcome
        cells: list[object] = [row.name, row.rounds, f"{one.attacks:,} {row.unit}"]
        cells += [f"{one.acknowledged:,}", f"{one.steps:,}", *named]
        cells += [broken.total() - sum(named), f"{row.seconds:.0f}"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def save(path: Path, rows: list[Row]) -> None:
    """Write the counts as JSON."""
    plain = [
        {
            "name": row.name,
            "rounds": row.rounds,
            "seconds": row.seconds,
            "seeds": [s for s, _ in row.failed],
            **asdict(row.outcome),
        }
        for row in rows
    ]
    path.write_text(json.dumps(plain, indent=1))
