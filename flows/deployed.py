"""Deployments of sweeps that are there: found by name, listed, started now, deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, FlowFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, WorkPoolStatus
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort

from tunesmith.durations import format_duration
from tunesmith.errors import NotFoundError, ServerError
from tunesmith.flows.prefect_api import UNREACHABLE
from tunesmith.flows.scheduled import sweep
from tunesmith.near_names import near_names
from tunesmith.tasks.retrying_client import retrying_client

PAGE = 200
"""Deployments that the server returns at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deployment of a sweep."""

    id: UUID
    name: str
    script: str
    schedule: str
    """When it fires, in words; empty for a deployment that is started by hand only."""
    next_firing: datetime | None
    """None where nothing is scheduled."""
    pool: str
    is_paused: bool

    @property
    def full_name(self) -> str:
        """Its name with the flow's before it, as Prefect's own commands take it."""
        return f"{sweep.name}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A flow run of a deployment that was started by hand."""

    id: UUID
    name: str
    pool: str
    is_served: bool
    """Whether a worker works for the pool."""


def list_deployed() -> list[Deployed]:
    """Return all deployments of sweeps, by name.

    Raises:
        ServerError: The Prefect server refuses, or cannot be reached.
    """
    with _asking() as client:
        return [_deployed(client, one) for one in _read_all(client)]


def schedule_now(deployment: UUID) -> Deployed:
    """Have the server schedule the next runs of a deployment, and return the deployment.

    By itself it does so within seconds.

    Raises:
        ServerError: The Prefect server refuses, or cannot be reached.
    """
    with _asking() as client:
        client.request(
            "POST", "/deployments/{id}/schedule", path_params={"id": deployment}, json={}
        )
        return _deployed(client, client.read_deployment(deployment))


def start(name: str) -> Started:
    """Start a flow run of a deployment.

    Args:
        name: The deployment's, with or without the flow's before it.

    Raises:
        NotFoundError: There is none.
        ServerError: The Prefect server refuses, or cannot be reached.
    """
    with _asking() as client:
        found = _find(client, name)
        run = client.create_flow_run_from_deployment(found.id)
        pool = found.work_pool_name or ""
        is_served = bool(pool) and client.read_work_pool(pool).status == WorkPoolStatus.READY
        return Started(id=run.id, name=run.name, pool=pool, is_served=is_served)


def find_deployed(name: str) -> Deployed:
    """Return the deployment of a name.

    Args:
        name: The deployment's, with or without the flow's before it.

    Raises:
        NotFoundError: There is none.
        ServerError: The Prefect server refuses, or cannot be reached.
    """
    with _asking() as client:
        return _deployed(client, _find(client, name))


def delete_deployed(deployment: UUID) -> None:
    """Delete a deployment with the runs that are scheduled; batches are kept.

    Raises:
        ServerError: The Prefect server refuses, or cannot be reached.
    """
    with _asking() as client:
        client.delete_deployment(deployment)


@contextmanager
def _asking() -> Iterator[SyncPrefectClient]:
    try:
        with retrying_client() as client:
            yield client
    except UNREACHABLE as error:
        raise ServerError(f"the Prefect server does not answer as expected: {error}") from error


def _read_all(client: SyncPrefectClient, name: str | None = None) -> list[DeploymentResponse]:
    """Return the deployments of sweeps, or those of a name, in the order of their names."""
    flows = FlowFilter.model_validate({"name": {"any_": [sweep.name]}})
    wanted = None if name is None else DeploymentFilter.model_validate({"name": {"any_": [name]}})
    found: list[DeploymentResponse] = []
    while len(found) % PAGE == 0:
        page = client.read_deployments(
            flow_filter=flows, deployment_filter=wanted, limit=PAGE, offset=len(found)
        )
        found += page
        if not page:
            break
    return sorted(found, key=lambda one: one.name)


def _find(client: SyncPrefectClient, name: str) -> DeploymentResponse:
    """Return the deployment of a name.

    Raises:
        NotFoundError: There is none; the message has near names.
    """
    short = name.removeprefix(f"{sweep.name}/")
    if found := _read_all(client, short):
        return found[0]
    known = [one.name for one in _read_all(client)]
    near = near_names(short, known)
    hint = f"did you mean {' or '.join(near)}?" if near else "tunesmith deploy list shows them"
    if not known:
        hint = "there is none yet; make one with tunesmith deploy SCRIPT"
    raise NotFoundError(f"there is no deployment {short!r}: {hint}")


def _deployed(client: SyncPrefectClient, one: DeploymentResponse) -> Deployed:
    active = [schedule.schedule for schedule in one.schedules if schedule.active]
    shown = active or [schedule.schedule for schedule in one.schedules]
    coming = _next_run(client, one.id) if shown else None
    return Deployed(
        id=one.id,
        name=one.name,
        script=str(one.parameters.get("script") or ""),
        schedule=", ".join(map(_in_words, shown)),
        next_firing=None if coming is None else coming.expected_start_time,
        pool=one.work_pool_name or "",
        is_paused=one.paused or bool(shown and not active),
    )


def _next_run(client: SyncPrefectClient, deployment: UUID) -> FlowRun | None:
    """Return the run of a deployment that its schedule starts next."""
    coming = FlowRunFilter.model_validate(
        {
            "deployment_id": {"any_": [str(deployment)]},
            "state": {"type": {"any_": ["SCHEDULED"]}},
            "tags": {"all_": ["auto-scheduled"]},
        }
    )
    runs = client.read_flow_runs(
        flow_run_filter=coming, sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC, limit=1
    )
    return runs[0] if runs else None


def _in_words(schedule: SCHEDULE_TYPES) -> str:
    if isinstance(schedule, IntervalSchedule):
        return f"every {format_duration(schedule.interval.total_seconds())}"
    text = schedule.cron if isinstance(schedule, CronSchedule) else getattr(schedule, "rrule", "")
    return f"{text} ({getattr(schedule, 'timezone', None) or 'UTC'})"
