"""One run of the script: no Prefect, and no slower than the script itself."""

from tunesmith.batch import BatchSpec
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.background_imports import importing
from tunesmith.executor.batch_context import BatchContext, opened
from tunesmith.storage.index.run_list import index_records
from tunesmith.storage.records.records import preload_parquet
from tunesmith.trial import PlannedTrial, TrialRecord

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
    index_records(store, [record])
    return record


def plan_single(spec: BatchSpec) -> PlannedTrial:
    """Return the one trial of a single run."""
    return PlannedTrial(number=0, flags=spec.fixed_flags, origin="single")
