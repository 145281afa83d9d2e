"""Charts as text, drawn by plotext, which is imported when the first one is drawn."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tunesmith.cli.text.rendering import clip
from tunesmith.query.cells import one_line
from tunesmith.report.scales import ticks

MAX_TICKS = 12
"""Categories that an axis names; of more, every so many-th."""
MARKER = "braille"

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_BEST, _OTHERS, _LINE = 46, 33, 39
"""Colours by their number among the terminal's 256: green, blue, light blue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How large a chart is, in columns and lines, what stands around it, and its colours."""

    width: int
    height: int
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    is_x_log: bool = False
    is_coloured: bool = True


Position = float | str
"""A number, or a category."""


def draw_scatter(
    points: Sequence[tuple[Position, float]], frame: Frame, *, best: Sequence[int] = ()
) -> str:
    """Return points as a chart; text on the x axis is taken for categories.

    Args:
        points: Finite numbers.
        frame: What is around them.
        best: The places of the points that stand out.
    """
    xs, names = _positions([x for x, _ in points])
    ys = [y for _, y in points]

    def draw(plot: Any) -> None:
        plot.scatter(xs, ys, marker="dot", color=_OTHERS)
        if best:
            plot.scatter([xs[k] for k in best], [ys[k] for k in best], marker="x", color=_BEST)
        if frame.is_x_log and not names:
            plot.xscale("log")
        _name_ticks(plot, names)

    return _drawn(draw, frame)


def draw_front(
    points: Sequence[tuple[float, float]],
    front: Sequence[tuple[float, float]],
    frame: Frame,
    *,
    is_line: bool,
) -> str:
    """Return points as a chart in which those of a front stand out.

    Args:
        points: All, those of the front too.
        front: Those of the front, the best by the y axis first.
        frame: What is around them.
        is_line: Whether a line with steps joins them: what lies beyond it is dominated.
    """

    def draw(plot: Any) -> None:
        plot.scatter(*_columns(points), marker="dot", color=_OTHERS)
        if is_line and len(front) > 1:
            plot.plot(*_columns(_corners(front)), marker=MARKER, color=_LINE)
        plot.scatter(*_columns(front), marker="x", color=_BEST)

    return _drawn(draw, frame)


def draw_history(
    values: Sequence[tuple[int, float]], best: Sequence[tuple[int, float]], frame: Frame
) -> str:
    """Return the objective of each trial as points, and the best so far as a line with steps."""

    def draw(plot: Any) -> None:
        plot.scatter(*_columns(values), marker="dot", color=_OTHERS)
        if best:
            plot.plot(*_columns(_steps(best)), marker=MARKER, color=_BEST)
        numbers = [number for number, _ in values]
        found = ticks(min(numbers), max(numbers), n=max(2, frame.width // 10))
        whole = [int(tick) for tick in found if tick == int(tick)]
        plot.xticks(whole, [*map(str, whole)])

    return _drawn(draw, frame)


def _steps(pairs: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return the corners of a line that is level until a trial changes it."""
    corners = [*pairs[:1]]
    for number, value in pairs[1:]:
        corners += [(number, corners[-1][1]), (number, value)]
    return corners


def _corners(front: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of the line beyond which a front dominates, its best by y first."""
    corners = [*front[:1]]
    for x, y in front[1:]:
        corners += [(corners[-1][0], y), (x, y)]
    return corners


_Number = TypeVar("_Number", int, float)


def _columns(pairs: Sequence[tuple[_Number, float]]) -> tuple[list[_Number], list[float]]:
    return [number for number, _ in pairs], [value for _, value in pairs]


def draw_curve(steps: Sequence[float], values: Sequence[float], frame: Frame) -> str:
    """Return a series as a line."""

    def draw(plot: Any) -> None:
        draw_points = plot.plot if len(steps) > 1 else plot.scatter
        draw_points(list(steps), list(values), marker=MARKER, color=_LINE)

    return _drawn(draw, frame)


def _vertices(line: Sequence[float | None]) -> tuple[list[int], list[float]]:
    """Return the places of a line on parallel axes, and its numbers there."""
    pairs = [(place, number) for place, number in enumerate(line) if number is not None]
    return [place for place, _ in pairs], [number for _, number in pairs]


def draw_parallel(
    lines: Sequence[Sequence[float | None]], axes: Sequence[str], frame: Frame, *, best: int
) -> str:
    """Return a line for each trial over parallel axes.

    Args:
        lines: One number in [0, 1] for each axis; None where the line passes it by.
        axes: What is written below each axis.
        frame: What is around them.
        best: The place of the line that stands out and is drawn last.
    """
    places = list(range(len(axes)))

    def draw(plot: Any) -> None:
        for index, line in enumerate(lines):
            if index != best:
                plot.plot(*_vertices(line), marker=MARKER, color=_OTHERS)
        plot.plot(*_vertices(lines[best]), marker=MARKER, color=_BEST)
        for place in places:
            plot.vertical_line(place)
        plot.xticks(places, list(axes))
        plot.yticks([], [])

    return _drawn(draw, frame)


def _drawn(draw: Callable[[Any], None], frame: Frame) -> str:
    """Return what plotext makes of a chart; it keeps one figure for the whole process."""
    import plotext  # 0.1 s, and only a chart needs it

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plotsize(frame.width, frame.height)
    draw(plotext)
    # plotext draws no label that is wider than the chart
    for name, text in (("title", frame.title), ("xlabel", frame.x_label)):
        if text:
            getattr(plotext, name)(clip(one_line(text), frame.width - 4))
    if frame.y_label:
        plotext.ylabel(clip(one_line(frame.y_label), frame.width // 2))
    text = plotext.build()
    plotext.clear_figure()
    lines = text.rstrip("\n").split("\n")
    if not frame.is_coloured:
        lines = [_ESCAPES.sub("", line) for line in lines]
    return "\n".join(line.rstrip() for line in lines)


def _positions(values: Sequence[Position]) -> tuple[list[float], list[str]]:
    """Return where values stand on an axis, and the names of the places if they are categories."""
    numbers = [value for value in values if not isinstance(value, str)]
    if len(numbers) == len(values):
        return numbers, []
    texts = [value if isinstance(value, str) else f"{value:g}" for value in values]
    names = sorted(set(texts))
    return [float(names.index(text)) for text in texts], names


def _name_ticks(plot: Any, names: Sequence[str]) -> None:
    if names:
        every = -(-len(names) // MAX_TICKS)
        places = list(range(0, len(names), every))
        plot.xticks(places, [clip(one_line(names[place]), 12) for place in places])
