"""``tunesmith run --restart``: go on with a batch that ended, was stopped or was killed."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tunesmith.adopting import adopt
from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.options.chosen_batch import find_batch
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.asking import ask
from tunesmith.cli.running.background import run_in_background
from tunesmith.cli.running.preview import preview
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.cli.running.summary import summary_to_json
from tunesmith.cli.running.sweep import sweep
from tunesmith.errors import LeaseHeldError, UsageError
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.query.cells import count
from tunesmith.query.pruning_figures import pruning_figures
from tunesmith.ranking import best_of, n_outside
from tunesmith.request.change import change, n_to_run
from tunesmith.search.grid import grid_size
from tunesmith.search.space import SearchSpace
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, TrialStatus, short_id


def restart(options: RunOptions, home: Path) -> int:
    """Ask, then run what a batch lacks or more of it; return the exit code.

    Raises:
        NotFoundError: No such batch.
        LeaseHeldError: It is running now.
        SpecificationError: What is asked for contradicts the batch.
    """
    _check_options(options)
    store = Store.open(home)
    batch = find_batch(store, options.restart or "")
    if store.is_alive(batch):
        raise LeaseHeldError(
            f"batch {short_id(batch)} is running now: wait for its end, or stop it with Ctrl-C"
        )
    adopted = adopt(store, batch)
    earlier = adopted.spec
    records = store.records(batch).records
    planned = store.plan(batch)
    ended = store.end(batch)
    spec = change(
        earlier,
        options.request,
        planned=planned,
        records=records,
        now=time.time(),
        ended=ended.reason if ended else "",
    )
    n_total = n_to_run(spec, planned, records)
    if options.print_trials or options.save_trials:
        from tunesmith.cli.running.trials_listing import list_trials, trials_of_restart

        return list_trials(spec, options, trials_of_restart(spec, store, n_total=n_total))
    if n_total == 0 and spec.objective == earlier.objective:
        console.say(f"batch {short_id(batch)} has nothing left to run: {_more(spec, records)}")
        if options.json:
            figures = pruning_figures(spec, records)
            console.answer(summary_to_json(spec, _nothing_run(spec, records), pruning=figures))
        elif options.quiet:
            console.answer(batch)
        return 0
    warnings = adopted.warnings(spec.execution.python)
    if options.quiet or options.json:
        for line in warnings:  # the preview is not shown, and this is not left unsaid
            console.warn(f"{short_id(batch)} {line}")
    text = preview(spec, n_trials=n_total, earlier=earlier)
    text = "\n".join([text, *(f"  {line}" for line in warnings)])
    if options.background:
        ask(text, options)
        return run_in_background(spec, options, store=store, n_total=n_total)
    with server_starting() as server:
        with server.prefect_imported(is_wanted=not options.yes):
            ask(text, options)
        return sweep(spec, options, server=server, n_total=n_total, store=store)


def _check_options(options: RunOptions) -> None:
    """Check that no option is given that only a new batch takes.

    Raises:
        UsageError: One is.
    """
    if options.save_sweep is not None:
        raise UsageError(
            "--save-sweep writes what a new batch is asked for: leave out --restart, or save the "
            "sweep with the arguments that the batch was made with"
        )
    if options.no_start:
        raise UsageError("--no-start is for a new batch: leave out --restart, or --no-start")


def _nothing_run(spec: BatchSpec, records: Sequence[TrialRecord]) -> BatchOutcome:
    """Return the outcome of a restart that has nothing to run."""
    return BatchOutcome(
        batch=spec.id,
        end="",
        stopped=spec.restarted,
        seconds=0.0,
        n_run=0,
        n_tasks=0,
        counts=Counter(record.status for record in records),
        best=best_of(spec, records),
        n_outside=n_outside(spec, records),
    )


def _more(spec: BatchSpec, records: Sequence[TrialRecord]) -> str:
    """Return how a batch of which everything ran gets more trials, or goes on with its own."""
    n_pruned = sum(record.status is TrialStatus.PRUNED for record in records)
    if n_pruned:
        again = f"tunesmith run --restart {short_id(spec.id)} --pruned"
        return f"run its {count(n_pruned, 'pruned trial')} to the end with {again}"
    is_grid = spec.optimizer is not None and spec.optimizer.name == "grid"
    n_here = len(records) - n_outside(spec, records)  # in the space as it is now
    if is_grid and grid_size(SearchSpace.of(spec)) <= n_here:
        return "every point of its grid has run; search others with a new batch"
    return f"add trials with tunesmith run --restart {short_id(spec.id)} -m N"
