"""The JSON form of what ends a batch before its time."""

import math
from collections.abc import Mapping
from typing import Any

from tunesmith.stopping import MaxCost, MaxTime, StoppingSpec, Worth


def stopping_to_plain(stopping: StoppingSpec) -> dict[str, Any]:
    """Return limits as plain JSON, without those that are not set."""
    plain: dict[str, Any] = {
        "target": stopping.target,
        "patience": stopping.patience,
        "is_flat": stopping.is_flat,
        "n_passed": stopping.n_passed,
    }
    if stopping.max_time is not None:
        plain["max_time_s"] = stopping.max_time.seconds
        plain["is_ending"] = stopping.max_time.is_ending
    if stopping.worth is not None:
        plain["worth"] = {"amount": stopping.worth.amount, "per": stopping.worth.per}
    if stopping.max_cost is not None:
        plain["max_cost"] = {
            "column": str(stopping.max_cost.column),
            "amount": stopping.max_cost.amount,
        }
    return {name: value for name, value in plain.items() if value not in (None, False, 0)}


def stopping_from_plain(plain: Mapping[str, Any] | None) -> StoppingSpec | None:
    """Return what ``stopping_to_plain`` wrote; None where there is none.

    Raises:
        TypeError, ValueError, KeyError, TunesmithError: It is something else.
    """
    if plain is None:
        return None
    fields: dict[str, Any] = {
        name: plain[name]
        for name in ("target", "patience", "is_flat", "n_passed")
        if name in plain
    }
    if "max_time_s" in plain:
        seconds = float(plain["max_time_s"])
        if not 0 < seconds < math.inf:
            raise ValueError(f"a sitting of {seconds} seconds")
        is_ending = bool(plain.get("is_ending", False))
        fields["max_time"] = MaxTime(seconds=seconds, is_ending=is_ending)
    if "worth" in plain:
        worth = plain["worth"]
        fields["worth"] = Worth.from_text(f"{float(worth['amount'])!r} per {worth['per']}")
    if "max_cost" in plain:
        cost = plain["max_cost"]
        fields["max_cost"] = MaxCost.from_text(f"{cost['column']} {float(cost['amount'])!r}")
    return StoppingSpec(**fields)
