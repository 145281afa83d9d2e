"""What Prefect's pages show of a batch while it runs: its progress and its best trials.

A thread of its own tells the server, so that a slow or a dead one delays no trial.
"""

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.runtime import flow_run

from tunesmith.flags.display import format_value
from tunesmith.flows.prefect_api import UNREACHABLE
from tunesmith.query.commands import run_command
from tunesmith.tasks.workshop import OpenBatch
from tunesmith.trial import TrialRecord, TrialStatus, short_id

FIRST_S = 2.0
"""Seconds until the first artifact: a batch that is quicker has its report only."""
PROGRESS_S = 2.0
"""Seconds between two updates of the progress."""
GROWTH = 1.5
"""Each leaderboard stands so many times as long as the one before: the server keeps them all."""
N_LEADERS = 10

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _LiveView:
    """The artifacts of one batch."""

    batch: OpenBatch
    flow_run_id: str
    progress_id: str | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    """What the server was told last, by artifact."""

    def update_progress(self, client: SyncPrefectClient) -> None:
        """Tell how much is done, in percent."""
        total = self.batch.spec.n_trials or 1
        percent = min(100.0, 100.0 * len(self.batch.records) / total)
        if self.shown.get("progress") == percent:
            return
        if self.progress_id is None:
            self.progress_id = self._create(client, "progress", "progress", percent)
        else:
            client.request(
                "PATCH",
                "/artifacts/{id}",
                path_params={"id": self.progress_id},
                json={"data": percent},
            )
        self.shown["progress"] = percent

    def update_leaderboard(self, client: SyncPrefectClient) -> bool:
        """Tell the best trials, if they have changed; return whether they have."""
        rows = leaderboard(self.batch)
        if not rows or rows == self.shown.get("leaderboard"):
            return False
        self._create(client, "leaderboard", "table", json.dumps(rows))
        self.shown["leaderboard"] = rows
        return True

    def _create(self, client: SyncPrefectClient, name: str, kind: str, data: Any) -> str:
        short = short_id(self.batch.spec.id)
        artifact = {
            "key": f"{name}-{short}",
            "type": kind,
            "description": f"{name} of {self.batch.spec.batch_operation} {short}",
            "data": data,
            "flow_run_id": self.flow_run_id,
        }
        answer = client.request("POST", "/artifacts/", json=artifact)
        return str(answer.json()["id"])


@contextmanager
def live_view(batch: OpenBatch) -> Iterator[None]:
    """Show a batch on Prefect's pages while the body runs it; a direct call is shown nowhere."""
    run_id = flow_run.id
    if run_id is None:
        yield
        return
    view, done = _LiveView(batch, str(run_id)), threading.Event()
    thread = threading.Thread(target=_keep, args=(view, done), name="live-view", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=FIRST_S)


def leaderboard(batch: OpenBatch) -> list[dict[str, str | float | None]]:
    """Return the best trials of a batch, the best first, as rows of a table."""
    objective = batch.spec.objective
    with batch.lock:
        records = list(batch.records.values())
    costs = [
        (cost, record)
        for record in records
        if record.status is TrialStatus.COMPLETED
        and (cost := objective.to_cost(record.objective)) is not None
    ]
    best = sorted(costs, key=lambda pair: (pair[0], pair[1].number))[:N_LEADERS]
    return [_row(batch, place, record) for place, (_, record) in enumerate(best, start=1)]


def _row(batch: OpenBatch, place: int, record: TrialRecord) -> dict[str, str | float | None]:
    varied = batch.spec.varied(record.flags)
    return {
        "place": place,
        "trial": record.number,
        "run": short_id(record.id),
        str(batch.spec.objective.column): record.objective,
        **{name: format_value(varied[name]) for name in sorted(varied)},
        "proposed by": record.origin,
        "command": run_command(record),
    }


def _keep(view: _LiveView, done: threading.Event) -> None:
    """Tell the server again and again until the batch has ended, and once more then."""
    pause, leaders_at = FIRST_S, time.monotonic() + FIRST_S
    rest = FIRST_S
    with get_client(sync_client=True) as client:
        try:
            while not done.wait(pause):
                pause = PROGRESS_S
                view.update_progress(client)
                if time.monotonic() >= leaders_at and view.update_leaderboard(client):
                    rest *= GROWTH
                    leaders_at = time.monotonic() + rest
            if view.shown:
                view.update_progress(client)
            view.update_leaderboard(client)
        except UNREACHABLE as error:
            _log.debug("the live view was given up: %s", error)
