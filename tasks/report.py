"""The task that writes a batch's derived files: table, TensorBoard summaries, report."""

import logging

import httpx
from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.states import Cancelled, Completed

from tunesmith.executor.background_imports import import_all
from tunesmith.executor.batch_context import current_batch
from tunesmith.executor.interrupts import BrokenOff
from tunesmith.query.markdown_text import escape
from tunesmith.report.facts import BatchFacts, gather
from tunesmith.report.markdown import render_markdown
from tunesmith.report.writing import write_csv, write_report
from tunesmith.storage.records.records import preload_parquet
from tunesmith.tensorboard.log_directory import write_batch_summaries
from tunesmith.trial import short_id

MAX_ARTIFACT_TRIALS = 2000
"""Trials above which the artifact has no charts: the server keeps every version of it."""

_log = logging.getLogger(__name__)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE, persist_result=False)
def report() -> State[list[str]]:
    """Write the batch's derived files from the store alone, and return notes for the user.

    The report is an artifact of the task run as well, for Prefect's pages. A signal may end the
    task at any moment: everything can be written again.
    """
    context = current_batch()
    store, batch_id = context.store, context.spec.id
    try:
        facts = gather(store, batch_id, store.list_runs().runs)
        trials = [run for run in facts.trials if run.is_trial]
        names = [write_csv(store, facts).name, write_report(store, facts).name]
        summaries = write_batch_summaries(store, batch_id, trials)
        _publish(facts)
    except BrokenOff as ending:
        return Cancelled(message=str(ending))
    done = f"wrote {', '.join(names)}, {store.layout.summaries(batch_id).name}"
    return Completed(message=done, data=summaries.notes)


def preload_report() -> None:
    """Import the report's libraries, which takes half a second, before the batch ends."""
    preload_parquet(for_reading=True)
    import_all("jinja2", "tensorboardX.record_writer")


def _publish(facts: BatchFacts) -> None:
    """Send the report to Prefect, with the trials' output only if ``--prefect-logs`` is given."""
    short = short_id(facts.spec.id)
    if not facts.spec.execution.has_prefect_logs:
        facts = facts.without_output()
    has_images = len(facts.trials) <= MAX_ARTIFACT_TRIALS
    try:
        create_markdown_artifact(
            key=f"report-{short}",
            markdown=render_markdown(facts, has_images=has_images),
            description=escape(f"{facts.spec.batch_operation} {short}"),
        )
    except (httpx.HTTPError, PrefectException) as error:  # the files are written anyway
        _log.debug("the report was not sent to Prefect: %s", error)
