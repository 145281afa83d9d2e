"""Batches and stores as HTML, which a notebook shows; of bounded size, all text escaped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from tunesmith.errors import NotFoundError, QueryError
from tunesmith.flags.display import format_value
from tunesmith.output_file import write_output_file
from tunesmith.query.cells import count, format_started, one_line
from tunesmith.report import charts, contents
from tunesmith.report.facts import BatchFacts
from tunesmith.report.svg import standalone
from tunesmith.trial import Run, TrialStatus, short_id

MAX_ROWS = 20
"""The most trials, or batches, that a table lists."""
MAX_FLAGS = 8
"""The most flags that a table has a column for."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart, which a notebook shows."""

    svg: str
    """The chart as an SVG element."""

    def save(self, path: str | Path) -> None:
        """Write the chart to an SVG file."""
        write_output_file(Path(path), self.svg)

    def _repr_html_(self) -> str:
        return f'<div style="max-width:860px">{self.svg}</div>'

    def __repr__(self) -> str:
        """Return how to look at it outside of a notebook."""
        return "<Plot: see .svg and .save(path)>"


def plot(facts: BatchFacts, flag: str | None) -> Plot:
    """Return the chart of the objective by trial, or against a flag.

    Args:
        facts: The facts of the batch.
        flag: The name of the flag; None for the trials.

    Raises:
        NotFoundError: No trial has reported the objective yet.
        QueryError: The flag does not vary.
    """
    if not facts.points:
        raise NotFoundError(f"{contents.no_best(facts)} yet: there is nothing to plot")
    if flag is None:
        return Plot(standalone(charts.history_chart(facts)))
    if flag not in facts.varied:
        known = f"choose one of {', '.join(facts.varied)}" if facts.varied else "no flag does"
        raise QueryError(f"flag {flag!r} does not vary in this batch: {known}")
    return Plot(standalone(charts.slice_chart(facts, flag)))


def batch_to_html(facts: BatchFacts, status: TrialStatus) -> str:
    """Return a batch as HTML: what it is, its best trial, the search, and its best trials.

    Args:
        facts: The facts of the batch.
        status: The status of the batch.
    """
    spec, shown = facts.spec, replace(facts, varied=facts.varied[:MAX_FLAGS])
    rows = contents.trial_rows(shown, limit=MAX_ROWS, is_best_first=True)
    title = f"{spec.batch_operation} {short_id(spec.id)}"
    parts = [f"<b>{_safe(title)}</b> {_safe(f'{status}: {contents.subtitle(facts)}')}<br>"]
    if (best := facts.best) is not None:
        flags = contents.describe_flags(facts, best.run)
        what = f"{spec.objective.column} {format_value(best.value)}  {flags}"
        parts.append(f"best: <b>{_safe(what)}</b> trial {best.run.number}<br>")
    if facts.points:
        parts.append(f'<div style="width:240px">{standalone(charts.sparkline(facts))}</div>')
    marked = [place for place, row in enumerate(rows) if row.is_best]
    parts.append(_table(contents.headings(shown), [row.cells for row in rows], marked=marked))
    if len(facts.trials) > len(rows):
        parts.append(f"{len(rows)} of {count(len(facts.trials), 'trial')}: see .to_pandas()")
    return f"<div>{''.join(parts)}</div>"


def store_to_html(home: Path, runs: Sequence[Run]) -> str:
    """Return a store as HTML: its latest batches.

    Args:
        home: The store's folder.
        runs: Its runs, newest first.
    """
    batches = [run for run in runs if run.is_batch]
    rows = [
        [
            short_id(run.id),
            run.operation,
            str(run.status),
            format_started(run.started),
            str(run.progress.n_finished),
            _best(run),
        ]
        for run in batches[:MAX_ROWS]
        if run.progress is not None
    ]
    more = f"the latest {len(rows)} of them:" if len(batches) > len(rows) else ""
    table = _table(["batch", "operation", "status", "started", "trials", "best"], rows)
    return f"<div>{_safe(describe_store(home, runs))} {more}{table if rows else ''}</div>"


def describe_store(home: Path, runs: Sequence[Run]) -> str:
    """Return where a store is, and how many batches and runs it has."""
    n_batches = sum(run.is_batch for run in runs)
    n_runs = count(len(runs) - n_batches, "run")
    return f"Store {home}: {count(n_batches, 'batch', 'batches')}, {n_runs}"


def _best(run: Run) -> str:
    value = None if run.progress is None else run.progress.best_objective
    return "" if value is None else format_value(value)


def _table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, marked: Sequence[int] = ()
) -> str:
    head = "".join(f"<th>{_safe(text)}</th>" for text in headings)
    body = []
    for place, row in enumerate(rows):
        style = ' style="font-weight:bold" title="the best"' if place in marked else ""
        body.append(f"<tr{style}>{''.join(f'<td>{_safe(text)}</td>' for text in row)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _safe(text: str) -> str:
    return escape(one_line(text))
