"""Errors of the operating system and short writes at every call of a whole life of a store.

Whatever fails, the user gets one of Tunesmith's own errors, nothing acknowledged is lost, and once
the disk is well again the same steps lead to the same store.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.torture.calls import READING, WRITING, Call, intercept
from tests.torture.campaign import Outcome
from tests.torture.invariants import check
from tests.torture.ledger import Ledger
from tests.torture.processes import in_child
from tests.torture.session import BATCH, PURGED, life
from tunesmith.errors import TunesmithError
from tunesmith.storage.objects.publishing import BEST, PublishMethod
from tunesmith.storage.store import Store

_ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES, errno.EMFILE)
_KINDS = ("once", "until mended", "short write")
_BROKEN = errno.EIO
"""What can befall a call that only looks."""
_FULL = ("write", "link", "mkdir", "open", "rename", "replace")
"""What a full disk refuses."""
_CALLS_A_ROUND = 5
_STRIDE = 13
"""Seeds that follow one another fail calls that far apart, so that a few see all of a life."""


@dataclass(slots=True)
class Fault:
    """Fails the Nth call; or it and those after it until somebody mends the disk."""

    at: int
    number: int
    kind: str
    n_calls: int = 0
    is_met: bool = False
    is_well: bool = False
    """Nothing fails: the calls are not counted either."""

    def __call__(
        self, name: str, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if self.is_well:
            return call(*args, **kwargs)
        self.n_calls += 1
        is_due = self.n_calls == self.at
        is_ill = self.is_met and self.kind == "until mended" and name in _FULL
        if self.kind == "short write" and name == "write" and self.n_calls >= self.at:
            self.is_met = True
            return call(args[0], bytes(args[1])[: max(1, len(args[1]) // 2)])
        if is_ill or (is_due and self.kind != "short write"):
            self.is_met = True
            number = _BROKEN if name in READING and not is_ill else self.number
            raise OSError(number, os.strerror(number))
        return call(*args, **kwargs)


class Faults:
    """ENOSPC, EIO, EDQUOT, EACCES, EMFILE and short writes at every call."""

    name = "faults"
    unit = "faults"

    def run_round(self, seed: int, folder: Path) -> Outcome:
        """Live one life for each of some calls, in which that call fails."""
        outcome = Outcome()
        for place in range(_CALLS_A_ROUND):
            index = (seed - 1) * _CALLS_A_ROUND + place
            at = 1 + (index * _STRIDE) % _N_CALLS
            number = _ERRORS[(index + index // _N_CALLS) % len(_ERRORS)]
            kind = _KINDS[(index // 3) % len(_KINDS)]
            method = max(BEST, PublishMethod(index % len(PublishMethod)))
            fault = Fault(at=at, number=number, kind=kind)
            home = folder / f"{place}" / ".tunesmith"
            home.parent.mkdir()
            outcome += _outcome(in_child(partial(live, home, fault, method)))
            if outcome.broken:
                break
        return outcome


_N_CALLS = 1500
"""Calls that a life takes, a little more than there are."""


def live(home: Path, fault: Fault, method: PublishMethod) -> list[Any]:
    """Return what came of a life with a fault: attacks, steps, attempts, broken promises."""
    intercept(fault, (*WRITING, *READING), with_files=True)
    ledger, broken = Ledger(), []
    for step in life(home):
        take = partial(step.take, home, ledger, method=method)
        error = _attempt(take)
        if fault.is_met:
            fault.is_well = True
        if error is None:
            continue
        if not isinstance(error, TunesmithError):
            broken.append(f"explained: {step.event[0]}: {error!r} at call {fault.at}")
        broken += _check(home, ledger)
        second = _attempt(take)
        if second is not None:
            broken.append(f"mended: {step.event[0]} fails again: {second!r}, {fault}")
    fault.is_well = True
    broken += _check(home, ledger) + _check_end(home)
    tag = f" [{fault.kind} {errno.errorcode[fault.number]} at call {fault.at}]"
    counts = ledger.counts
    return [int(fault.is_met), sum(counts.values()), counts["publish"], [b + tag for b in broken]]


def _attempt(do: Callable[[], None]) -> Exception | None:
    try:
        do()
    except Exception as error:  # noqa: BLE001 -- it is judged by its class
        return error
    return None


def _check(home: Path, ledger: Ledger) -> list[str]:
    if not (home / "STORE.json").exists() and not sum(ledger.counts.values()):
        return []
    return check(Store.open(home), ledger)


def _check_end(home: Path) -> list[str]:
    """After the last step it is as if nothing had ever failed."""
    store = Store.open(home)
    found = [(one.number, one.attempt) for one in store.records().records]
    planned = [one.number for one in store.plan(BATCH)]
    expected = [(1, 1), (3, 2), (4, 1), (5, 2)]
    if found != expected or PURGED in planned or store.batch_ids() != [BATCH]:
        return [f"mended: the life ended with {found}, {planned}, {store.batch_ids()}"]
    return []


def _outcome(plain: list[Any]) -> Outcome:
    attacks, steps, acknowledged, broken = plain
    return Outcome(attacks=attacks, steps=steps, acknowledged=acknowledged, broken=broken)
