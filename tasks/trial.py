"""The task that runs one trial: it is in the store, durably, before the task returns."""

import logging
from datetime import UTC, datetime

import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run, task_run
from prefect.states import Cancelled, Completed, Failed

from tunesmith.executor.output_log import tail_lines
from tunesmith.flags.display import format_value
from tunesmith.objective import Objective
from tunesmith.query.cells import one_line
from tunesmith.tasks.events import announce_trial
from tunesmith.tasks.retrying_client import patient_client
from tunesmith.tasks.workshop import OpenBatch, find_batch
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

MAX_LOGGED = 200
"""Lines of a trial's output that its task run's log takes."""
STOPPED_BEFORE_START = "stopped before it started"

_log = logging.getLogger(__name__)


@task(
    name="trial",
    task_run_name="trial {number:04d} {point}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def trial(home: str, batch: str, number: int, point: str) -> State[bool]:
    """Run a planned trial, and return whether it ran; never raise for a script that fails.

    The store and the open batch have its record. Prefect would note each field of it, for as long
    as the flow runs, to find out which tasks a value came from.

    Args:
        home: The store's folder.
        batch: The batch's id.
        number: The trial's number, which the store's plan holds.
        point: The flags that are searched, for the task run's name.
    """
    found = find_batch(home, batch)
    if found.is_stopping:
        return Cancelled(message=STOPPED_BEFORE_START, data=False)
    record = run_with_retries(found, found.planned[number])
    if record is None:
        return Cancelled(message=STOPPED_BEFORE_START, data=False)
    if found.spec.execution.has_prefect_logs:
        log_output(found, record)
    return to_state(record, found.spec.objective)


def run_with_retries(batch: OpenBatch, planned: PlannedTrial) -> TrialRecord | None:
    """Run a trial until it completes or its retries are used up, publishing every attempt.

    Its latest record comes back; None where the batch was stopped before it had one.
    """
    work = batch.work
    record = batch.publish_attempt(planned)
    for _ in range(work.spec.execution.retries):
        if record is None or record.status is TrialStatus.COMPLETED or batch.is_stopping:
            break
        record = batch.publish_attempt(planned) or record
    if record is None:
        return None
    is_best = batch.add_record(record)
    announce_trial(work.spec, record, is_best=is_best)
    work.session.observer.trial_finished(record)
    return record


def log_output(batch: OpenBatch, record: TrialRecord) -> None:
    """Make the last lines of a trial's output the log of its task run, as one entry a line."""
    output = batch.store.layout.output(record.batch, record.id)
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
        with patient_client() as client:
            client.request("POST", "/logs/", json=entries)
    except (httpx.HTTPError, PrefectException) as error:  # the store has the output anyway
        _log.debug("the output was not logged: %s", error)


def to_state(record: TrialRecord, objective: Objective) -> State[bool]:
    """Return the state in which Prefect shows a trial that ran."""
    message = describe(record, objective)
    if record.status is TrialStatus.COMPLETED:
        return Completed(message=message, data=True)
    if record.status is TrialStatus.ERROR or record.reason.startswith("timed out"):
        return Failed(message=message, data=True)
    return Cancelled(message=message, data=True)


def describe(record: TrialRecord, objective: Objective) -> str:
    """Return a trial's outcome in a few words: its objective, or how it failed."""
    if record.status is TrialStatus.COMPLETED:
        if record.objective is None:
            return f"completed without {objective.column}"
        return f"{objective.column} {format_value(record.objective)}"
    end = f"signal {record.signal}" if record.signal is not None else f"exit {record.exit_code}"
    return f"{end}: {record.reason}" if record.reason else end
