"""The report as one self-contained HTML page, which needs no network and no other file."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.query.cells import one_line
from tunesmith.query.commands import batch_command, restart_command, run_command
from tunesmith.query.results import format_objective, result_columns
from tunesmith.report import charts, contents, spent
from tunesmith.report.charts import NARROW
from tunesmith.report.curve_chart import curve_chart
from tunesmith.report.facts import BatchFacts
from tunesmith.report.front_chart import front_charts
from tunesmith.report.svg import DARK, LIGHT, STYLE
from tunesmith.trial import short_id

N_FEW = 25
"""How many trials the table shows until the others are asked for."""
_NUMBER = re.compile(r"-?[\d.]+(e[+-]?\d+)?|-?inf|nan")
TEMPLATE = "page.html.j2"
_OBJECTIVE_PLACE = 3
"""The place of the objective in the table, from 0, behind trial, run and status."""


def render_page(facts: BatchFacts) -> str:
    """Return the page; all texts of the batch are escaped."""
    # jinja2 takes 50 ms to import, and only a page needs it
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        """Escape control characters in texts of the script; our own markup has none."""
        return one_line(value) if isinstance(value, str) and type(value) is not Markup else value

    environment = Environment(
        loader=PackageLoader("tunesmith.report", ""),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(_values(facts))


def _values(facts: BatchFacts) -> dict[str, Any]:
    from markupsafe import Markup

    spec, best = facts.spec, facts.best
    return {
        "facts": facts,
        "title": f"{spec.batch_operation} {short_id(spec.id)}",
        "short": short_id(spec.id),
        "light": LIGHT,
        "dark": DARK,
        "chart_style": Markup(STYLE),
        "subtitle": contents.subtitle(facts),
        "column": str(facts.objective.column),
        "tag": facts.objective.column.tag,
        "best": best,
        "front": contents.front(facts),
        "is_reported": bool(facts.points),
        "no_best": contents.no_best(facts),
        "best_id": "" if best is None else short_id(best.run.id),
        "best_value": "" if best is None else format_objective(best.run),
        "best_expected": "" if facts.expected is None else facts.expected.describe(),
        "best_flags": "" if best is None else contents.describe_flags(facts, best.run),
        "best_command": "" if best is None else run_command(best.run, spec),
        **_recommended(facts),
        "batch_command": batch_command(spec),
        "no_command": contents.NO_COMMAND,
        "command_note": contents.command_note(facts),
        "restart": _restart(facts) if facts.has_more else "",
        "counts": [(str(status), n) for status, n in facts.counts.items()],
        "notes": contents.notes(facts),
        "has_model": bool(facts.slices),
        "fitted_note": contents.fitted_note(facts),
        "pruning_notes": contents.pruning_notes(facts),
        "curves_note": contents.curves_note(facts),
        "importance_notes": contents.importance_notes(facts),
        "origins": contents.origins(facts),
        "table_note": _table_note(facts),
        "n_few": N_FEW,
        "spent": spent.rows(facts),
        "spent_notes": spent.notes(facts),
        **_rows(facts),
        "failures": [_failure(facts, place) for place in range(len(facts.failures))],
        "n_more_failures": facts.n_failures - len(facts.failures),
        "environment": list(facts.environment.items()),
        **_charts(facts),
    }


def _rows(facts: BatchFacts) -> dict[str, Any]:
    """Return the table's rows, and the places, from 1, of its numbers and of what phones hide.

    A phone shows the trial, red if it failed, the objective and the flags.
    """
    rows = contents.trial_rows(facts, limit=contents.MAX_ROWS)
    columns = enumerate(zip(*(row.cells for row in rows), strict=True), start=1)
    headings = contents.headings(facts)
    n_major = _OBJECTIVE_PLACE + len(result_columns(facts.spec)) + len(facts.varied)
    return {
        "headings": headings,
        "rows": rows,
        "number_places": [place for place, cells in columns if _are_numbers(cells)],
        "objective_place": _OBJECTIVE_PLACE,
        "minor_places": [2, 3, *range(n_major + 1, len(headings) + 1)],
    }


def _are_numbers(cells: Sequence[str]) -> bool:
    return any(cells) and all(not cell or _NUMBER.fullmatch(cell) for cell in cells)


def _restart(facts: BatchFacts) -> str:
    return restart_command(facts.spec, n_finished=facts.n_finished, reported=facts.reported)


def _recommended(facts: BatchFacts) -> dict[str, Any]:
    run = facts.recommended
    return {
        "recommended": run,
        "recommended_id": "" if run is None else short_id(run.id),
        "recommended_flags": "" if run is None else contents.describe_flags(facts, run),
        "recommended_command": "" if run is None else run_command(run, facts.spec),
        "recommended_value": contents.expected(facts),
        "why_recommended": contents.WHY_RECOMMENDED,
    }


def _charts(facts: BatchFacts) -> Mapping[str, Any]:
    from markupsafe import Markup  # charts are already escaped

    has_points, varied = bool(facts.points), facts.varied
    drawn: dict[str, Any] = {
        "history": charts.history_chart(facts) if has_points else "",
        "narrow_history": charts.history_chart(facts, width=NARROW) if has_points else "",
        "parallel": charts.parallel_chart(facts) if has_points and len(varied) > 1 else "",
        "importance": charts.importance_chart(facts.importances) if facts.importances else "",
        "curves": curve_chart(facts),
        "narrow_curves": curve_chart(facts, width=NARROW),
        "timeline": charts.timeline_chart(facts),
    }
    slices = [charts.slice_chart(facts, name) for name in varied] if has_points else []
    marked = {name: Markup(text) for name, text in drawn.items()}
    fronts = [Markup(text) for text in front_charts(facts)]
    return {**marked, "slices": [Markup(text) for text in slices], "front_charts": fronts}


def _failure(facts: BatchFacts, place: int) -> dict[str, str | int | tuple[str, ...]]:
    failure = facts.failures[place]
    run = failure.run
    reason = run.reason or (f"exit {run.exit_code}" if run.exit_code else "")
    return {
        "number": run.number,
        "id": short_id(run.id),
        "status": str(run.status),
        "reason": f" ({reason})" if reason else "",
        "flags": contents.describe_flags(facts, run),
        "lines": failure.output or ("(no output)",),
    }


def _table_note(facts: BatchFacts) -> str:
    n = len(facts.trials)
    if n <= contents.MAX_ROWS:
        return ""
    return f" The best {contents.MAX_ROWS} of {n} trials are listed."
