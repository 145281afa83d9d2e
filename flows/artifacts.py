"""Artifacts that Prefect's pages show of a batch while it runs: its progress and leaderboard.

A separate thread sends them, so that a slow or dead server delays no trial.
"""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.runtime import flow_run

from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.output_log import tail_lines
from tunesmith.flags.display import format_point, format_value, shortened
from tunesmith.flows.prefect_api import UNREACHABLE, in_background
from tunesmith.objective import Objective
from tunesmith.query.cells import one_line
from tunesmith.query.commands import run_command
from tunesmith.query.markdown_text import code_span, escape
from tunesmith.query.results import format_objective, result_columns
from tunesmith.ranking import Front, best_first
from tunesmith.tasks.retrying_client import retrying_client
from tunesmith.tasks.trial import describe
from tunesmith.trial import TrialRecord, TrialStatus, short_id

FIRST_S = 2.0
"""Seconds until the first artifact; a batch that ends sooner has only its report."""
UPDATE_S = 2.0
"""Seconds between two updates; each artifact has one version, which is updated."""
N_LEADERS = 10
MAX_LOGGED = 1000
"""Maximum number of trials in the flow run's log."""
MAX_COMMAND = 2000
"""Maximum number of characters of a command in the table, which is sent with every update."""
N_TAIL = 8
"""Number of lines of a failed trial's output in the log."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _LiveArtifacts:
    """The artifacts of one batch."""

    context: BatchContext
    flow_run_id: str
    ids: dict[str, str] = field(default_factory=dict)
    """The ids of the artifacts that exist, by name."""
    shown: dict[str, Any] = field(default_factory=dict)
    """The data that was sent last, by artifact."""
    logged: set[int] = field(default_factory=set)
    """The numbers of the trials that are in the log, or that ended in earlier generations."""
    n_logged: int = 0

    def update_progress(self, client: SyncPrefectClient) -> None:
        """Send how much is done, in percent."""
        total = self.context.latest_spec.n_trials or 1
        percent = min(100.0, 100.0 * len(self.context.trials.records) / total)
        self._show(client, "progress", "progress", percent)

    def update_leaderboard(self, client: SyncPrefectClient) -> None:
        """Send the best trials."""
        rows = leaderboard(self.context)
        if rows:
            self._show(client, "leaderboard", "table", json.dumps(rows))

    def update_logs(self, client: SyncPrefectClient) -> None:
        """Log the trials that have ended since; failed ones with output if ``--prefect-logs``."""
        with self.context.trials.lock:
            ended = [
                one for key, one in self.context.trials.records.items() if key not in self.logged
            ]
        self.logged |= {one.number for one in ended}
        room = MAX_LOGGED - self.n_logged
        self.n_logged += len(ended)
        entries = [self._log_entry(one) for one in ended[: max(0, room)]]
        if entries:
            client.request("POST", "/logs/", json=entries)

    def _log_entry(self, record: TrialRecord) -> dict[str, Any]:
        spec = self.context.latest_spec
        varied = format_point(spec.varied(record.flags))
        said = describe(record, spec)
        said = f"pruned, {said}" if record.status is TrialStatus.PRUNED else said
        message = f"trial {record.number:04} {varied}: {said}"
        is_failed = record.status in (TrialStatus.ERROR, TrialStatus.TERMINATED)
        if is_failed and self.context.latest_spec.execution.has_prefect_logs:
            output = self.context.store.layout.output(record.batch, record.id)
            message = "\n".join([message, *map(one_line, tail_lines(output, N_TAIL))])
        return {
            "name": "tunesmith",
            "level": logging.ERROR if is_failed else logging.INFO,
            "message": message,
            "timestamp": datetime.fromtimestamp(record.stopped, UTC).isoformat(),
            "flow_run_id": self.flow_run_id,
        }

    def _show(self, client: SyncPrefectClient, name: str, kind: str, data: Any) -> None:
        """Create an artifact, or update it if its data has changed."""
        if self.shown.get(name) == data:
            return
        if name in self.ids:
            place = {"id": self.ids[name]}
            client.request("PATCH", "/artifacts/{id}", path_params=place, json={"data": data})
        else:
            self.ids[name] = self._create(client, name, kind, data)
        self.shown[name] = data

    def _create(self, client: SyncPrefectClient, name: str, kind: str, data: Any) -> str:
        short = short_id(self.context.latest_spec.id)
        artifact = {
            "key": f"{name}-{short}",
            "type": kind,
            "description": escape(f"{name} of {self.context.latest_spec.batch_operation} {short}"),
            "data": data,
            "flow_run_id": self.flow_run_id,
        }
        answer = client.request("POST", "/artifacts/", json=artifact)
        return str(answer.json()["id"])


@contextmanager
def live_artifacts(context: BatchContext) -> Iterator[None]:
    """Show a batch on Prefect's pages while the body runs it; nothing outside of a flow run."""
    run_id = flow_run.id
    if run_id is None:
        yield
        return
    artifacts = _LiveArtifacts(context, str(run_id))
    artifacts.logged |= context.trials.records.keys()  # of earlier generations
    with in_background(partial(_keep, artifacts), name="artifacts", patience_s=FIRST_S):
        yield


def leaderboard(context: BatchContext) -> list[dict[str, str | float | None]]:
    """Return the best trials of a batch as rows of a table, the best first."""
    with context.trials.lock:
        records = [record for _, record in sorted(context.trials.records.items())]
    spec = context.latest_spec
    ranked = best_first(spec, records)
    if spec.more_objectives:  # the front first, from one end to the other
        front = list(Front.of(spec, records).trials)
        numbers = {record.number for record in front}
        ranked = [*front, *(record for record in ranked if record.number not in numbers)]
    best = ranked[:N_LEADERS]
    return [_row(context, place, record) for place, record in enumerate(best, start=1)]


def _row(context: BatchContext, place: int, record: TrialRecord) -> dict[str, str | float | None]:
    """Return a row, whose strings Prefect's page renders as Markdown."""
    varied = context.latest_spec.varied(record.flags)
    further = result_columns(context.latest_spec)[1:]
    return {
        "place": place,
        "trial": record.number,
        "run": short_id(record.id),
        str(context.latest_spec.objective.column): (
            record.objective if record.repeated is None else format_objective(record)
        ),
        **{str(one): Objective(column=one).read(record) for one in further},
        **{name: escape(format_value(varied[name])) for name in sorted(varied)},
        "proposed by": escape(record.origin),
        "command": code_span(
            shortened(run_command(record, context.latest_spec), most=MAX_COMMAND)
        ),
    }


def _keep(artifacts: _LiveArtifacts, done: threading.Event) -> None:
    """Update the artifacts until the batch has ended, and once more then."""
    pause = FIRST_S
    with retrying_client() as client:
        try:
            while not done.wait(pause):
                pause = UPDATE_S
                artifacts.update_progress(client)
                artifacts.update_leaderboard(client)
                artifacts.update_logs(client)
            if artifacts.shown:
                artifacts.update_progress(client)
            artifacts.update_leaderboard(client)
            artifacts.update_logs(client)
        except UNREACHABLE as error:
            _log.debug("the artifacts are not updated any more: %s", error)
