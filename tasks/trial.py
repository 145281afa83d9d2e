"""The task that runs one trial, whose record is durably in the store before the task returns."""

import logging
import time
from datetime import UTC, datetime

import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run, task_run
from prefect.states import Cancelled, Completed, Failed

from tunesmith.batch import BatchSpec
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.batch_context import BatchContext, current_batch
from tunesmith.executor.gpu_slots import StoppedWaitingError
from tunesmith.executor.output_log import tail_lines
from tunesmith.query.cells import one_line
from tunesmith.query.results import describe_results
from tunesmith.tasks.events import announce_trial
from tunesmith.tasks.retrying_client import retrying_client
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

MAX_LOGGED = 200
"""Maximum number of lines of a trial's output in the log of its task run."""
PRUNED = "Pruned"
"""The name of the state of a pruned trial, whose type is COMPLETED."""
STOPPED_BEFORE_START = "stopped before it started"

_log = logging.getLogger(__name__)


@task(
    name="trial",
    task_run_name="trial {number:04d} {point}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=1,  # and the condition that there is none: without, Prefect logs an empty traceback
    retry_condition_fn=lambda _task, _run, _state: False,
)
def trial(number: int, point: str) -> State[bool]:
    """Run a planned trial and return whether it ran; a script that fails raises nothing.

    The store and the batch's context have its record: of one that were returned Prefect would note
    each field, for as long as the flow runs, to find out which tasks a value came from.

    Args:
        number: The trial's number, by which the batch's context knows its plan.
        point: The flags that are searched, for the task run's name.
    """
    context = current_batch()
    if context.stop.is_draining:
        return Cancelled(message=STOPPED_BEFORE_START, data=False)
    record = run_with_retries(context, context.trials.planned[number])
    if record is None:
        return Cancelled(message=STOPPED_BEFORE_START, data=False)
    if context.spec.execution.has_prefect_logs:
        log_output(context, record)
    return to_state(record, context.spec)


def run_with_retries(context: BatchContext, planned: PlannedTrial) -> TrialRecord | None:
    """Run a trial until it completes or its retries are used up; publish every attempt.

    Returns the latest record; None if the batch was stopped before there was one.
    """
    record = _publish_attempt(context, planned)
    for _ in range(context.spec.execution.retries):
        if record is None or not record.status.is_failed or context.stop.is_draining:
            break
        record = _publish_attempt(context, planned) or record
    if record is None:
        return None
    is_best = context.add_record(record)
    announce_trial(context.spec, record, is_best=is_best)
    context.observer.trial_finished(record)
    return record


def _publish_attempt(context: BatchContext, planned: PlannedTrial) -> TrialRecord | None:
    """Run one attempt here, or have a worker run it; return its record, which the store has."""
    if context.dispatcher is not None:
        sent = time.monotonic()
        record = context.dispatcher.publish_attempt(planned)
        if record is not None:  # the clock of a worker is compared with itself alone
            taken = max(record.seconds, record.stopped - record.started)
            context.idle.add_waiting(time.monotonic() - sent - taken)
        return record
    try:
        return publish_attempt(context, planned)
    except StoppedWaitingError:  # for a GPU
        return None


def log_output(context: BatchContext, record: TrialRecord) -> None:
    """Log the last lines of a trial's output to its task run, one entry a line."""
    output = context.store.layout.output(record.batch, record.id)
    moment = datetime.fromtimestamp(record.stopped, UTC).isoformat()
    entries = [
        {
            "name": "output",
            "level": logging.INFO,
            "message": one_line(line),
            "timestamp": moment,
            "flow_run_id": flow_run.id,
            "task_run_id": str(task_run.id),
        }
        for line in tail_lines(output, MAX_LOGGED)
    ]
    if not entries:
        return
    try:
        with retrying_client() as client:
            client.request("POST", "/logs/", json=entries)
    except (httpx.HTTPError, PrefectException) as error:  # the store has the output anyway
        _log.debug("the output was not logged: %s", error)


def to_state(record: TrialRecord, spec: BatchSpec) -> State[bool]:
    """Return the Prefect state of a trial that ran."""
    message = describe(record, spec)
    if record.status is TrialStatus.COMPLETED:
        return Completed(message=message, data=True)
    if record.status is TrialStatus.PRUNED:
        return Completed(name=PRUNED, message=message, data=True)
    if record.status is TrialStatus.ERROR or record.reason.startswith("timed out"):
        return Failed(message=message, data=True)
    return Cancelled(message=message, data=True)


def describe(record: TrialRecord, spec: BatchSpec) -> str:
    """Return a trial's outcome in a few words: the scalars that decide on it, or its failure."""
    if record.status is TrialStatus.COMPLETED:
        if record.objective is None:
            return f"completed without {spec.objective.column}"
        return describe_results(spec, record)
    is_told = record.status is TrialStatus.PRUNED  # by its reason alone: we ended it
    if is_told or (record.exit_code is None and record.signal is None):
        return record.reason
    end = f"signal {record.signal}" if record.signal is not None else f"exit {record.exit_code}"
    return f"{end}: {record.reason}" if record.reason else end
