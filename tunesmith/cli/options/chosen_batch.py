"""The batch that a command works on."""

import shlex

from tunesmith.errors import NotFoundError
from tunesmith.query.selection import select_one
from tunesmith.storage.store import Store
from tunesmith.trial import short_id


def find_batch(store: Store, text: str) -> str:
    """Return the id of the batch that a string selects: an index, an id prefix or an operation.

    Raises:
        NotFoundError: No run is selected, or it is a single run.
    """
    runs = [run for run in store.list_runs().runs if not run.is_deleted]
    run = select_one(runs, text)
    if not run.is_batch and not run.is_trial:
        raise NotFoundError(
            f"{short_id(run.id)} is a single run of {run.operation}: run it again with "
            f"tunesmith run {shlex.quote(run.script)}"
        )
    return run.batch
