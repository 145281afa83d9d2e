"""Damaged files of every kind: cut off, changed, empty, garbage, a folder in their place, locked.

RunList never fails, says so once, and shows everything that lies in other files.
"""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.torture.campaign import Outcome, promise_of
from tests.torture.ledger import Attempt, make_plan, make_record, make_spec
from tests.torture.processes import in_child
from tunesmith.errors import TunesmithError
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import trial_id

KINDS = (
    "batches/*.json",
    "batches/*.end.json",
    "plan/*",
    "parts/*/*",
    "runs/*",
    "series/*",
    "edits/*",
    "cache/index-v1.sqlite",
    "trials/*/*/.run/started.json",
    "leases/*",
    "STORE.json",
)
"""Every kind of file that the store itself reads."""
_DAMAGES_A_ROUND = 22
_WHOLE, _HIT = "a" * 32, "b" * 32
"""Two batches: one that is never touched, and one whose files are damaged."""


class Damage:
    """One file of a store is not what was written."""

    name = "damage"
    unit = "damages"

    def __init__(self, most: int) -> None:
        self._n_damages = min(_DAMAGES_A_ROUND, most)

    def run_round(self, seed: int, folder: Path) -> Outcome:
        """Make a store, and damage one file of it at a time, in a copy."""
        plain = in_child(lambda: _run(random.Random(seed), folder, self._n_damages), timeout_s=600)
        return Outcome(attacks=plain[0], steps=plain[1], acknowledged=plain[2], broken=plain[3])


def _run(chance: random.Random, folder: Path, n: int) -> list[Any]:
    whole = folder / "whole" / ".tunesmith"
    whole.parent.mkdir()
    _make(Store.create(whole))
    broken: list[str] = []
    n_damages = 0
    for place in range(n):
        home = folder / f"{place}" / ".tunesmith"
        shutil.copytree(whole, home)
        path = chance.choice(sorted(home.glob(KINDS[place % len(KINDS)])))
        damage = chance.choice(DAMAGES)
        words = f"[{damage.__name__}: {path.relative_to(home)}]"
        damage(path, chance)
        n_damages += 1
        broken += [f"{line} {words}" for line in _check(home, path)]
        if broken:
            break
        shutil.rmtree(home.parent)
    return [n_damages, 0, 0, broken]


def _make(store: Store) -> None:
    """Write two batches, each with parts, two segments, edits, an end, and a trial that hangs."""
    for batch in (_WHOLE, _HIT):
        store.put_batch(make_spec(store.home, batch, 8, created=1.0))
        store.put_plan(batch, make_plan(range(1, 9)))
        for number in range(1, 8):
            _publish(store, batch, number)
            if number in (2, 4):
                store.compact(batch)
        store.start_trial(batch, 8, attempt=1, started=9.0)
        store.put_end(batch, generation=0, reason="stopped", stopped=10.0)
        store.layout.lease(batch).write_text('{"pid": 1, "host": "gone"}')
    for time, run in enumerate((_WHOLE, _HIT)):
        edit = Edit(action=EditAction.LABEL, runs=(run,), value="kept", time=float(time))
        store.add_edit(edit)
    store.list_runs()


def _publish(store: Store, batch: str, number: int) -> None:
    store.start_trial(batch, number, attempt=1, started=1.0)
    store.publish(*make_record(batch, number, 1, Attempt(float(number), number + 1.0)))


def _check(home: Path, path: Path) -> list[str]:
    """Return which promises do not hold, for readers and for what is done next."""
    kind = path.relative_to(home).parts[0]
    is_gone = not path.is_file()  # something else in its place: as if it had never been there
    broken: list[str] = []
    try:
        store = Store.open(home)
    except TunesmithError:
        return [] if kind == "STORE.json" else ["readable: the store cannot be opened"]
    for name, look in (("records", _records), ("runs", _runs), ("again", _runs)):
        try:
            found = look(store, path)
            broken += [
                f"{one} [{name}]"
                for one in found
                if not (is_gone and promise_of(one) == "reported")
            ]
        except Exception as error:  # noqa: BLE001 -- whatever it is, a reader must not see it
            broken.append(f"readable: {name}: {error!r}")
    broken += _go_on(store)
    return broken


def _records(store: Store, path: Path) -> list[str]:
    reading = store.records()
    broken = _missing({(one.batch, one.number) for one in reading.records}, path)
    if len(reading.warnings) > 1:
        broken.append(f"quiet: {reading.warnings}")
    if len(reading.records) < 14 and not reading.warnings:
        broken.append("reported: rows are missing, and nobody is told")
    return broken


def _runs(store: Store, path: Path) -> list[str]:
    run_list = store.list_runs()
    found = {(one.batch, one.number) for one in run_list.runs if not one.is_batch}
    broken = _missing(found, path)
    other = _HIT if _WHOLE in str(path) else _WHOLE
    labels = [one.label for one in run_list.runs if one.id == other]
    if not labels or (labels != ["kept"] and "edits" not in path.parts):
        broken.append("kept: the other batch is not listed as it is")
    if len(run_list.warnings) > 1:
        broken.append(f"quiet: {run_list.warnings}")
    return broken


def _missing(found: set[tuple[str, int]], path: Path) -> list[str]:
    """Return what is missing, though it lies in no damaged file."""
    lost = {(batch, number) for batch in (_WHOLE, _HIT) for number in range(1, 8)} - found
    most = 1 if "parts" in path.parts else 2 if "runs" in path.parts else 0
    return [f"kept: {sorted(lost)} lie in other files"] if len(lost) > most else []


def _go_on(store: Store) -> list[str]:
    """Compact, publish and purge as if nothing were: what is damaged may not stand in the way."""
    broken = []
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("compact", store.compact_abandoned),
        ("publish", lambda: _publish(store, _HIT, 8)),
        ("purge a trial", lambda: store.purge([trial_id(_HIT, 8)])),
        ("list", lambda: store.list_runs()),
        ("purge a batch", lambda: store.purge([_HIT])),
    )
    for name, step in steps:
        try:
            step()
        except TunesmithError as error:
            if name == "list":
                broken.append(f"readable: {error}")
        except Exception as error:  # noqa: BLE001 -- it is judged by its class
            broken.append(f"explained: {name}: {error!r}")
    return broken


def cut_off(path: Path, chance: random.Random) -> None:
    """Leave the beginning of a file."""
    os.truncate(path, chance.randrange(path.stat().st_size))


def change_bits(path: Path, chance: random.Random) -> None:
    """Change some bits of a file."""
    data = bytearray(path.read_bytes())
    for _ in range(chance.randrange(1, 5)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def empty(path: Path, _: random.Random) -> None:
    """Leave a file without content."""
    os.truncate(path, 0)


def zero(path: Path, _: random.Random) -> None:
    """Leave zeros, as some file systems do after a loss of power."""
    path.write_bytes(bytes(path.stat().st_size))


def replace_by_garbage(path: Path, chance: random.Random) -> None:
    """Write bytes of no meaning."""
    path.write_bytes(chance.randbytes(chance.randrange(1, 3000)))


def replace_by_folder(path: Path, _: random.Random) -> None:
    """Put a folder with something in it in a file's place."""
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("x")


def replace_by_broken_link(path: Path, _: random.Random) -> None:
    """Put a link to nowhere in a file's place."""
    path.unlink()
    path.symlink_to("nowhere")


def lock_up(path: Path, _: random.Random) -> None:
    """Take all permissions away."""
    path.chmod(0)


DAMAGES = (
    cut_off,
    cut_off,
    change_bits,
    change_bits,
    empty,
    zero,
    replace_by_garbage,
    replace_by_folder,
    replace_by_broken_link,
    lock_up,
)
