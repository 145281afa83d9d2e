"""``tunesmith runs info``: everything about one run."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.opening import open_store, read_runs
from tunesmith.cli.plain import run_to_plain
from tunesmith.cli.rendering import format_clock, format_started, one_line
from tunesmith.cli.runs import FAILED
from tunesmith.cli.selecting import Choice, filter_runs, name_runs, selecting_options
from tunesmith.errors import NotFoundError, TunesmithError, UsageError
from tunesmith.flags.display import (
    format_assignments,
    format_flags,
    format_setting,
    format_value,
    preview_lines,
)
from tunesmith.scalar import ScalarSummary
from tunesmith.storage.layout import Layout
from tunesmith.storage.store import Store
from tunesmith.trial import BatchProgress, Run, short_id

N_OUTPUT_LINES = 10
"""Lines of a failed run's output that are shown."""

Fact = tuple[str, str]
"""A name and what is shown behind it."""


@click.command()
@selecting_options
@click.option("--json", "is_json", is_flag=True, help="Print everything as a JSON object.")
def info(*, choice: Choice, is_json: bool) -> int:
    """Show one run, the latest unless another is named."""
    if len(choice.texts) > 1:
        raise UsageError(f"{len(choice.texts)} runs are named: name one, as in runs info 1")
    store = open_store(choice.home)
    every = read_runs(store)
    run = _latest(name_runs(filter_runs(every, choice), choice))
    spec = _read_spec(store, run)
    best = _find_best(every, run)
    if is_json:
        plain = run_to_plain(run, store.layout) | _batch_to_plain(run, spec, best)
        console.answer(json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False))
        return 0
    console.answer("\n".join(_lines(run, spec, best, store.layout)))
    return 0


def _latest(runs: Sequence[Run]) -> Run:
    if not runs:
        raise NotFoundError("there is no such run: see them all with tunesmith runs --all")
    return runs[0]


def _read_spec(store: Store, run: Run) -> BatchSpec | None:
    """Return the specification of the run's batch; None, with a warning, where it is unreadable.

    A run whose specification is lost is still shown.
    """
    try:
        return store.batch(run.batch)
    except TunesmithError as error:
        console.warn(str(error))
        return None


def _find_best(runs: Sequence[Run], batch: Run) -> Run | None:
    """Return the best trial of a batch; None for other runs, or where there is none."""
    if batch.progress is None or batch.progress.best_number is None:
        return None
    number = batch.progress.best_number
    return next((run for run in runs if run.batch == batch.id and run.number == number), None)


def _lines(run: Run, spec: BatchSpec | None, best: Run | None, layout: Layout) -> list[str]:
    """Return the page of a run: facts, then flags, scalars and a failed run's last output."""
    facts = _facts(run, spec, layout)
    if run.progress is not None:
        facts += _batch_facts(run, run.progress, spec, best)
    lines = [f"{name}: {one_line(value)}".rstrip() for name, value in facts]
    lines += _section("flags", _flag_lines(run, spec))
    scalars = (_scalar_line(tag, run.scalars[tag]) for tag in sorted(run.scalars))
    lines += _section("scalars", list(scalars))
    if run.status in FAILED and not run.is_batch:
        lines += _section("output", _last_output(layout.output(run.batch, run.id)))
    return lines


def _facts(run: Run, spec: BatchSpec | None, layout: Layout) -> list[Fact]:
    """Return what every run has."""
    facts = [
        ("id", run.id),
        ("operation", run.operation),
        ("from", run.script if spec is None else str(Path(spec.project) / run.script)),
        ("status", str(run.status)),
        ("started", format_started(run.started)),
        ("stopped", format_started(run.stopped)),
        ("time", "" if run.seconds is None else format_clock(run.seconds)),
        ("label", run.label),
        ("tags", ", ".join(run.tags)),
        ("sourcecode_digest", run.source_digest),
    ]
    if run.is_batch:
        return facts
    if run.is_trial:
        origin = f" ({run.origin})" if run.origin else ""
        facts.append(("trial", f"{run.number} of batch {short_id(run.batch)}{origin}"))
    facts += [
        ("run_dir", str(layout.trial_directory(run.batch, run.id))),
        ("command", run.command),
        ("exit_status", "" if run.exit_code is None else str(run.exit_code)),
    ]
    if run.signal is not None:
        facts.append(("signal", str(run.signal)))
    if run.reason:
        facts.append(("reason", run.reason))
    return facts


def _batch_facts(
    run: Run, progress: BatchProgress, spec: BatchSpec | None, best: Run | None
) -> list[Fact]:
    """Return what only a batch has."""
    counts = (f"{n} {status}" for status, n in progress.counts.items() if n)
    facts = [("trials", ", ".join(counts) or "none")]
    if progress.total is not None:
        facts[0] = ("trials", f"{facts[0][1]} (of {progress.total})")
    if spec is not None:
        facts += [("optimizer", _optimizer(spec)), ("objective", str(spec.objective))]
        facts.append(("seed", str(spec.seed)))
    if best is not None:
        value = "" if best.objective is None else f"{format_value(best.objective)}  "
        flags = format_flags(best.flags)
        facts.append(("best", f"{value}{flags}  (trial {best.number}, {short_id(best.id)})"))
        facts.append(("best_command", _run_command(best)))
    facts.append(("restart", f"tunesmith run --restart {short_id(run.id)}"))
    return facts


def _optimizer(spec: BatchSpec) -> str:
    """Return the optimizer as the preview names it, with the flags that were set."""
    if spec.optimizer is None:
        return ""
    from tunesmith.search.registry import display_name  # slow to import; only a batch needs it

    settings = format_flags(spec.optimizer.settings)
    return f"{display_name(spec.optimizer.name)} {settings}".rstrip()


def _run_command(run: Run) -> str:
    """Return the command that runs the script once with a run's flags, in full precision."""
    script = shlex.quote(run.script)
    return f"tunesmith run {script} {format_assignments(run.flags)}".rstrip()


def _flag_lines(run: Run, spec: BatchSpec | None) -> list[str]:
    if run.is_batch:
        return [] if spec is None else preview_lines(spec.settings)
    return [f"{name}: {format_value(run.flags[name])}" for name in sorted(run.flags)]


def _scalar_line(tag: str, summary: ScalarSummary) -> str:
    return f"{tag}: {format_value(summary.last)} (step {summary.last_step})"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    """Return a title and its lines, indented; nothing where there are none."""
    return [f"{title}:", *(f"  {one_line(line)}".rstrip() for line in lines)] if lines else []


def _last_output(path: Path) -> list[str]:
    """Return the last lines that a run printed; none where its output is gone."""
    from tunesmith.executor.output_log import tail_lines  # only a failed run needs it

    return tail_lines(path, N_OUTPUT_LINES) if path.exists() else []


def _batch_to_plain(run: Run, spec: BatchSpec | None, best: Run | None) -> dict[str, Any]:
    """Return what the JSON of a batch has beside the run's own fields."""
    if not run.is_batch or spec is None:
        return {}
    return {
        "project": spec.project,
        "optimizer": spec.to_plain()["optimizer"],
        "objective_column": str(spec.objective.column),
        "direction": str(spec.objective.direction),
        "settings": {name: format_setting(one) for name, one in sorted(spec.settings.items())},
        "seed": spec.seed,
        "best": None if best is None else best.id,
        "restart": f"tunesmith run --restart {short_id(run.id)}",
    }
