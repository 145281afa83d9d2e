"""What ends a batch before its time, by what a request says of it."""

import math
from collections.abc import Sequence
from dataclasses import replace

from tunesmith.errors import SpecificationError
from tunesmith.request.reading import NONE
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.stopping import ENDS, MAX_COST, MAX_TIME, StoppingSpec
from tunesmith.trial import TrialRecord

_NOTHING = StoppingSpec()


def stop_as(stopping: StoppingSpec | None, request: SweepRequest) -> StoppingSpec | None:
    """Return what ends a batch from now on: as before, but for what the request says.

    Whoever says what a trial has to be worth asks to stop when none is.

    Args:
        stopping: What ended it before; None for nothing.
        request: What was asked for.

    Raises:
        SpecificationError: A number is out of range.
    """
    now = stopping or _NOTHING
    if request.max_time is not None:
        is_none = math.isinf(request.max_time.seconds)
        now = replace(now, max_time=None if is_none else request.max_time)
    if request.target is not None:
        now = replace(now, target=None if request.target == NONE else request.target)
    if request.patience is not None:
        if request.patience < 1:
            raise SpecificationError(
                f"--patience is {request.patience}: expected 1 trial or more, or none"
            )
        is_none = math.isinf(request.patience)
        now = replace(now, patience=None if is_none else int(request.patience))
    if request.worth is not None:
        worth = None if math.isinf(request.worth.amount) else request.worth
        now = replace(now, worth=worth, is_flat=now.is_flat or worth is not None)
    if request.stop_when_flat is not None:
        worth = now.worth if request.stop_when_flat else None
        now = replace(now, is_flat=request.stop_when_flat, worth=worth)
    if request.max_cost is not None:
        is_none = math.isinf(request.max_cost.amount)
        now = replace(now, max_cost=None if is_none else request.max_cost)
    return None if replace(now, n_passed=0) == _NOTHING else now


def going_on(
    before: StoppingSpec | None,
    now: StoppingSpec | None,
    records: Sequence[TrialRecord],
    *,
    ended: str,
) -> StoppingSpec | None:
    """Return the limits of a batch that goes on, though one of them may have ended it.

    The trials so far no longer count for a target, patience or flatness that has ended it; what
    it may cost in all counts them for ever. Other limits than before count all trials anew.

    Args:
        before: The limits until now.
        now: Those from now on.
        records: The latest record of every finished trial.
        ended: How the latest generation ended, as the store has it; empty for not known.
    """
    if now is None or (
        before is not None and replace(before, n_passed=0) != replace(now, n_passed=0)
    ):
        return None if now is None else replace(now, n_passed=0)
    if ended in ENDS and ended not in (MAX_COST, MAX_TIME):
        return replace(now, n_passed=len(records))
    return now
