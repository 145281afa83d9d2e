"""The chart of the front of several objectives: one objective against another."""

from collections.abc import Sequence
from itertools import pairwise

from tunesmith.flags.display import format_value
from tunesmith.objective import Direction, Objective
from tunesmith.ranking import Front, costs_of
from tunesmith.report.facts import BatchFacts
from tunesmith.report.scales import Range, range_of, tick_text, ticks
from tunesmith.report.svg import Canvas
from tunesmith.trial import Run

_WIDE = 860
_HEIGHT = 340


def front_charts(facts: BatchFacts, *, width: int = _WIDE) -> list[str]:
    """Return a chart of the first objective against each further one; none with one objective."""
    front = facts.front
    if front is None or not front.trials:
        return []
    trials = [run for run in facts.candidates if costs_of(facts.spec, run) is not None]
    return [_chart(facts, trials, front, one, width=width) for one in facts.spec.more_objectives]


def _chart(
    facts: BatchFacts, trials: Sequence[Run], front: Front[Run], other: Objective, *, width: int
) -> str:
    """Return the chart; the line is that of the front, in steps: what lies beyond is dominated."""
    first = facts.objective
    canvas = Canvas(
        width=width, height=_HEIGHT, label=f"{first.column} against {other.column} of each trial"
    )
    across, span = _range(trials, other), _range(trials, first)
    canvas.x_ticks(
        (across.fraction(one), tick_text(one)) for one in ticks(across.low, across.high)
    )
    canvas.y_ticks((span.fraction(one), tick_text(one)) for one in ticks(span.low, span.high))
    canvas.frame(str(other.column), str(first.column))
    places = {run.id: _place(canvas, across, span, run, first, other) for run in trials}
    on_front = {run.id for run in front.trials}
    if len(facts.spec.objectives) == 2:  # of more, the front is no line in this picture
        canvas.path(_steps([places[run.id] for run in front.trials]), "line", tip="the front")
    for run in sorted(trials, key=lambda one: one.id in on_front):
        is_knee = run is front.knee
        style, radius = ("best", 7.5 if is_knee else 5.0) if run.id in on_front else ("point", 3.0)
        canvas.circle(*places[run.id], style, radius=radius, tip=_tip(facts, run, is_knee=is_knee))
    return canvas.render()


def _marks(axis: Range) -> list[tuple[float, str]]:
    return [(axis.fraction(one), tick_text(one)) for one in ticks(axis.low, axis.high)]


def _range(trials: Sequence[Run], objective: Objective) -> Range:
    values = [value for run in trials if (value := objective.read(run)) is not None]
    return range_of(values, is_low_better=objective.direction is Direction.MINIMIZE)


def _place(
    canvas: Canvas, across: Range, span: Range, run: Run, first: Objective, other: Objective
) -> tuple[float, float]:
    x, y = other.read(run) or 0.0, first.read(run) or 0.0
    return canvas.x(across.fraction(x)), canvas.y(span.fraction(y))


def _steps(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a line through points that moves along one axis at a time.

    The front begins at the best of the first objective, and each next point is worse in it.
    """
    line = list(places[:1])
    for (x, _), (next_x, next_y) in pairwise(places):
        line += [(x, next_y), (next_x, next_y)]
    return line


def _tip(facts: BatchFacts, run: Run, *, is_knee: bool) -> str:
    values = (f"{one.column} {format_value(one.read(run))}" for one in facts.spec.objectives)
    return f"{run.number}: {', '.join(values)}{' (knee)' if is_knee else ''}"
