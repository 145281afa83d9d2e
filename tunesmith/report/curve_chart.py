"""The chart of all curves of a batch: those of pruned trials are short and pale."""

from collections.abc import Sequence

from tunesmith.flags.display import format_value
from tunesmith.objective import Direction
from tunesmith.report.curves import Curve
from tunesmith.report.facts import BatchFacts
from tunesmith.report.scales import Range, range_of, tick_text, ticks
from tunesmith.report.svg import Canvas
from tunesmith.trial import TrialStatus

_WIDE = 860
_DEFAULT_UNIT = "step"


def curve_chart(facts: BatchFacts, *, width: int = _WIDE) -> str:
    """Return the chart; empty if no trial reported the objective more than once."""
    curves = [curve for curve in facts.curves if len(curve.points) > 1]
    if not curves:
        return ""
    column = facts.objective.column
    canvas = Canvas(width=width, height=300, label=f"{column.tag} of each trial while it ran")
    steps = [step for curve in curves for step, _ in curve.points]
    across = Range(low=min(steps), high=max(max(steps), min(steps) + 1))
    values = [value for curve in curves for _, value in curve.points]
    is_low_better = facts.objective.direction is Direction.MINIMIZE
    span = range_of(values, is_low_better=is_low_better)
    canvas.y_ticks((span.fraction(tick), tick_text(tick)) for tick in ticks(span.low, span.high))
    canvas.x_ticks(
        (across.fraction(tick), tick_text(tick))
        for tick in ticks(across.low, across.high, n=width // 80)
        if tick == int(tick)
    )
    canvas.frame(_unit(curves), column.tag)
    best = None if facts.best is None else facts.best.run.id
    for curve in sorted(curves, key=lambda one: _layer(one, best)):
        _draw(canvas, across, span, curve, is_best=curve.run.id == best)
    return canvas.render()


def _unit(curves: Sequence[Curve]) -> str:
    """Return what the steps of all curves count."""
    units = {curve.unit for curve in curves}
    return (units.pop() if len(units) == 1 else "") or _DEFAULT_UNIT


def _layer(curve: Curve, best: str | None) -> int:
    """Return the layer in which a curve is drawn; the best one lies on top."""
    is_finished = curve.run.status is TrialStatus.COMPLETED
    return 2 if curve.run.id == best else int(is_finished)


def _draw(canvas: Canvas, across: Range, span: Range, curve: Curve, *, is_best: bool) -> None:
    places = [
        (canvas.x(across.fraction(step)), canvas.y(span.fraction(value)))
        for step, value in curve.points
    ]
    run, (step, last) = curve.run, curve.points[-1]
    end = run.status if run.status is not TrialStatus.COMPLETED else ""
    tip = f"{run.number}: {format_value(last)} {end} at {curve.unit or _DEFAULT_UNIT} {step}"
    style = "curve-best" if is_best else _STYLES.get(run.status, "curve")
    canvas.path(places, style, tip=" ".join(tip.split()))
    if curve.is_pruned:  # where it was stopped, which a pale line does not show
        canvas.circle(*places[-1], "curve-end", radius=2)


_STYLES = {
    TrialStatus.PRUNED: "curve-pruned",
    TrialStatus.ERROR: "curve-failed",
    TrialStatus.TERMINATED: "curve-failed",
}
