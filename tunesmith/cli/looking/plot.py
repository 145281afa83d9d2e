"""``tunesmith plot``: the results of a batch as charts in the terminal."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.looking.comparing import chosen_batch
from tunesmith.cli.looking.plain import plain_value
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.charts import (
    Frame,
    draw_front,
    draw_history,
    draw_parallel,
    draw_scatter,
)
from tunesmith.errors import NotFoundError, QueryError
from tunesmith.flags.display import format_value
from tunesmith.query.cells import one_line
from tunesmith.ranking import Front, costs_of
from tunesmith.report.points import (
    Point,
    axis_of,
    best_point,
    best_so_far,
    points_of,
    values_of,
    varied_names,
)
from tunesmith.report.scales import tick_text
from tunesmith.trial import Run, short_id

WIDTH = 80
"""The width of a chart in columns where stdout is not a terminal."""
MAX_WIDTH = 120
HEIGHT = 16
MAX_SLICES = 4
"""How many flags are plotted unless some are named."""
MAX_LINES = 200
"""How many trials the parallel coordinates show: the best ones."""


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the points of the charts")
@click.option(
    "--front", "wants_front", is_flag=True, help="Plot several objectives against each other."
)
@click.option("--history", "wants_history", is_flag=True, help="Plot the objective by trial.")
@click.option("--slice", "wants_slice", is_flag=True, help="Plot the objective by each flag.")
@click.option("--parallel", "wants_parallel", is_flag=True, help="Plot parallel coordinates.")
@click.option(
    "--flag",
    "flags",
    multiple=True,
    metavar="NAME",
    help="Plot the objective by flag NAME; may be repeated.  [default: the first 4 flags]",
)
@click.option(
    "--objective",
    "name",
    metavar="COL",
    help="Plot objective COL of several.  [default: the first]",
)
def plot(
    *,
    choice: Choice,
    wants_front: bool,
    wants_history: bool,
    wants_slice: bool,
    wants_parallel: bool,
    flags: tuple[str, ...],
    name: str | None,
) -> int:
    """Plot the results of a batch; of the latest batch unless one is named.

    Without an option all charts are drawn: with several objectives the front, too.
    """
    store = open_store(choice.home)
    every = read_runs(store)
    batch = chosen_batch(every, choice)
    trials = sorted(
        (run for run in every if run.batch == batch.id and not run.is_batch),
        key=lambda run: run.number,
    )
    named = store.batch(batch.id)
    spec = _of_objective(named, name)
    points = points_of([_seen_by(spec, run) for run in trials], spec)
    if not points:
        raise NotFoundError(
            f"no trial of {short_id(batch.id)} has reported {spec.objective.column} yet"
        )
    varied = varied_names(trials)
    if console.wants_json():
        console.answer_json(_to_plain(spec, points))
        return 0
    _check_flags(flags, varied)
    if wants_front and not spec.more_objectives:
        raise QueryError(f"--front needs several objectives: this batch would {spec.objective}")
    is_all = not (wants_front or wants_history or wants_slice or wants_parallel or flags)
    drawn: list[str] = []
    if wants_front or is_all:
        drawn += _fronts(named, trials)
    if wants_history or is_all:
        drawn.append(_history(spec, points))
    if wants_slice or flags or is_all:
        drawn += _slices(spec, points, flags or varied[:MAX_SLICES])
    if wants_parallel or (is_all and len(varied) > 1):
        drawn.append(_parallel(spec, points, varied))
    console.answer("\n\n".join(drawn))
    if is_all and name is None and spec.more_objectives:
        others = " ".join(str(one.column) for one in spec.more_objectives)
        console.say(f"note: {spec.objective.column} is plotted; see also --objective {others}")
    if not flags and (wants_slice or is_all) and len(varied) > MAX_SLICES:
        more = ", ".join(varied[MAX_SLICES:])
        console.say(f"note: {MAX_SLICES} of {len(varied)} flags are shown; see also --flag {more}")
    return 0


def _of_objective(spec: BatchSpec, name: str | None) -> BatchSpec:
    """Return a batch whose first objective is the named one; as it is without a name."""
    chosen = [one for one in spec.objectives if name in (None, str(one.column), one.column.tag)]
    if not chosen:
        columns = ", ".join(str(one.column) for one in spec.objectives)
        raise QueryError(f"{name!r} is no objective of this batch: choose one of {columns}")
    others = tuple(one for one in spec.objectives if one is not chosen[0])
    return replace(spec, objective=chosen[0], more_objectives=others)


def _seen_by(spec: BatchSpec, run: Run) -> Run:
    """Return a trial with the objective that is plotted; of one objective what was recorded."""
    return replace(run, objective=spec.objective.read(run)) if spec.more_objectives else run


def _to_plain(spec: BatchSpec, points: Sequence[Point]) -> dict[str, Any]:
    """Return the points of a batch as JSON values: each trial with an objective."""
    best = dict(best_so_far(points, spec.objective))
    plain = [
        {
            "number": point.run.number,
            "id": point.run.id,
            "objective": point.value,
            "objectives": _values(spec, point),
            "best_so_far": best.get(point.run.number),
            "is_best": point.is_best,
            "flags": plain_value(point.run.flags),
        }
        for point in points
    ]
    column, direction = str(spec.objective.column), str(spec.objective.direction)
    return {"id": spec.id, "column": column, "direction": direction, "points": plain}


def _values(spec: BatchSpec, point: Point) -> dict[str, float | None]:
    more = {str(one.column): one.read(point.run) for one in spec.more_objectives}
    return {str(spec.objective.column): point.value, **more}


def _check_flags(flags: Sequence[str], varied: Sequence[str]) -> None:
    for name in flags:
        if name not in varied:
            mend = f"choose one of {', '.join(varied)}" if varied else "no flag does"
            raise QueryError(f"flag {name!r} does not vary in this batch: {mend}")


def _fronts(spec: BatchSpec, trials: Sequence[Run]) -> Iterator[str]:
    """Yield a chart of the first objective against each further one, as reports have it."""
    front = Front.of(spec, trials)
    measured = [run for run in trials if costs_of(spec, run) is not None]
    first, n = spec.objective, len(front.trials)
    for other in spec.more_objectives if measured else ():
        title = f"{first.column} against {other.column}; {n} of {len(measured)} are on the front"
        if front.knee is not None:
            title += f", its knee is trial {front.knee.number}"
        pairs, on_front = (
            [(other.read(run) or 0.0, first.read(run) or 0.0) for run in some]
            for some in (measured, front.trials)
        )
        frame = _frame(title=title, x_label=str(other.column))
        yield draw_front(pairs, on_front, frame, is_line=len(spec.objectives) == 2)


def _history(spec: BatchSpec, points: Sequence[Point]) -> str:
    best = best_point(points, spec.objective)
    column = spec.objective.column
    title = f"{column} of each trial"
    if best is not None:  # none where all trials lie outside the current search space
        title += f"; best {format_value(best.value)} in trial {best.run.number}"
    values = [(point.run.number, point.value) for point in points]
    return draw_history(
        values, best_so_far(points, spec.objective), _frame(title=title, x_label="trial")
    )


def _slices(spec: BatchSpec, points: Sequence[Point], names: Sequence[str]) -> Iterator[str]:
    column = spec.objective.column
    for name in names:
        having = [point for point in points if name in point.run.flags]
        leading = [place for place, point in enumerate(having) if point.is_best]
        cells = values_of(name, having)
        axis = axis_of(name, cells, spec.settings)
        places = [
            one_line(format_value(cell)) if axis.categories else axis.place(cell) or 0.0
            for cell in cells
        ]
        pairs = [(place, point.value) for place, point in zip(places, having, strict=True)]
        frame = _frame(title=f"{column} against {name}", x_label=name)
        yield draw_scatter(pairs, replace(frame, is_x_log=axis.is_log), best=leading)


def _parallel(spec: BatchSpec, points: Sequence[Point], names: Sequence[str]) -> str:
    shown = sorted(points, key=lambda point: _place(spec, point))
    shown = shown[:MAX_LINES]
    axes = [axis_of(name, values_of(name, points), spec.settings) for name in names]
    axes.append(axis_of(str(spec.objective.column), [point.value for point in points]))
    lines = []
    for point in shown:
        cells = [*(point.run.flags.get(axis.name) for axis in axes[:-1]), point.value]
        places = [axis.place(cell) for axis, cell in zip(axes, cells, strict=True)]
        lines.append(
            [
                None if place is None else axis.fraction(place)
                for axis, place in zip(axes, places, strict=True)
            ]
        )
    ends = [
        f"{axis.name} {axis.categories[0]}…{axis.categories[-1]}"
        if axis.categories
        else f"{axis.name} {tick_text(axis.low)}…{tick_text(axis.high)}"
        for axis in axes
    ]
    title = "One line per trial, low values at the bottom; the best trial is highlighted"
    return draw_parallel(lines, ends, _frame(title=title), best=0)


def _place(spec: BatchSpec, point: Point) -> tuple[bool, float]:
    """Return a key that sorts points by their objective, the best trial first.

    After a restart in another space, the best trial may not have the lowest cost.
    """
    return not point.is_best, spec.objective.to_cost(point.value) or 0.0


def _frame(*, title: str, x_label: str = "") -> Frame:
    width = console.terminal_width() or WIDTH
    return Frame(
        width=max(30, min(width, MAX_WIDTH)),
        height=HEIGHT,
        title=title,
        x_label=x_label,
        is_coloured=console.has_colour(sys.stdout),
    )
