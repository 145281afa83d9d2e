"""The flow of a batch: take the lease, propose and run trials, write the report."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.runtime import flow_run
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.errors import SpecificationError, StoreAccessError
from tunesmith.executor.background_imports import import_all
from tunesmith.executor.batch_context import (
    BatchContext,
    current_batch,
    entered,
    is_current,
    opened,
)
from tunesmith.executor.interrupts import BrokenOff, breaking_off, received
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.flags.display import format_setting
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.flows.artifacts import live_artifacts
from tunesmith.flows.prefect_api import (
    UNREACHABLE,
    check_sendable,
    drain,
    server_lost,
    store_lost,
    tag_flow_run,
)
from tunesmith.flows.run_monitor import monitored
from tunesmith.flows.scheduler import run_trials
from tunesmith.objective import Objective
from tunesmith.storage.store import Store
from tunesmith.tasks.events import announce_batch, trial_payload
from tunesmith.tasks.report import report
from tunesmith.tasks.retrying_client import retrying_requests
from tunesmith.tasks.trial import describe
from tunesmith.trial import TrialStatus, short_id
from tunesmith.workers.connection import connected

MAX_POINT_CHARACTERS = 60
MAX_VALUES = 6
"""Maximum number of values of a list that the name of a flow run spells out."""
SWITCH_S = 0.0005
"""Maximum seconds for which a thread waits for the interpreter while another one computes."""


def flow_run_name() -> str:
    """Return the name that Prefect shows: ``1933bdcb train.py+gp x=[-2.0:2.0]``."""
    spec = batch_from_plain(flow_run.parameters["spec"])
    varied = [
        f"{name}={_setting_text(setting)}"
        for name, setting in sorted(spec.settings.items())
        if isinstance(setting, Choices | Distribution)
    ]
    text = " ".join([spec.id[:8], spec.batch_operation, *varied])
    return text if len(text) <= 2 * MAX_POINT_CHARACTERS else text[:119] + "…"


def _setting_text(setting: Choices | Distribution) -> str:
    """Return what a flag is searched over: few values themselves, many as they were typed."""
    is_long = isinstance(setting, Choices) and len(setting.values) > MAX_VALUES
    return setting.text if is_long else format_setting(setting)


@flow(name="batch", flow_run_name=flow_run_name, persist_result=False, validate_parameters=False)
def batch(spec: dict[str, Any], home: str | None = None) -> State[BatchOutcome]:
    """Run a batch to its end, or continue one.

    Args:
        spec: The batch specification as plain JSON (``BatchSpec.to_plain``).
        home: The store's folder; None where it is in the specification, as earlier versions wrote
            it.
    """
    if is_current(spec["id"]):
        context = current_batch()
        return to_state(_run(context, is_pool_bounded=True), context.spec.objective)
    specification = batch_from_plain(spec)
    context = BatchContext(spec=specification, store=Store.create(store_folder(spec, home)))
    return to_state(run_within_flow(context), specification.objective)


def store_folder(spec: Mapping[str, Any], home: str | None) -> Path:
    """Return the store's folder, which flow runs of earlier versions had in the specification.

    Raises:
        SpecificationError: It is in neither.
    """
    found = home or spec.get("home")
    if not found:
        raise SpecificationError("the flow has no home: give it the store's folder")
    return Path(found)


def run_within_flow(context: BatchContext) -> BatchOutcome:
    """Run a batch within a flow run that somebody else started, with its task runner."""
    with connected(context) as reaching:
        return _run(reaching, is_pool_bounded=False)


def _run(context: BatchContext, *, is_pool_bounded: bool) -> BatchOutcome:
    """Run the trials of a batch, and write what is derived from them.

    Args:
        context: The batch.
        is_pool_bounded: Whether the flow's task runner runs no more than ``--jobs`` at once.
    """
    spec, store = context.spec, context.store
    store.put_batch(spec)
    tag_flow_run(spec, store)
    # while a flow runs, Prefect handles SIGTERM itself
    with received(context.interrupts), entered(context):
        with opened(context) as running, entered(running):
            for warning in running.trials.load(spec, store):
                running.observer.note(warning)
            with monitored(running), live_artifacts(running):
                outcome = run_trials(running, is_pool_bounded=is_pool_bounded)
            store.put_end(
                spec.id,
                generation=spec.generation,
                reason=outcome.end,
                stopped=outcome.stopped,
                seconds=outcome.seconds,
            )
        _derive(context)
        announce_batch(spec, _payload(outcome))
    context.trials.outcome = outcome
    return outcome


def _derive(context: BatchContext) -> None:
    """Compact the batch and write its derived files; the first signal ends that.

    No result is lost, however it ends, and it can be repeated.
    """
    spec, store, note = context.spec, context.store, context.observer.note
    again = f"tunesmith report {short_id(spec.id)}"
    try:
        with breaking_off(context.interrupts):  # before the message, which invites Ctrl-C
            context.observer.phase("writing the report and TensorBoard's files")
            store.compact(spec.id)
            store.compact_abandoned()  # of batches that were killed and not restarted
            written: State[Any] = report(return_state=True)
    except BrokenOff as ending:
        written = Cancelled(message=str(ending))
    if written.is_completed():
        for text in written.result():
            note(text)
    elif written.is_cancelled():
        note(f"the report was not written ({written.message}); every result is safe: {again}")
    else:
        note(f"the report could not be written ({written.message}): write it again with {again}")


def _payload(outcome: BatchOutcome) -> dict[str, Any]:
    """Return the payload of the event of a batch's end."""
    return {
        "end": outcome.end or "completed",
        "counts": {str(status): count for status, count in outcome.counts.items()},
        "best": None if outcome.best is None else trial_payload(outcome.best),
    }


def to_state(outcome: BatchOutcome, objective: Objective) -> State[BatchOutcome]:
    """Return the Prefect state of a batch.

    A failed trial is data, not a crash; but a batch without any result has failed.
    """
    message = outcome.describe()
    if outcome.best is not None:
        message += f"; best {describe(outcome.best, objective)}"
    elif outcome.counts.get(TrialStatus.COMPLETED):
        message += f"; none reported {objective.column}"
    if outcome.end == "stopped":
        return Cancelled(message=message, data=outcome)
    if outcome.is_failed:
        return Failed(message=message, data=outcome)
    return Completed(message=message, data=outcome)


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
                    batch_to_plain(spec), str(context.store.home), return_state=True
                )
        except UNREACHABLE as error:
            return _without_server(context, error)
        except Pause:  # suspended while it ended
            if context.trials.outcome is None or FlowRunContext.get() is not None:
                raise
            return context.trials.outcome
    outcome: BatchOutcome | BaseException = state.result(raise_on_failure=False)
    if isinstance(outcome, UNREACHABLE):
        return _without_server(context, outcome)
    if isinstance(outcome, StoreAccessError):
        raise store_lost(spec, context.store, outcome) from outcome
    if isinstance(outcome, BaseException):
        raise outcome
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
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_S))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _without_server(context: BatchContext, error: BaseException) -> BatchOutcome:
    """Return the outcome of a batch whose server was lost; every trial is in the store.

    Raises:
        ServerError: The batch had not ended.
    """
    if context.trials.outcome is None:
        raise server_lost(context.spec, error) from error
    return replace(context.trials.outcome, is_server_lost=True)
