"""The objective: which scalar a search improves, and in which direction."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tunesmith.scalar import ScalarColumn, ScalarSummary, resolve_tag


class Direction(StrEnum):
    """Whether lower or higher is better."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A scalar column and the direction in which it is better."""

    column: ScalarColumn = field(default_factory=lambda: ScalarColumn(tag="loss"))
    direction: Direction = Direction.MINIMIZE

    def __str__(self) -> str:
        """Return it as the preview shows it, as ``minimize loss``."""
        return f"{self.direction} {self.column}"

    def read(self, scalars: Mapping[str, ScalarSummary]) -> float | None:
        """Return the objective's value among a trial's scalars; None where it is missing.

        NaN and infinities come back as they are: they were reported.
        """
        tag = resolve_tag(self.column.tag, scalars)
        return None if tag is None else scalars[tag].get(self.column.statistic)

    def to_cost(self, value: float | None) -> float | None:
        """Return what an optimizer minimizes; None where the value cannot be given to a model."""
        if value is None or not math.isfinite(value):
            return None
        return value if self.direction is Direction.MINIMIZE else -value

    def from_cost(self, cost: float) -> float:
        """Return the objective's value that ``to_cost`` turned into a cost."""
        return cost if self.direction is Direction.MINIMIZE else -cost

    def is_better(self, value: float | None, than: float | None) -> bool:
        """Return whether a value beats another; a missing, NaN or infinite one beats nothing."""
        cost, other = self.to_cost(value), self.to_cost(than)
        return cost is not None and (other is None or cost < other)
