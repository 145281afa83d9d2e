"""Start what ``tunesmith run`` has read: preview, ask, keep the source, run."""

import json
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.asking import ask
from tunesmith.cli.running.preview import preview
from tunesmith.errors import UsageError
from tunesmith.request.found_data import with_data
from tunesmith.request.new import with_source
from tunesmith.request.specification import doubts
from tunesmith.storage.store import Store
from tunesmith.trial import short_id


def start(spec: BatchSpec, options: RunOptions, home: Path) -> int:
    """Ask, then run a new batch or a single run; return the exit code."""
    spec = with_data(spec, home)
    n_trials = 1 if spec.is_single else spec.n_trials or 0
    for line in doubts(spec) if options.quiet or options.json else ():  # without a preview
        console.warn(line)
    if options.no_start:
        return _write(spec, options, home)
    if options.background:
        from tunesmith.cli.running.background import run_in_background

        ask(preview(spec, n_trials=n_trials), options)
        spec, store = _keep_source(spec, home)
        return run_in_background(spec, options, store=store, n_total=n_trials)
    if spec.is_single:
        from tunesmith.cli.running.single import run_once  # a batch does not need it

        ask(preview(spec, n_trials=1), options)
        spec, store = _keep_source(spec, home)
        return run_once(spec, options, store)
    # only a batch needs Prefect's server
    from tunesmith.cli.running.starting_server import server_starting
    from tunesmith.cli.running.sweep import sweep

    with server_starting() as server:
        with server.prefect_imported(is_wanted=not options.yes):
            ask(preview(spec, n_trials=n_trials), options)
        spec, store = _keep_source(spec, home)
        return sweep(spec, options, server=server, n_total=n_trials, store=store)


def _write(spec: BatchSpec, options: RunOptions, home: Path) -> int:
    """Write a batch that nobody runs yet, and print its id."""
    if spec.is_single:
        raise UsageError(
            "--no-start is for a batch: give a flag a range or a list, or leave it out"
        )
    if not (options.quiet or options.json):
        console.say(preview(spec, n_trials=spec.n_trials or 0))
    spec, store = _keep_source(spec, home)
    store.put_batch(spec)
    console.answer(json.dumps({"id": spec.id}) if options.json else spec.id)
    if not (options.quiet or options.json):
        name = short_id(spec.id)
        console.say(
            f"not started: tunesmith run --restart {name} runs it, tunesmith suggest {name} asks "
            "for a trial"
        )
    return 0


def _keep_source(spec: BatchSpec, home: Path) -> tuple[BatchSpec, Store]:
    """Make the store, if there is none, and take a snapshot of the source into it."""
    store = Store.create(home)
    return with_source(spec, store, tell=console.warn), store
