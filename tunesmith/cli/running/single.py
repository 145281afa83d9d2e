"""One run of the script: no Prefect, and no slower than the script itself."""

from dataclasses import replace
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.background_imports import importing
from tunesmith.executor.workplace import Session, open_workplace
from tunesmith.storage.index.run_list import index_records
from tunesmith.storage.records.records import preload_parquet
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord

PRELOAD_AFTER_S = 0.03


def run_single(spec: BatchSpec, session: Session) -> TrialRecord:
    """Run the script once and return its record, which the store has by then."""
    store = Store.create(Path(spec.home))
    store.put_batch(spec)
    session = replace(session, secrets=spec.secrets)
    # Parquet takes a while to import: do it while the script runs, and not while it is started
    with (
        open_workplace(spec, store, session) as work,
        importing(preload_parquet, after_s=PRELOAD_AFTER_S),
    ):
        record = publish_attempt(work, plan_single(spec))
    index_records(store, [record])
    return record


def plan_single(spec: BatchSpec) -> PlannedTrial:
    """Return the one trial of a single run."""
    return PlannedTrial(number=0, flags=spec.fixed_flags, origin="single")
