"""Calling the flow of a batch, from a command or a program, and what its state comes to."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner

from tunesmith.errors import ServerError, StoreAccessError
from tunesmith.executor.background_imports import import_all
from tunesmith.executor.batch_context import BatchContext, entered
from tunesmith.executor.child_starter import check_interpreter
from tunesmith.executor.interrupts import BrokenOff, breaking_off
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.flows.batch import batch
from tunesmith.flows.prefect_api import (
    UNREACHABLE,
    check_sendable,
    data_of,
    drain,
    server_lost,
    store_lost,
)
from tunesmith.tasks.retrying_client import retrying_requests
from tunesmith.workers.connection import connected

SWITCH_S = 0.0005
"""Maximum seconds for which a thread waits for the interpreter while another one computes."""
_switching = threading.Lock()
_intervals: list[float] = []
"""What the interval was before each of the batches that run now."""


def preload_engine() -> None:
    """Import what Prefect would import at the first call of a flow and of a task, in 0.4 s."""
    import_all(
        "fastapi.encoders",
        "prefect.flow_engine",
        "prefect.task_engine",
        "prefect.utilities.visualization",
    )


def run_batch(context: BatchContext) -> BatchOutcome:
    """Run a batch as a flow from Python and return its outcome.

    Raises:
        TunesmithError: The batch could not be run.
    """
    check_sendable(context.spec.project, str(context.store.home))
    if not context.spec.execution.runner.is_remote:
        check_interpreter(context.spec.execution.python, context.environment)
    with connected(context) as reaching:
        return _run_flow(reaching)


def _run_flow(context: BatchContext) -> BatchOutcome:
    spec = context.spec
    runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=spec.execution.jobs)
    # else the end of the flow waits for Prefect's heartbeat thread, which sleeps for a second
    quick_end = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    with entered(context), quick_end, quick_switches():
        configured = batch.with_options(task_runner=runner)  # type: ignore[arg-type]  # its futures are of a kind of their own
        try:
            with retrying_requests():
                state: State[Any] = configured(
                    str(context.store.home), spec.id, spec.generation, return_state=True
                )
        except UNREACHABLE as error:
            return _without_server(context, error)
        except Pause:  # suspended while it ended
            if context.trials.outcome is None or FlowRunContext.get() is not None:
                raise
            return context.trials.outcome
    return conclude(context, state)


def conclude(context: BatchContext, state: State[Any]) -> BatchOutcome:
    """Return the outcome of a batch whose flow run has ended in a state.

    Raises:
        TunesmithError: The batch could not be run.
    """
    error, outcome = data_of(state), context.trials.outcome
    if isinstance(error, UNREACHABLE):
        return _without_server(context, error)
    if isinstance(error, StoreAccessError):
        raise store_lost(context.spec, context.store, error) from error
    if isinstance(error, BaseException):
        raise error
    if outcome is None:
        raise ServerError(f"Prefect ended the flow run: {state.name}, {state.message}")
    if (run_id := state.state_details.flow_run_id) is not None:
        with suppress(BrokenOff), breaking_off(context.interrupts):
            drain(run_id, n_expected=outcome.n_tasks)
    return outcome


@contextmanager
def quick_switches() -> Iterator[None]:
    """Let a thread that returns from the disk or from a child process continue at once.

    Each trial does so dozens of times, and Prefect's threads always have something to compute:
    with Python's default of five milliseconds they, not the trials, would set the pace.
    """
    with _switching:
        _intervals.append(sys.getswitchinterval())
        sys.setswitchinterval(min(_intervals[-1], SWITCH_S))
    try:
        yield
    finally:
        with _switching:
            before = _intervals.pop()
            if not _intervals:  # the last of the batches that run at once
                sys.setswitchinterval(before)


def _without_server(context: BatchContext, error: BaseException) -> BatchOutcome:
    """Return the outcome of a batch whose server was lost; every trial is in the store.

    Raises:
        ServerError: The batch had not ended.
    """
    if context.trials.outcome is None:
        raise server_lost(context.spec, context.store, error) from error
    return replace(context.trials.outcome, is_server_lost=True)
