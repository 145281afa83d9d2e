"""The objective of runs against one column, as a chart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.cli import console
from tunesmith.cli.text.charts import Frame, Position, draw_scatter
from tunesmith.objective import Objective
from tunesmith.query.cells import cell_text, count, one_line
from tunesmith.query.columns import Column, read_column
from tunesmith.trial import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """The points of a scatter plot, its labels, and its best point."""

    points: tuple[tuple[Position, float], ...]
    title: str
    x_label: str
    y_label: str
    best: int
    """The position of the best point; -1 if there are no points."""

    def draw(self, width: int, height: int) -> str:
        """Return the chart.

        Args:
            width: Its width in characters.
            height: Its height in lines.
        """
        frame = Frame(
            width=width,
            height=height,
            x_label=self.x_label,
            y_label=self.y_label,
            is_coloured=console.wants_colour(),
        )
        return draw_scatter(self.points, frame, best=self.best)


def scatter_of(runs: Sequence[Run], column: Column, objective: Objective) -> Scatter:
    """Return the runs that have both the column and a finite objective as points."""
    points: list[tuple[Position, float]] = []
    for run in runs:
        place = _place(column, run)
        if place is not None and run.objective is not None and math.isfinite(run.objective):
            points.append((place, run.objective))
    costs = [objective.to_cost(value) or 0.0 for _, value in points]
    name = str(objective.column)
    return Scatter(
        points=tuple(points),
        title=f"{name} against {column.header}, {count(len(points), 'run')} (x marks the best)",
        x_label=column.header,
        y_label=name,
        best=costs.index(min(costs)) if costs else -1,
    )


def _place(column: Column, run: Run) -> Position | None:
    """Return a run's position on the axis: a number, or text for a category; None for neither."""
    cell = read_column(column, run)
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    return one_line(cell_text(column, cell))
