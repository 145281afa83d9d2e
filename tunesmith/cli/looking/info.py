"""``tunesmith runs info``: the details of one run."""

import json
from pathlib import Path
from typing import Any

import click

from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_to_plain
from tunesmith.cli import console
from tunesmith.cli.looking.advice import advise
from tunesmith.cli.looking.page import Leaders, find_leaders, page_lines, section
from tunesmith.cli.looking.plain import run_to_plain
from tunesmith.cli.looking.runs import FAILED
from tunesmith.cli.looking.spent import time_lines, time_to_json
from tunesmith.cli.options.chosen_runs import select_one
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import TunesmithError
from tunesmith.flags.display import exact_setting
from tunesmith.query.learnt import learning_lines
from tunesmith.query.results import front_to_plain, nearest_to_plain
from tunesmith.storage.store import Store
from tunesmith.trial import Run

N_OUTPUT_LINES = 10
"""How many lines of a failed run's output are shown."""


@click.command(cls=SectionedCommand)
@selecting_options
@click.option("--json", "is_json", is_flag=True, help="Print all details as a JSON object.")
def info(*, choice: Choice, is_json: bool) -> int:
    """Show the details of one run; of the latest run unless one is named."""
    store = open_store(choice.home)
    every = read_runs(store)
    run = select_one(every, choice)
    spec = _read_spec(store, run)
    advice = advise(spec, every) if run.is_batch and spec is not None else None
    leaders = find_leaders(every, run, spec, advice=advice)
    if is_json:
        plain = run_to_plain(run, store.layout) | _batch_to_plain(run, spec, leaders)
        if run.is_batch and spec is not None:
            plain |= time_to_json(store, run, spec, every)
        console.answer(json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False))
        return 0
    lines = page_lines(run, spec, leaders, store.layout)
    if run.is_batch and spec is not None:
        lines += section("time", time_lines(store, run, spec, every))
    if run.status in FAILED and not run.is_batch:
        lines += section("output", _last_output(store.layout.output(run.batch, run.id)))
    console.answer("\n".join(lines))
    return 0


def _read_spec(store: Store, run: Run) -> BatchSpec | None:
    """Return the specification of the run's batch; None, with a warning, if it is unreadable.

    A run whose specification is lost can still be shown.
    """
    try:
        return store.batch(run.batch)
    except TunesmithError as error:
        console.warn(str(error))
        return None


def _last_output(path: Path) -> list[str]:
    """Return the last lines of a run's output; empty if the output is gone."""
    from tunesmith.executor.output_log import tail_lines  # needed for a failed run only

    return tail_lines(path, N_OUTPUT_LINES) if path.exists() else []


def _batch_to_plain(run: Run, spec: BatchSpec | None, leaders: Leaders) -> dict[str, Any]:
    """Return the JSON fields of a batch beyond those of every run."""
    if not run.is_batch or spec is None:
        return {}
    plain = batch_to_plain(spec)
    return {
        "project": spec.project,
        "optimizer": plain["optimizer"],
        "objective_column": str(spec.objective.column),
        "direction": str(spec.objective.direction),
        "objectives": list(map(str, spec.objectives)),
        "front": None if leaders.front is None else front_to_plain(spec, leaders.front),
        "settings": {name: exact_setting(one) for name, one in sorted(spec.settings.items())},
        "where": list(spec.where),
        "limits": plain.get("stopping"),
        "subject_to": list(spec.subject_to),
        "learns_from": list(learning_lines(spec)),
        "seed": spec.seed,
        "nearest": leaders.nearest and nearest_to_plain(spec, leaders.nearest),
        "outside": leaders.n_outside,
        "best": None if leaders.best is None else leaders.best.id,
        "recommended": None if leaders.advice is None else leaders.advice.to_plain(),
        "pruning": None if leaders.pruning is None else leaders.pruning.to_plain(),
        "repeats": spec.repeats and str(spec.repeats),
        "expected": None if leaders.expected is None else leaders.expected.to_plain(),
        "restart": leaders.restart_command(spec),
    }
