"""The report as Markdown: for a pull request, a wiki, or an artifact in Prefect."""

import base64
from collections.abc import Sequence

from tunesmith.query.commands import batch_command, restart_command, run_command
from tunesmith.query.markdown_text import code_block, code_span, escape
from tunesmith.query.results import format_objective
from tunesmith.report import charts, contents, spent
from tunesmith.report.curve_chart import curve_chart
from tunesmith.report.facts import BatchFacts
from tunesmith.report.front_chart import front_charts
from tunesmith.report.svg import standalone
from tunesmith.trial import short_id

MAX_ROWS = 20
MAX_SLICES = 6


def render_markdown(facts: BatchFacts, *, has_images: bool = False) -> str:
    """Return the report as Markdown.

    Args:
        facts: The facts of the batch.
        has_images: Whether to embed charts as data, which Prefect shows and GitHub does not.
    """
    spec = facts.spec
    parts = [
        f"# {escape(spec.batch_operation)} {short_id(spec.id)}",
        escape(contents.subtitle(facts)),
    ]
    parts += [escape(spec.label)] if spec.label else []
    parts += _best(facts)
    command = batch_command(spec)
    restart = restart_command(spec, n_finished=facts.n_finished, reported=facts.reported)
    parts += _front(facts, has_images=has_images)
    parts += ["## The batch", contents.NO_COMMAND if command is None else code_block(command)]
    note = contents.command_note(facts) if command else ""
    parts += [note] if note else []
    parts += [f"Continue it: {code_span(restart)}"] if facts.has_more else []
    parts += ["Explore it:", code_block(_commands(facts))]
    parts += ["The folder of its trials:", code_block(str(facts.directory))]
    parts.append(_table(["status", "trials"], [[str(s), str(n)] for s, n in facts.counts.items()]))
    if has_images and facts.points:
        parts += ["## Best so far", _image(charts.history_chart(facts), "the best so far")]
        for name in facts.varied[:MAX_SLICES]:
            label = f"{facts.objective.column} against {name}"
            parts.append(_image(charts.slice_chart(facts, name), label))
    parts += map(escape, contents.notes(facts))
    parts += _pruning(facts, has_images=has_images)
    parts += _importance(facts)
    rows = contents.trial_rows(facts, limit=MAX_ROWS, is_best_first=True)
    parts += ["## The best trials" if len(facts.trials) > MAX_ROWS else "## Trials"]
    parts.append(_table(contents.headings(facts), [row.cells for row in rows]))
    parts.append(
        _table(
            ["proposed by", "trials", ""],
            [[origin, str(n), meaning] for origin, n, meaning in contents.origins(facts)],
        )
    )
    parts += _time(facts)
    parts += _failures(facts)
    parts += ["## Environment", _table(["", ""], list(facts.environment.items()))]
    return "\n\n".join(parts) + "\n"


def _commands(facts: BatchFacts) -> str:
    """Return commands that show more, on the machine with the store."""
    short = short_id(facts.spec.id)
    return "\n".join(
        [
            f"tunesmith compare {short}",
            f"tunesmith tensorboard {short}",
            f"tunesmith open {short}",
        ]
    )


def _best(facts: BatchFacts) -> list[str]:
    best, column = facts.best, escape(str(facts.objective.column))
    if best is None:
        return [f"{escape(contents.no_best(facts))}."]
    flags, value = escape(contents.describe_flags(facts, best.run)), format_objective(best.run)
    expected = facts.expected
    return [
        f"**Best {column}: {value}**, trial {best.run.number}, {flags}",
        *([] if expected is None else [f"Expected: {escape(expected.describe())}."]),
        code_block(run_command(best.run, facts.spec)),
        *_recommended(facts),
    ]


def _front(facts: BatchFacts, *, has_images: bool) -> list[str]:
    """Return the trials that no other one beats, with a picture; nothing with one objective."""
    lines = contents.front(facts)
    if not lines:
        return []
    pictures = front_charts(facts) if has_images else []
    listed = "\n".join(f"- {escape(line)}" for line in lines)
    return ["## The front", *(_image(one, "the front") for one in pictures), listed]


def _recommended(facts: BatchFacts) -> list[str]:
    run = facts.recommended
    if run is None:
        return []
    flags = escape(contents.describe_flags(facts, run))
    return [
        f"**Recommended: trial {run.number}**, {flags}: expected to give "
        f"{escape(contents.expected(facts))}. {contents.WHY_RECOMMENDED}",
        code_block(run_command(run, facts.spec)),
    ]


def _pruning(facts: BatchFacts, *, has_images: bool) -> list[str]:
    notes, chart = contents.pruning_notes(facts), curve_chart(facts) if has_images else ""
    parts = ["## Pruning", *map(escape, notes)] if notes else []
    if chart:
        label = f"{facts.objective.column.tag} of each trial while it ran"
        parts += [_image(chart, label), escape(contents.curves_note(facts))]
    return [part for part in parts if part]


def _importance(facts: BatchFacts) -> list[str]:
    if not facts.importances:
        return []
    rows = [
        [one.name, f"{100 * one.share:.0f} %", "" if one.is_clear else "may be due to chance"]
        for one in facts.importances
    ]
    table = _table(["flag", "share", ""], rows)
    return ["## Importance of flags", table, *contents.importance_notes(facts)]


def _time(facts: BatchFacts) -> list[str]:
    rows = spent.rows(facts)
    if not rows:
        return []
    table = _table(["", "time", "share", ""], rows)
    return ["## Where the time went", table, *map(escape, spent.notes(facts))]


def _failures(facts: BatchFacts) -> list[str]:
    parts = ["## Failures"] if facts.failures else []
    for failure in facts.failures:
        run = failure.run
        flags = escape(contents.describe_flags(facts, run))
        parts.append(f"Trial {run.number} ({short_id(run.id)}), {run.status}: {flags}")
        if failure.output:
            parts.append(code_block("\n".join(failure.output)))
    n_more = facts.n_failures - len(facts.failures)
    return [*parts, f"… and {n_more} more"] if n_more else parts


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    cells = [[escape(cell) if cell != "---" else cell for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _image(drawing: str, label: str) -> str:
    data = base64.b64encode(standalone(drawing).encode()).decode()
    return f"![{escape(label)}](data:image/svg+xml;base64,{data})"
