"""The objective: which scalar a search improves, and in which direction."""

import math
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from tunesmith.errors import QueryError
from tunesmith.near_names import likeness, near_names
from tunesmith.scalar import ScalarColumn, ScalarSummary, Statistic
from tunesmith.scalar_names import is_held_out, meant_tag

BUILT_IN = ("seconds", "cpu_seconds", "max_rss_bytes")
"""What every trial is measured by, so that it can be an objective without being printed."""
MAX_NAMED = 5
"""Scalars that are named where the objective is not among them."""


class Direction(StrEnum):
    """Whether lower or higher is better."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


_STEMS = {
    Direction.MINIMIZE: ("loss", "rmse", "mse", "mae", "err", "perplexity", "ppl", "cost"),
    Direction.MAXIMIZE: ("acc", "auc", "f1", "score", "reward", "return", "r2", "iou", "map"),
}
"""Parts of the names of metrics, by the direction in which they are better."""


class Measured(Protocol):
    """A trial that has ended: what it reported, and what it used."""

    @property
    def scalars(self) -> Mapping[str, ScalarSummary]:
        """A summary for each tag that it reported."""
        ...

    @property
    def seconds(self) -> float | None:
        """Wall time."""
        ...

    @property
    def cpu_seconds(self) -> float | None:
        """Processor time, of all its processes."""
        ...

    @property
    def max_rss_bytes(self) -> int | None:
        """The most memory that one of its processes had."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A scalar column and the direction in which it is better."""

    column: ScalarColumn = field(default_factory=lambda: ScalarColumn(tag="loss"))
    direction: Direction = Direction.MINIMIZE

    def __str__(self) -> str:
        """Return it as the preview shows it: ``minimize loss``."""
        return f"{self.direction} {self.column}"

    @classmethod
    def from_text(cls, text: str) -> "Objective":
        """Return the objective of a text: ``minimize loss``, ``maximize max acc``.

        Raises:
            QueryError: It does not begin with a direction, or has no scalar.
        """
        word, _, rest = text.strip().partition(" ")
        if word not in set(Direction):
            raise QueryError(
                f"{text!r} is no objective: begin with minimize or maximize, as in minimize loss"
            )
        return cls(column=ScalarColumn.from_text(rest), direction=Direction(word))

    @property
    def is_built_in(self) -> bool:
        """Whether its name is one of ``BUILT_IN``: a printed scalar of that very name counts."""
        return self.column.tag in BUILT_IN

    def read(self, trial: Measured) -> float | None:
        """Return the objective's value of a trial; None where it is missing.

        NaN and infinities are returned as reported.
        """
        tag = self.column.tag
        if self.is_built_in and tag not in trial.scalars:
            used: float | None = getattr(trial, tag)
            return None if used is None else float(used)
        meant = meant_tag(tag, trial.scalars)
        return None if meant is None else trial.scalars[meant].get(self.column.statistic)

    def describe_missing(self, scalars: Mapping[str, ScalarSummary]) -> str:
        """Return what a trial reported instead of the objective, and the option that selects it.

        Args:
            scalars: What the trial reported; the objective is not among it.
        """
        tag = self.column.tag
        if not scalars:
            return (
                f"reported no {tag!r}, or any other scalar: print it on a line, as in {tag}: 0.31"
            )
        names = sorted(
            scalars, key=lambda name: (not is_held_out(name, of=tag), -likeness(tag, name))
        )
        shown = [f"{name} {scalars[name].last:.5g}" for name in names[:MAX_NAMED]]
        shown += [f"{len(names) - MAX_NAMED} more"] if len(names) > MAX_NAMED else []
        mend = self.suggest(scalars) or (
            f"name one with --minimize or --maximize, as in {_example(names)}"
        )
        return f"reported no {tag!r}; it reported {', '.join(shown)}: {mend}"

    def of_column(self, column: ScalarColumn) -> "Objective":
        """Return the objective to improve another scalar: in the direction that its name tells."""
        stems = {
            direction: any(stem in column.tag.lower() for stem in stems)
            for direction, stems in _STEMS.items()
        }
        told = [direction for direction, is_of in stems.items() if is_of]
        return Objective(column=column, direction=told[0] if len(told) == 1 else self.direction)

    @property
    def is_foretold(self) -> bool:
        """Whether the values of a trial that runs tell what it will be at its end."""
        return self.column.statistic in (Statistic.LAST, Statistic.MIN, Statistic.MAX)

    def suggest(self, reported: Collection[str]) -> str:
        """Return the option that selects the tag nearest to the objective's; empty if none."""
        near = near_names(self.column.tag, reported, n=1)
        columns = [str(replace(self.column, tag=name)) for name in near]
        return "".join(f"--{self.direction} {shlex.quote(column)}" for column in columns)

    def to_cost(self, value: float | None) -> float | None:
        """Return the cost, which an optimizer minimizes; None where no model can use the value."""
        if value is None or not math.isfinite(value):
            return None
        return value if self.direction is Direction.MINIMIZE else -value

    def from_cost(self, cost: float) -> float:
        """Return the objective's value of a cost, the inverse of ``to_cost``."""
        return cost if self.direction is Direction.MINIMIZE else -cost

    def is_better(self, value: float | None, than: float | None) -> bool:
        """Return whether a value beats another; a missing, NaN or infinite one beats nothing."""
        is_descending = self.direction is Direction.MAXIMIZE
        place = rank_key(value, is_descending=is_descending)
        return place[0] == 0 and place < rank_key(than, is_descending=is_descending)


def _example(names: Sequence[str]) -> str:
    """Return the option for the scalar that looks most like an objective, else for the first."""
    for direction, stems in _STEMS.items():
        for name in names:
            if any(stem in name.lower() for stem in stems):
                return f"--{direction} {shlex.quote(name)}"
    return f"--{Direction.MINIMIZE} {shlex.quote(names[0])}"


def rank_key(value: float | None, *, is_descending: bool) -> tuple[int, float]:
    """Return a sort key that puts the best result first, for every view that ranks.

    Finite values come before infinite ones, of either sign: a diverged run is never the best.
    NaN and a missing value come last.
    """
    if value is None or math.isnan(value):
        return 2, 0.0
    return int(math.isinf(value)), -value if is_descending else value
