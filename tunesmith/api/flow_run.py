"""Running a specification as a flow, from a program: on the Prefect server that it uses."""

import os
import threading
from contextlib import ExitStack

from tunesmith.batch import BatchSpec
from tunesmith.errors import ObjectiveError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.observer import Observer, SilentObserver
from tunesmith.server.connecting import connected
from tunesmith.storage.store import Store
from tunesmith.trial import short_id

_connecting = threading.Lock()
"""Held while one of several batches connects, which changes the environment for a moment."""


def run_specification(spec: BatchSpec, store: Store, *, shows_progress: bool) -> None:
    """Run a batch as a flow, on the server that is configured, or on the shared one.

    Raises:
        ObjectiveError: No trial reported the objective.
        TunesmithError: The batch could not be run.
    """
    with ExitStack() as connection:
        with _connecting:
            environment = dict(os.environ)  # the trials' own: without what Prefect needs here
            connection.enter_context(connected())
        from tunesmith.flows.batch_call import run_batch  # Prefect reads the environment at import

        observer: Observer = SilentObserver()
        if shows_progress:
            from tunesmith.api.progress import LineObserver

            observer = LineObserver(spec)
        context = BatchContext(spec=spec, store=store, observer=observer, environment=environment)
        outcome = run_batch(context)
    if outcome.end == "no-objective":
        raise ObjectiveError(
            f"batch {short_id(spec.id)}: {outcome.reason}; its trials are kept: go on with "
            f'tunesmith.open(".").batch("{short_id(spec.id)}").restart({spec.objective.direction}='
            "…)"
        )
