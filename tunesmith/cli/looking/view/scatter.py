"""The objective of runs against one column, as a chart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.cli import console
from tunesmith.cli.text.charts import Frame, Position, draw_history, draw_scatter
from tunesmith.objective import Objective
from tunesmith.query.cells import cell_text, count, one_line
from tunesmith.query.columns import Column, ColumnKind, read_column
from tunesmith.scalar_names import resolve_tag
from tunesmith.trial import Run, TrialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """The points of a scatter plot, its labels, and its best point."""

    points: tuple[tuple[Position, float], ...]
    history: tuple[tuple[int, float], ...] = ()
    """The best so far at each trial, where the x axis is that of trials; else empty."""
    title: str
    x_label: str
    y_label: str
    best: int = -1
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
        if self.history:
            trials = [(number, value) for number, value in self.points if isinstance(number, int)]
            return draw_history(trials, self.history, frame)
        return draw_scatter(self.points, frame, best=[self.best] if self.best >= 0 else [])


def plot_of(runs: Sequence[Run], run: Run, column: Column, objective: Objective) -> Scatter:
    """Return the objective against a column; the objective itself by trial.

    Args:
        runs: The runs that are shown.
        run: The run of the cursor: of a trial, the trials of its batch are plotted.
        column: The column of the cursor.
        objective: The objective of its batch.
    """
    if _is_of(column, objective, runs):
        of_batch = [one for one in runs if one.batch == run.batch]
        return history_of(of_batch if run.is_trial else runs, objective)
    return scatter_of(runs, column, objective)


def history_of(runs: Sequence[Run], objective: Objective) -> Scatter:
    """Return the objective of each trial of a batch, or of each run by its start."""
    name = str(objective.column)
    is_batch = all(run.is_trial for run in runs) and len({run.batch for run in runs}) == 1
    ordered = sorted(runs, key=lambda run: run.number if is_batch else run.started or 0.0)
    points: list[tuple[int, float]] = []
    best: list[tuple[int, float]] = []
    for place, run in enumerate(ordered, start=1):
        if run.objective is not None and _has_result(run):
            number = run.number if is_batch else place
            is_better = not best or objective.is_better(run.objective, best[-1][1])
            points.append((number, run.objective))
            best.append((number, run.objective if is_better else best[-1][1]))
    what = "trial" if is_batch else "run"
    return Scatter(
        points=tuple(points),
        history=tuple(best),
        title=f"{name} of {count(len(points), what)}, and the best so far{_left_out(runs)}",
        x_label=what,
        y_label=name,
    )


def _is_of(column: Column, objective: Objective, runs: Sequence[Run]) -> bool:
    """Return whether a column shows the objective."""
    if column.kind is ColumnKind.ATTRIBUTE:
        return column.name == "objective"
    wanted = objective.column
    is_scalar = column.kind is ColumnKind.SCALAR and not column.wants_step
    is_same = is_scalar and column.statistic is wanted.statistic
    known = {column.name, *(tag for run in runs for tag in run.scalars)}
    return is_same and resolve_tag(wanted.tag, known) == column.name


def scatter_of(runs: Sequence[Run], column: Column, objective: Objective) -> Scatter:
    """Return the completed runs that have both the column and a finite objective as points."""
    points: list[tuple[Position, float]] = []
    for run in runs:
        place = _place(column, run)
        if place is not None and run.objective is not None and _has_result(run):
            points.append((place, run.objective))
    costs = [objective.to_cost(value) or 0.0 for _, value in points]
    name, shown = str(objective.column), count(len(points), "run")
    return Scatter(
        points=tuple(points),
        title=f"{name} against {column.header}, {shown} (x marks the best){_left_out(runs)}",
        x_label=column.header,
        y_label=name,
        best=costs.index(min(costs)) if costs else -1,
    )


def _has_result(run: Run) -> bool:
    """Return whether a run completed with a finite objective; others have no result."""
    is_finite = run.objective is not None and math.isfinite(run.objective)
    return is_finite and run.status is TrialStatus.COMPLETED


def _left_out(runs: Sequence[Run]) -> str:
    n = sum(run.status is TrialStatus.PRUNED for run in runs)
    return f"; {n} pruned left out" if n else ""


def _place(column: Column, run: Run) -> Position | None:
    """Return a run's position on the axis: a number, or text for a category; None for neither."""
    cell = read_column(column, run)
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    return one_line(cell_text(column, cell))
