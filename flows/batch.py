"""The flow of a batch: take the lease, propose and run trials, write the report."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed

from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain
from tunesmith.errors import SpecificationError
from tunesmith.executor.batch_context import (
    BatchContext,
    current_batch,
    entered,
    is_current,
    opened,
)
from tunesmith.executor.interrupts import BrokenOff, breaking_off, received
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.executor.pruning_advice import advise_on_pruning
from tunesmith.flags.display import format_setting
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.flows.artifacts import live_artifacts
from tunesmith.flows.gpu_claims import gpus_claimed
from tunesmith.flows.prefect_api import data_of, quiet_end, tag_flow_run
from tunesmith.flows.run_monitor import monitored
from tunesmith.flows.scheduler import run_trials
from tunesmith.query.cells import count
from tunesmith.stopping import ENDS
from tunesmith.storage.store import Store
from tunesmith.tasks.events import announce_batch, trial_payload
from tunesmith.tasks.report import report
from tunesmith.tasks.trial import describe
from tunesmith.trial import TrialStatus, short_id
from tunesmith.workers.connection import connected

MAX_POINT_CHARACTERS = 60
MAX_VALUES = 6
"""Maximum number of values of a list that the name of a flow run spells out."""


def flow_run_name() -> str:
    """Return the name that Prefect shows: ``1933bdcb train.py+gp x=[-2.0:2.0]``."""
    given = flow_run.parameters
    return name_of(
        context_of(given.get("home"), given.get("batch_id", ""), given.get("spec")).spec
    )


def name_of(spec: BatchSpec) -> str:
    """Return the name of a batch's flow run."""
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
def batch(
    home: str | None = None,
    batch_id: str = "",
    generation: int = 0,
    spec: dict[str, Any] | None = None,
) -> State[dict[str, str]]:
    """Run a batch to its end, or continue one.

    Args:
        home: The store's folder.
        batch_id: The batch's id; the store has its specification, which may be large.
        generation: Which of its generations the flow run was started for; the latest one runs.
        spec: The specification as plain JSON (``batch_to_plain``), where an earlier version
            started the flow run.
    """
    context = context_of(home, batch_id, spec)
    if is_current(context.spec.id):
        return to_state(_run(context, is_pool_bounded=True), context.spec)
    return to_state(run_within_flow(context), context.spec)


def context_of(home: str | None, batch_id: str, spec: Mapping[str, Any] | None) -> BatchContext:
    """Return the context of the batch that a flow run's parameters name.

    Raises:
        NotFoundError: The store has no such batch.
        SpecificationError: They name no store, or what an earlier version wrote does not fit.
    """
    if is_current(batch_id):
        return current_batch()
    if spec is not None:
        store = Store.create(store_folder(spec, home))
        return BatchContext(spec=batch_from_plain(spec), store=store)
    store = Store.open(store_folder({}, home))
    return BatchContext(spec=store.batch(batch_id), store=store)


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
    # while a flow runs, Prefect handles SIGTERM itself
    with received(context.interrupts), entered(context):
        with gpus_claimed(context) as claiming, opened(claiming) as running, entered(running):
            # not before: who finds the tags takes a batch whose lease is free for a dead one
            tag_flow_run(spec, store, name=name_of(spec))
            for warning in running.load_trials():
                running.observer.note(warning)
            with monitored(running), live_artifacts(running):
                outcome = run_trials(running, is_pool_bounded=is_pool_bounded)
            spec = running.latest_spec
            seconds, job_time = running.idle.note(outcome.seconds, jobs=spec.execution.jobs)
            store.put_end(
                spec.id,
                generation=spec.generation,
                reason=outcome.end,
                stopped=outcome.stopped,
                seconds=seconds,
                words=outcome.reason if outcome.end in ENDS else "",
                job_time=job_time,
            )
        if outcome.counts:
            _derive(context)
            records = list(context.trials.records.values())
            advice = advise_on_pruning(spec, store, records)
            outcome = replace(outcome, pruning_advice=advice)
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
            context.observer.phase("writing the report")
            store.compact(spec.id)
            store.compact_abandoned()  # of batches that were killed and not restarted
            written: State[Any] = report(return_state=True)
    except BrokenOff as ending:
        written = Cancelled(message=str(ending))
    if written.is_completed():
        for text in data_of(written):
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


def to_state(outcome: BatchOutcome, spec: BatchSpec) -> State[dict[str, str]]:
    """Return the Prefect state of a batch; one of a batch with a result names the batch.

    A failed trial is data, not a crash; but a batch without any result has failed.
    """
    message = outcome.describe()
    if outcome.end in ENDS:
        message = f"{outcome.reason}; {message}"
    if outcome.front is not None and len(outcome.front.trials) > 1:
        message += f"; {count(len(outcome.front.trials), 'trial')} on the front"
    elif outcome.best is not None:
        message += f"; best {describe(outcome.best, spec)}"
    elif outcome.nearest is not None:
        message += "; none meets what it is subject to"
    elif outcome.counts.get(TrialStatus.COMPLETED):
        message += f"; none reported {spec.objective.column}"
    if outcome.end == "stopped":
        return Cancelled(message=message, data=quiet_end(message))
    if outcome.is_failed:
        return Failed(message=message, data=quiet_end(message))
    return Completed(message=message, data={"batch": outcome.batch})
