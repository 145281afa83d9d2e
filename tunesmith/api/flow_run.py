"""Running a specification as a flow, from a program: on the Prefect server that it uses."""

import os
import threading
from contextlib import ExitStack

from tunesmith.api.progress import progress_shown
from tunesmith.batch import BatchSpec
from tunesmith.errors import ObjectiveError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.server.connecting import connected
from tunesmith.storage.store import Store
from tunesmith.trial import short_id

_connecting = threading.Lock()
"""Held while one of several batches connects, which changes the environment for a moment."""


def run_specification(spec: BatchSpec, store: Store, *, is_shown: bool | None) -> None:
    """Run a batch as a flow, on the server that is configured, or on the shared one.

    Args:
        spec: The specification of the batch.
        store: Its store.
        is_shown: Whether to show its progress; None for where somebody watches.

    Raises:
        ObjectiveError: No trial reported the objective.
        TunesmithError: The batch could not be run.
    """
    with ExitStack() as stack:
        observer = stack.enter_context(progress_shown(spec, store, is_wanted=is_shown))
        with _connecting:
            environment = dict(os.environ)  # the trials' own: without what Prefect needs here
            stack.enter_context(connected())
        # Prefect reads the environment at import
        from tunesmith.flows.batch_call import drain_batch, run_batch

        context = BatchContext(spec=spec, store=store, observer=observer, environment=environment)
        outcome = run_batch(context)
        drain_batch(context, outcome)
    if outcome.end == "no-objective":
        raise ObjectiveError(
            f"batch {short_id(spec.id)}: {outcome.reason}; its trials are kept: go on with "
            f'tunesmith.open(".").batch("{short_id(spec.id)}").restart({spec.objective.direction}='
            "…)"
        )
