"""Calling the flow of a batch, from a command or a program, and what its state comes to."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext, SettingsContext, get_settings_context
from prefect.exceptions import Pause
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, Settings
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


_changed: list[tuple[Settings, Settings]] = []
"""The last settings, and what they are without a heartbeat."""


def preload_engine() -> None:
    """Import and make what the first call of a flow and of a task needs, in half a second."""
    import_all(
        "fastapi.encoders",
        "prefect.flow_engine",
        "prefect.task_engine",
        "prefect.utilities.visualization",
    )
    with without_heartbeat():
        pass


def run_batch(context: BatchContext) -> BatchOutcome:
    """Run a batch as a flow from Python and return its outcome; ``drain_batch`` belongs to it.

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
    with entered(context), without_heartbeat(), quick_switches():
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
    return replace(outcome, flow_run=str(state.state_details.flow_run_id or ""))


def drain_batch(context: BatchContext, outcome: BatchOutcome) -> None:
    """Wait until the server has recorded the end of a batch's task runs; Ctrl-C breaks it off."""
    if outcome.flow_run:
        with suppress(BrokenOff), breaking_off(context.interrupts):
            drain(UUID(outcome.flow_run), n_expected=outcome.n_tasks)


@contextmanager
def without_heartbeat() -> Iterator[None]:
    """Run flows in the body without Prefect's heartbeat thread.

    The end of a flow would wait for it, and it sleeps for a second.
    """
    ours = get_settings_context()
    with SettingsContext(profile=ours.profile, settings=_without_heartbeat(ours.settings)):
        yield


def _without_heartbeat(settings: Settings) -> Settings:
    """Return settings without a heartbeat, which take a tenth of a second to make, once."""
    if not _changed or _changed[0][0] is not settings:
        changed = settings.copy_with_update(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
        _changed[:] = [(settings, changed)]
    return _changed[0][1]


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
