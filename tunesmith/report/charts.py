"""The charts of a report, each as an SVG element."""

from collections.abc import Sequence

from tunesmith.durations import covered_seconds
from tunesmith.flags.display import format_value
from tunesmith.objective import Direction, Objective
from tunesmith.query.cells import format_clock
from tunesmith.report.facts import BatchFacts
from tunesmith.report.model_slices import ModelSlice
from tunesmith.report.points import Axis, Point, axis_of, best_so_far, values_of
from tunesmith.report.scales import Range, log_ticks, range_of, tick_text, ticks
from tunesmith.report.svg import N_HUES, Canvas
from tunesmith.search.importance import Importance
from tunesmith.trial import Run

MAX_DRAWN = 2000
"""The most points in one chart; of more, the best and an even sample of the others."""
MAX_NAME = 14
MAX_CATEGORIES = 8
MAX_LANES = 24
_WIDE, NARROW = 860, 420


def history_chart(facts: BatchFacts, *, width: int = _WIDE) -> str:
    """Return a chart of the objective of each trial, and the best so far."""
    points, objective = facts.points, facts.objective
    canvas = Canvas(width=width, height=280, label=f"{objective.column} of each trial")
    span = range_of([point.value for point in points], is_low_better=_is_low_better(objective))
    last = max(run.number for run in facts.trials)
    across = Range(low=0.5, high=last + 0.5)
    _value_axis(canvas, span)
    canvas.x_ticks(
        (across.fraction(tick), tick_text(tick))
        for tick in ticks(1, last, n=width // 80)
        if tick == int(tick)
    )
    canvas.frame("trial", str(objective.column))
    _draw_history(canvas, facts, across, span)
    return canvas.render()


def sparkline(facts: BatchFacts) -> str:
    """Return the objective of each trial and the best so far, small and without axes."""
    objective = facts.objective
    canvas = Canvas(width=240, height=48, left=4, right=4, top=6, bottom=6, label="the search")
    values = [point.value for point in facts.points]
    span = range_of(values, is_low_better=_is_low_better(objective))
    last = max(run.number for run in facts.trials)
    _draw_history(canvas, facts, Range(low=0.5, high=last + 0.5), span)
    return canvas.render()


def _draw_history(canvas: Canvas, facts: BatchFacts, across: Range, span: Range) -> None:
    for point in _drawn(facts.points):
        _draw_point(canvas, across.fraction(point.run.number), span, point)
    steps: list[tuple[float, float]] = []
    for number, best in best_so_far(facts.points, facts.objective):
        x, y = canvas.x(across.fraction(number)), canvas.y(span.fraction(best))
        if not steps or steps[-1][1] != y:
            steps += [(x, steps[-1][1])] if steps else []
            steps.append((x, y))
    if steps:
        canvas.path([*steps, (canvas.x(1), steps[-1][1])], "line", tip="the best so far")


def slice_chart(facts: BatchFacts, name: str) -> str:
    """Return a chart of the objective against one flag, with the model's expectation, if any."""
    points, objective = facts.points, facts.objective
    canvas = Canvas(width=NARROW, height=260, label=f"{objective.column} against {name}")
    axis = axis_of(name, values_of(name, points), facts.spec.settings)
    span = range_of([point.value for point in points], is_low_better=_is_low_better(objective))
    _value_axis(canvas, span)
    _flag_axis(canvas, axis)
    canvas.frame(f"{name} (log)" if axis.is_log else name, str(objective.column))
    model = facts.slices.get(name)
    if model is not None and not axis.categories:
        _draw_model(canvas, axis, span, model)
    for point in _drawn(points):
        place = axis.place(point.run.flags.get(name))
        if place is not None:
            _draw_point(canvas, _inset(axis.fraction(place)), span, point)
    return canvas.render()


def parallel_chart(facts: BatchFacts) -> str:
    """Return a chart with a line for each trial across the flags that vary and the objective."""
    points, objective = facts.points, facts.objective
    canvas = Canvas(
        width=_WIDE, height=320, left=60, right=60, bottom=34, top=20, label="parallel coordinates"
    )
    axes = [axis_of(name, values_of(name, points), facts.spec.settings) for name in facts.varied]
    span = range_of([point.value for point in points], is_low_better=_is_low_better(objective))
    places = [i / len(axes) for i in range(len(axes) + 1)]
    goodness = {point.run.id: _goodness(point, span, objective) for point in points}
    for point in sorted(_drawn(points), key=lambda one: goodness[one.run.id]):
        fractions = [*(_fraction_or_none(axis, point.run) for axis in axes)]
        fractions.append(span.fraction(point.value))
        line = [
            (canvas.x(place), canvas.y(fraction))
            for place, fraction in zip(places, fractions, strict=True)
            if fraction is not None
        ]
        hue = round(goodness[point.run.id] * (N_HUES - 1))
        style = "path best" if point.is_best else f"path q{hue}"
        canvas.path(line, style, tip=_tip(point))
    for place, axis in zip(places, axes, strict=False):
        _parallel_axis(canvas, place, axis)
    value_axis = Axis(name=str(objective.column), is_log=False, low=span.low, high=span.high)
    _parallel_axis(canvas, 1.0, value_axis)
    return canvas.render()


def importance_chart(found: Sequence[Importance]) -> str:
    """Return a chart with a bar for each flag, pale if chance may explain its importance."""
    height = 26 * len(found) + 12
    canvas = Canvas(
        width=NARROW, height=height, left=120, right=60, top=6, bottom=6, label="importance"
    )
    for place, one in enumerate(found):
        y = 8 + 26 * place
        canvas.text(112, y + 13, _short(one.name, 18), anchor="end", style="name")
        style = "bar" if one.is_clear else "faint"
        canvas.bar(canvas.x(0), y, one.share * (canvas.x(1) - canvas.x(0)), 17, style)
        text = f"{100 * one.share:.0f} %"
        canvas.text(canvas.x(one.share) + 6, y + 13, text)
    return canvas.render()


def timeline_chart(facts: BatchFacts) -> str:
    """Return a chart of when each trial ran, with a lane for each that ran at the same time."""
    timed = sorted(
        (run for run in facts.trials if run.started is not None and run.stopped is not None),
        key=lambda run: run.started or 0.0,
    )
    if not timed:
        return ""
    lanes = _lanes(timed)
    n_lanes = min(MAX_LANES, max(lanes.values()) + 1)
    canvas = Canvas(
        width=_WIDE, height=18 * n_lanes + 50, top=6, left=20, label="when each trial ran"
    )
    begins = _begins(timed)
    last = max(begins[run.id] + (run.seconds or 0.0) for run in timed)
    across = Range(low=0, high=max(last, 1e-3))
    canvas.x_ticks((across.fraction(tick), _duration(tick)) for tick in ticks(0, across.high, n=8))
    canvas.line(canvas.x(0), canvas.y(0), canvas.x(1), canvas.y(0), "axis")
    canvas.text(
        canvas.x(0.5),
        canvas.height - 6,
        "time since the first start, without pauses",
        anchor="middle",
    )
    for run in timed:
        if lanes[run.id] < n_lanes:
            begin = across.fraction(begins[run.id])
            end = across.fraction(begins[run.id] + (run.seconds or 0.0))
            width = canvas.x(end) - canvas.x(begin) - 0.6
            tip = f"trial {run.number}: {run.status}, {run.seconds or 0.0:.2f} s"
            y = canvas.top + 18 * lanes[run.id]
            canvas.bar(canvas.x(begin), y, width, 14, str(run.status), tip=tip)
    return canvas.render()


def _begins(timed: Sequence[Run]) -> dict[str, float]:
    """Return when each trial started, in seconds since the first start, without long pauses.

    A pause before a restart is left out, and so is a jump of the clock.

    Args:
        timed: Trials with a start time, sorted by it.
    """
    spans = [(run.started or 0.0, run.seconds or 0.0) for run in timed]
    longest = covered_seconds(spans) / 4
    begins: dict[str, float] = {}
    shift = reached = spans[0][0]
    for run, (start, seconds) in zip(timed, spans, strict=True):
        if start - reached > longest:
            shift += start - reached
        begins[run.id] = start - shift
        reached = max(reached, start + seconds)
    return begins


def n_beyond(facts: BatchFacts) -> int:
    """Return how many trials are so much worse that the charts show them at the edge."""
    values = [point.value for point in facts.points]
    if not values:
        return 0
    span = range_of(values, is_low_better=_is_low_better(facts.objective))
    return sum(not span.holds(value) for value in values)


def n_not_drawn(facts: BatchFacts) -> int:
    """Return how many trials the charts leave out because there are too many."""
    return max(0, len(facts.points) - MAX_DRAWN)


def _is_low_better(objective: Objective) -> bool:
    return objective.direction is Direction.MINIMIZE


def _drawn(points: Sequence[Point]) -> list[Point]:
    """Return the points to draw; the best one is last, so that it lies on top."""
    best = [point for point in points if point.is_best]
    others = [point for point in points if not point.is_best]
    every = max(1, -(-len(others) // MAX_DRAWN))
    return [*others[::every], *best]


def _draw_point(canvas: Canvas, x: float, span: Range, point: Point) -> None:
    style = "point" if span.holds(point.value) else "edge"
    radius = 3.0
    if point.is_best:
        style, radius = "best", 5.5
    canvas.circle(
        canvas.x(x), canvas.y(span.fraction(point.value)), style, radius=radius, tip=_tip(point)
    )


def _draw_model(canvas: Canvas, axis: Axis, span: Range, model: ModelSlice) -> None:
    xs = [canvas.x(_inset(axis.fraction(value))) for value in model.values]
    lows = [canvas.y(span.fraction(value)) for value in model.lows]
    highs = [canvas.y(span.fraction(value)) for value in model.highs]
    upper, lower = zip(xs, highs, strict=True), list(zip(xs, lows, strict=True))
    canvas.area([*upper, *reversed(lower)], "band")
    means = [canvas.y(span.fraction(value)) for value in model.means]
    canvas.path(list(zip(xs, means, strict=True)), "mean", tip="the model's mean")


def _value_axis(canvas: Canvas, span: Range) -> None:
    canvas.y_ticks((span.fraction(tick), tick_text(tick)) for tick in ticks(span.low, span.high))


def _flag_axis(canvas: Canvas, axis: Axis) -> None:
    canvas.x_ticks((_inset(fraction), text) for fraction, text in _axis_ticks(axis))


def _parallel_axis(canvas: Canvas, place: float, axis: Axis) -> None:
    x = canvas.x(place)
    canvas.line(x, canvas.y(0), x, canvas.y(1), "axis")
    canvas.text(x, canvas.height - 12, _short(axis.name), anchor="middle", style="name")
    for fraction, text in _axis_ticks(axis):
        canvas.text(x - 5, canvas.y(fraction) + 4, text, anchor="end")


def _axis_ticks(axis: Axis) -> list[tuple[float, str]]:
    """Return the ticks of an axis: the fraction of each, and its label."""
    if axis.categories:
        every = -(-len(axis.categories) // MAX_CATEGORIES)
        places = range(0, len(axis.categories), every)
        return [(axis.fraction(place), _short(axis.categories[place])) for place in places]
    find = log_ticks if axis.is_log else ticks
    values = axis.listed or find(axis.low, axis.high)
    return [(axis.fraction(value), tick_text(value)) for value in values]


def _fraction_or_none(axis: Axis, run: Run) -> float | None:
    place = axis.place(run.flags.get(axis.name))
    return None if place is None else axis.fraction(place)


def _goodness(point: Point, span: Range, objective: Objective) -> float:
    """Return how good a trial is, from 0 for the worst to 1 for the best."""
    fraction = span.fraction(point.value)
    return 1 - fraction if _is_low_better(objective) else fraction


def _lanes(runs: Sequence[Run]) -> dict[str, int]:
    """Return the lane of each run by its id: the first one that is free when the run starts."""
    ends: list[float] = []
    lanes: dict[str, int] = {}
    for run in runs:
        started, stopped = run.started or 0.0, run.stopped or 0.0
        lane = next((i for i, end in enumerate(ends) if end <= started), len(ends))
        if lane == len(ends):
            ends.append(stopped)
        ends[lane] = stopped
        lanes[run.id] = lane
    return lanes


def _duration(seconds: float) -> str:
    return format_clock(seconds) if seconds >= 60 else f"{tick_text(seconds)} s"


def _inset(fraction: float) -> float:
    """Return a fraction moved inwards from both ends, so that no point lies on an axis."""
    return 0.03 + 0.94 * fraction


def _short(text: str, length: int = MAX_NAME) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _tip(point: Point) -> str:
    return f"{point.run.number}: {format_value(point.value)}"
