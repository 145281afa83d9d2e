"""When a batch ends before it has run all its trials, and nothing is wrong with it."""

import math
import re
from dataclasses import dataclass

from tunesmith.durations import parse_duration
from tunesmith.errors import SpecificationError
from tunesmith.scalar import ScalarColumn

TARGET = "target"
PATIENCE = "patience"
FLAT = "flat"
MAX_COST = "max-cost"
MAX_TIME = "max-time"
ENDS = (TARGET, PATIENCE, FLAT, MAX_COST, MAX_TIME)
"""What is recorded of a batch that one of its limits ended, which has completed by that."""

TIME_OVER = "the time of the batch was over"
"""The reason of a trial that ``--max-time 2h!`` ended while it ran."""

NO_LIMIT = "none"
"""What is typed to take a limit away."""
MAX_FLAT = 3
"""Objectives of which it can be told that no trial is expected to gain anything."""
_UNITS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_WORTH = re.compile(r"(\S+)\s+(?:per|a|an|/)\s*(trial|second|minute|hour|day)s?")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxTime:
    """How long a sitting of a batch may last: a start or a restart of it."""

    seconds: float
    """Infinity for no limit."""
    is_ending: bool = False
    """Whether trials that run by then are ended; else they finish."""

    def __str__(self) -> str:
        """Return it as it is typed."""
        if math.isinf(self.seconds):
            return NO_LIMIT
        return format_seconds(self.seconds) + ("!" if self.is_ending else "")

    @classmethod
    def from_text(cls, text: str) -> "MaxTime":
        """Return the limit of a string such as ``2h``, or ``2h!``.

        Raises:
            SpecificationError: It is no duration.
        """
        text = text.strip()
        seconds = parse_duration(text.removesuffix("!"))
        return cls(seconds=seconds, is_ending=text.endswith("!"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What an improvement of the objective has to be for a trial to be worth it."""

    amount: float
    """In the objective's unit, more than 0."""
    per: str = "trial"
    """``trial``, ``second``, ``minute``, ``hour`` or ``day``."""

    def __str__(self) -> str:
        """Return it as it is typed."""
        return NO_LIMIT if math.isinf(self.amount) else f"{_exact(self.amount)} per {self.per}"

    @classmethod
    def from_text(cls, text: str) -> "Worth":
        """Return the worth of a string such as ``0.001 per minute``.

        Raises:
            SpecificationError: It is none.
        """
        found = _WORTH.fullmatch(text.strip().lower())
        amount = _positive(found[1]) if found else None
        if found is None or amount is None:
            raise SpecificationError(
                f"{text!r} is not what a trial has to gain: write a number of the objective's "
                "unit, as in '0.001 per minute' or '0.01 per trial'"
            )
        return cls(amount=amount, per=found[2])

    def of_trial(self, seconds: float | None) -> float:
        """Return what a trial has to gain that takes so many seconds; None for not known."""
        if self.per == "trial":
            return self.amount
        return self.amount * (seconds or 0.0) / _UNITS[self.per]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxCost:
    """What the trials of a batch may cost in all."""

    column: ScalarColumn
    """The scalar that is summed over the trials."""
    amount: float
    """Infinity for no limit."""

    def __str__(self) -> str:
        """Return it as it is typed."""
        return NO_LIMIT if math.isinf(self.amount) else f"{self.column} {_exact(self.amount)}"

    @classmethod
    def from_text(cls, text: str) -> "MaxCost":
        """Return the limit of a string such as ``dollars 20``.

        Raises:
            SpecificationError: It names no scalar, or no positive number.
        """
        name, _, number = text.strip().rpartition(" ")
        amount = _positive(number)
        if not name.strip() or amount is None:
            raise SpecificationError(
                f"{text!r} is not a limit of costs: write the scalar and the number that its sum "
                "may reach, as in 'dollars 20'"
            )
        return cls(column=ScalarColumn.from_text(name), amount=amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingSpec:
    """What ends a batch before its time; each field that is None or False ends none."""

    max_time: MaxTime | None = None
    target: str | None = None
    """A condition on a completed trial, in the language of ``--filter``."""
    patience: int | None = None
    """How many trials in a row may end without a better result."""
    is_flat: bool = False
    """Whether a batch ends whose next trials are expected to gain nothing that can be told."""
    worth: Worth | None = None
    """What a trial has to gain instead; None for more than the noise."""
    max_cost: MaxCost | None = None
    n_passed: int = 0
    """How many trials had ended when the batch was last restarted after one of these had ended
    it: target, patience and flat look at later ones."""

    def check_flat(self, *, n_objectives: int) -> None:
        """Check that it can be told whether a search of so many objectives is flat.

        Raises:
            SpecificationError: They are too many.
        """
        if n_objectives > 1 and self.worth is not None:
            raise SpecificationError(
                f"--worth {str(self.worth)!r} is a gain of one objective, and there are "
                f"{n_objectives}: take --stop-when-flat, which looks at the volume of the front"
            )
        if n_objectives > MAX_FLAT:
            raise SpecificationError(
                f"--stop-when-flat looks at {MAX_FLAT} objectives at most, and there are "
                f"{n_objectives}: take --patience, which waits for another trial on the front"
            )


def describe_stopping(stopping: StoppingSpec) -> str:
    """Return what ends a batch, in words."""
    parts = []
    if (limit := stopping.max_time) is not None:
        last = ", which ends running trials" if limit.is_ending else ""
        parts.append(f"after {format_seconds(limit.seconds)}{last}")
    if stopping.target is not None:
        parts.append(f"when {stopping.target}")
    if stopping.patience is not None:
        n = stopping.patience
        parts.append(f"after {n} trial{'s' if n > 1 else ''} without a better result")
    if stopping.is_flat:
        least = f"less than {stopping.worth}" if stopping.worth else "nothing to tell from noise"
        parts.append(f"when {least} is expected of the next")
    if stopping.max_cost is not None:
        parts.append(f"when {stopping.max_cost} are spent")
    return "; ".join(parts)


def format_seconds(seconds: float) -> str:
    """Return seconds as they are typed: ``90s``, ``2h``."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _exact(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < math.inf else None
