"""The task that writes what is derived from a batch: its table as CSV."""

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tunesmith.query.csv_text import table_to_csv
from tunesmith.query.table import build_table
from tunesmith.storage.listing import list_runs
from tunesmith.storage.store import Store


@task(name="report", task_run_name="report", cache_policy=NO_CACHE, persist_result=False)
def report(home: str, batch: str) -> State[Path]:
    """Write the batch's derived files from the store alone, and return the CSV's path.

    Args:
        home: The store's folder.
        batch: The batch's id.
    """
    path = write_csv(Store.open(Path(home)), batch)
    return Completed(message=f"wrote {path.name}", data=path)


def write_csv(store: Store, batch: str) -> Path:
    """Write one row for each trial of a batch, in the order of their numbers."""
    runs = [run for run in list_runs(store).runs if run.batch == batch and run.is_trial]
    table = build_table(sorted(runs, key=lambda run: run.number))
    path = store.layout.batch_directory(batch) / "trials.csv"
    draft = path.with_suffix(".csv.new")
    draft.write_text(table_to_csv(table), encoding="utf-8", newline="")
    return draft.replace(path)
