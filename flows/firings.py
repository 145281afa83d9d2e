"""What becomes of the flow runs of a work pool, in lines: one was fired, one has ended.

A worker of Prefect tells nothing of it, so the server is asked.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled

from tunesmith.flows.prefect_api import UNREACHABLE, mark_dead_runs
from tunesmith.tasks.retrying_client import retrying_client

WORKER_LABEL = "prefect.worker.name"
"""The label of a flow run that names the worker to which it was given."""
PREFECTS_MESSAGE = "Flow run was cancelled successfully."
"""What a worker of Prefect writes over the message of a flow that was cancelled."""
OVERLAP = timedelta(minutes=1)
"""How far a look goes back behind the last one: the server's clock may be late."""


class Firings:
    """Tells of each flow run of a work pool when it begins and when it ends, once."""

    def __init__(self, pool: str, *, worker: str) -> None:
        """Begin now: what ended before is not told.

        Args:
            pool: The name of the work pool.
            worker: The name of the worker whose runs are told, and not those of others.
        """
        self._pool, self._worker = pool, worker
        self._since = datetime.now(UTC)
        self._begun: set[UUID] = set()
        self._ended: set[tuple[object, ...]] = set()
        """Those that have ended, by what is told: a run that is tried again ends again."""

    def look(self) -> list[str]:
        """Return the lines of what has happened since the last look; none if nobody answers."""
        now = datetime.now(UTC)
        try:
            with retrying_client() as client:
                mark_dead_runs(client)  # or they would keep what is due waiting
                lines = [line for run in self._changed(client) for line in self._tell(client, run)]
        except UNREACHABLE:
            return []
        self._since = max(self._since, now - OVERLAP)
        return lines

    def _changed(self, client: SyncPrefectClient) -> list[FlowRun]:
        """Return the runs that have begun or ended lately, the earliest first."""
        lately = {"after_": self._since.isoformat()}
        found = client.read_flow_runs(
            flow_run_filter=FlowRunFilter.model_validate(
                {"operator": "or_", "start_time": lately, "end_time": lately}
            ),
            work_pool_filter=WorkPoolFilter.model_validate({"name": {"any_": [self._pool]}}),
        )
        ours = (run for run in found if run.labels.get(WORKER_LABEL, self._worker) == self._worker)
        return sorted(ours, key=lambda run: run.expected_start_time or self._since)

    def _tell(self, client: SyncPrefectClient, run: FlowRun) -> Iterator[str]:
        state = run.state
        if state is not None and state.message == PREFECTS_MESSAGE:
            state = _restored(client, run)
        if state is None or (end := (run.id, run.run_count, state.name)) in self._ended:
            return
        # the flow names its run after it has begun; the name that Prefect gave it is one word
        is_named = " " in run.name or state.is_final()
        if run.start_time is not None and is_named and run.id not in self._begun:
            self._begun.add(run.id)
            yield f"{_clock(run.start_time)}  {_deployment(client, run)} fired: {run.name}"
        if state.is_final():
            self._ended.add(end)
            told = f"{str(state.name).lower()}{f': {state.message}' if state.message else ''}"
            when = run.end_time or state.timestamp
            yield f"{_clock(when)}  {_deployment(client, run)} {told}"


def _restored(client: SyncPrefectClient, run: FlowRun) -> State[Any] | None:
    """Give a cancelled run the message of its flow again, and return the state, if it had one."""
    states = client.read_flow_run_states(run.id)
    told = [one for one in states if one.is_cancelled() and one.message != PREFECTS_MESSAGE]
    if not told:
        return run.state
    state: State[Any] = Cancelled(message=told[-1].message)
    client.set_flow_run_state(run.id, state, force=True)
    return state


def _deployment(client: SyncPrefectClient, run: FlowRun) -> str:
    if run.deployment_id is None:
        return "a run without a deployment"
    try:
        return client.read_deployment(run.deployment_id).name
    except ObjectNotFound:
        return "a deleted deployment"


def _clock(when: datetime) -> str:
    return f"{when.astimezone():%H:%M:%S}"
