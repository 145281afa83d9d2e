"""What changes runs that exist, as commands and the live view do it: label, tags, deletion."""

import time
from collections.abc import Sequence

from tunesmith.errors import LeaseHeldError, UsageError
from tunesmith.request.sweep_request import check_tag
from tunesmith.storage.records.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id


def write_edit(store: Store, action: EditAction, runs: Sequence[Run], value: str = "") -> None:
    """Change runs as a user asks at this moment.

    Args:
        store: The store of the runs.
        action: What is done to them.
        runs: The runs; with a batch, its trials too where they are meant.
        value: The label or the tag; empty for other actions.
    """
    ids = tuple(run.id for run in runs)
    store.add_edit(Edit(action=action, runs=ids, value=value, time=time.time()))


def write_tags(
    store: Store, runs: Sequence[Run], *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> None:
    """Add tags to runs and remove others, which ``check_tags`` has passed."""
    for action, names in ((EditAction.UNTAG, remove), (EditAction.TAG, add)):
        for name in names:
            write_edit(store, action, runs, name)


def refuse_running(runs: Sequence[Run], verb: str) -> None:
    """Refuse to change runs that are still running.

    Raises:
        LeaseHeldError: A run is still running.
    """
    for run in runs:
        is_alive = run.progress is not None and run.progress.is_alive
        if is_alive or run.status is TrialStatus.RUNNING:
            raise LeaseHeldError(
                f"{short_id(run.id)} ({run.operation}) is running: wait until it ends or stop it "
                f"before you {verb} it"
            )


def check_tags(add: Sequence[str], remove: Sequence[str]) -> None:
    """Refuse tags that a list of tags could not show.

    Raises:
        UsageError: A tag is invalid, or to be both added and removed.
    """
    for name in (*add, *remove):
        check_tag(name)
    for name in add:
        if name in remove:
            raise UsageError(f"{name!r} is both added and removed: choose one")
