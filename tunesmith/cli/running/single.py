"""One run of the script: no Prefect, and no slower than the script itself."""

import json
import sys

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.background_imports import importing
from tunesmith.executor.batch_context import BatchContext, opened
from tunesmith.executor.interrupts import Interrupts, received
from tunesmith.executor.stop_token import StopToken
from tunesmith.storage.records.records import preload_parquet
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

PRELOAD_AFTER_S = 0.03


def run_single(context: BatchContext) -> TrialRecord:
    """Run the script once and return its record, which the store has by then."""
    spec, store = context.spec, context.store
    store.put_batch(spec)
    # Parquet takes a while to import: do it while the script runs, and not while it is started
    with (
        opened(context) as running,
        importing(preload_parquet, after_s=PRELOAD_AFTER_S),
    ):
        record = publish_attempt(running, plan_single(spec))
    store.index_records([record])
    return record


def plan_single(spec: BatchSpec) -> PlannedTrial:
    """Return the one trial of a single run."""
    return PlannedTrial(number=0, flags=spec.fixed_flags, origin="single")


def run_once(spec: BatchSpec, options: RunOptions, store: Store) -> int:
    """Run the script once, its output on the terminal; return the exit code."""
    stop = StopToken()
    interrupts = Interrupts(stop, is_single=True)
    is_silent = options.quiet or options.json
    echo = None if is_silent else sys.stdout.buffer
    context = BatchContext(spec=spec, store=store, stop=stop, interrupts=interrupts, echo=echo)
    with received(interrupts):
        record = run_single(context)
    if options.json:
        answer = {"id": record.id, "status": str(record.status), "objective": record.objective}
        console.answer(json.dumps(answer))
    elif options.quiet:
        console.answer(record.id)
    if record.status is TrialStatus.COMPLETED:
        return 0
    console.say(f"error: {spec.operation} {_end(record.exit_code, record.signal, record.reason)}")
    return interrupts.exit_code or 1


def _end(exit_code: int | None, signal: int | None, reason: str) -> str:
    if exit_code is None and signal is None:
        return f"could not be run: {reason}"
    end = f"ended with signal {signal}" if signal is not None else f"ended with exit {exit_code}"
    return f"{end}: {reason}" if reason else end
