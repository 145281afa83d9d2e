"""The objective: which scalar a search improves, and in which direction."""

import math
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tunesmith.near_names import likeness, near_names
from tunesmith.scalar import ScalarColumn, ScalarSummary, Statistic
from tunesmith.scalar_names import is_held_out, meant_tag

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A scalar column and the direction in which it is better."""

    column: ScalarColumn = field(default_factory=lambda: ScalarColumn(tag="loss"))
    direction: Direction = Direction.MINIMIZE

    def __str__(self) -> str:
        """Return it as the preview shows it: ``minimize loss``."""
        return f"{self.direction} {self.column}"

    def read(self, scalars: Mapping[str, ScalarSummary]) -> float | None:
        """Return the objective's value among a trial's scalars; None where it is missing.

        NaN and infinities are returned as reported.
        """
        tag = meant_tag(self.column.tag, scalars)
        return None if tag is None else scalars[tag].get(self.column.statistic)

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
