"""The task that runs one trial: it is in the store, durably, before the task returns."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from tunesmith.executor.attempt import publish_attempt
from tunesmith.flags.display import format_value
from tunesmith.tasks.events import announce_trial
from tunesmith.tasks.workshop import OpenBatch, find_batch
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus

STOPPED_BEFORE_START = "stopped before it started"


@task(
    name="trial",
    task_run_name="trial {number:04d} {point}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def trial(home: str, batch: str, number: int, point: str) -> State[TrialRecord | None]:
    """Run a planned trial and return its record; never raise for a script that fails.

    Args:
        home: The store's folder.
        batch: The batch's id.
        number: The trial's number, which the store's plan holds.
        point: The flags that are searched, for the task run's name.
    """
    found = find_batch(home, batch)
    if found.work.session.stop.is_draining:
        return Cancelled(message=STOPPED_BEFORE_START, data=None)
    record = run_with_retries(found, found.planned[number])
    return to_state(record)


def run_with_retries(batch: OpenBatch, planned: PlannedTrial) -> TrialRecord:
    """Run a trial until it completes or its retries are used up, publishing every attempt."""
    work = batch.work
    record = publish_attempt(work, planned)
    for _ in range(work.spec.execution.retries):
        if record.status is TrialStatus.COMPLETED or work.session.stop.is_draining:
            break
        record = publish_attempt(work, planned)
    is_best = batch.add_record(record)
    announce_trial(work.spec, record, is_best=is_best)
    work.session.observer.trial_finished(record)
    return record


def to_state(record: TrialRecord) -> State[TrialRecord | None]:
    """Return the state in which Prefect shows a trial."""
    message = describe(record)
    if record.status is TrialStatus.COMPLETED:
        return Completed(message=message, data=record)
    if record.status is TrialStatus.ERROR or record.reason.startswith("timed out"):
        return Failed(message=message, data=record)
    return Cancelled(message=message, data=record)


def describe(record: TrialRecord) -> str:
    """Return a trial's outcome in a few words: its objective, or how it failed."""
    if record.status is TrialStatus.COMPLETED:
        if record.objective is None:
            return "completed without the objective"
        return f"objective {format_value(record.objective)}"
    end = f"signal {record.signal}" if record.signal is not None else f"exit {record.exit_code}"
    return f"{end}: {record.reason}" if record.reason else end
