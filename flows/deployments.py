"""Deployments of sweeps: created from a sweep's own words, run by a worker on this machine."""

import subprocess
import sys
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.types.entrypoint import EntrypointType

from tunesmith.errors import ServerError, SpecificationError
from tunesmith.flows.prefect_api import TAG, UNREACHABLE, check_sendable
from tunesmith.flows.scheduled import sweep
from tunesmith.flows.work_pool import POOL, check_job_variables, ensure_pool
from tunesmith.near_names import near_names
from tunesmith.query.markdown_text import code_span

QUERY_S = 2
"""How often a worker asks for flow runs that are due, in seconds."""
MIN_RETRIES = 5
"""How often, at least, Prefect's own code asks a busy server again, for a minute in all.

A server of which several things are asked at once refuses some, since its SQLite database is in
use: a worker would take the run for crashed. It cannot be given a patient client, as batches are.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a deployment fires; at most one of the three.

    Raises:
        SpecificationError: Several are given, one cannot be read, or there is no such time zone.
    """

    cron: str | None = None
    interval_s: float | None = None
    rrule: str | None = None
    timezone: str | None = None
    """By which cron and rrule are meant, as ``Europe/Zurich``; None for UTC."""

    def __post_init__(self) -> None:
        given = [one for one in (self.cron, self.interval_s, self.rrule) if one is not None]
        if len(given) > 1:
            raise SpecificationError(
                "--cron, --interval and --rrule are three schedules: give one"
            )
        if self.timezone is not None:
            _check_timezone(self.timezone)
        if given:
            self.to_prefect()

    def to_prefect(self) -> CronSchedule | IntervalSchedule | RRuleSchedule | None:
        """Return it as Prefect takes it; None for no schedule."""
        try:
            if self.cron is not None:
                return CronSchedule(cron=self.cron, timezone=self.timezone)
            if self.interval_s is not None:
                return IntervalSchedule(interval=timedelta(seconds=self.interval_s))
            if self.rrule is not None:
                return RRuleSchedule(rrule=self.rrule, timezone=self.timezone or "UTC")
        except ValueError as error:
            text = self.cron or self.rrule or self.interval_s
            raise SpecificationError(
                f"the schedule {text!r} cannot be read: write it as --cron '0 3 * * *', "
                "--interval 6h or --rrule 'FREQ=DAILY;BYHOUR=3'"
            ) from error
        return None


def _check_timezone(name: str) -> None:
    """Check that there is a time zone of a name.

    Raises:
        SpecificationError: There is none; near names are given.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        places = {zone.rpartition("/")[2].lower(): zone for zone in zoneinfo.available_timezones()}
        place = name.rpartition("/")[2].replace(" ", "_").lower()
        near = [places[one] for one in near_names(place, places)]
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise SpecificationError(
            f"there is no time zone {name!r}.{hint} Write --timezone as Europe/Zurich or UTC"
        ) from error


class Overlap(StrEnum):
    """What becomes of a firing while an earlier one still runs."""

    ALLOW = "allow"
    """Both run."""
    QUEUE = "queue"
    """It waits for the end of the earlier one."""
    SKIP = "skip"
    """It is cancelled."""

    def to_prefect(self) -> ConcurrencyLimitConfig | None:
        """Return it as Prefect takes it."""
        if self is Overlap.ALLOW:
            return None
        strategy = (
            ConcurrencyLimitStrategy.ENQUEUE
            if self is Overlap.QUEUE
            else ConcurrencyLimitStrategy.CANCEL_NEW
        )
        return ConcurrencyLimitConfig(limit=1, collision_strategy=strategy)


def deploy(
    name: str,
    parameters: Mapping[str, Any],
    *,
    schedule: Schedule,
    overlap: Overlap = Overlap.ALLOW,
    is_paused: bool = False,
    pool: str = POOL,
    job_variables: Mapping[str, Any] = MappingProxyType({}),
) -> UUID:
    """Create a deployment of the flow ``sweep``, or change the one of that name; return its id.

    Args:
        name: Names the deployment.
        parameters: Of the flow.
        schedule: When it fires.
        overlap: What becomes of a firing while an earlier one still runs.
        is_paused: Whether the schedule is off until somebody switches it on.
        pool: The work pool whose workers run it; made, for processes, where there is none.

        job_variables: How the pool's workers start its runs, beyond what the pool says.

    Raises:
        NotFoundError: Job variables are given, and there is no such pool.
        ServerError: The Prefect server refuses, or cannot be reached.
        SpecificationError: The name of a folder is not UTF-8, or the pool has no such variable.
    """
    check_sendable(*(one for one in parameters.values() if isinstance(one, str)))
    try:
        if job_variables:
            check_job_variables(pool, job_variables)
        ensure_pool(pool)
        when = schedule.to_prefect()
        made = RunnerDeployment.from_flow(
            sweep,
            name=name,
            parameters=dict(parameters),
            schedules=[] if when is None else [{"schedule": when, "active": not is_paused}],
            tags=[TAG],
            concurrency_limit=overlap.to_prefect(),
            paused=is_paused,
            entrypoint_type=EntrypointType.MODULE_PATH,
            work_pool_name=pool,
            job_variables=dict(job_variables),
            description=code_span(f"tunesmith run {parameters.get('script')}"),
        )
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: _retries()}):
            return UUID(str(made.apply()))
    except UNREACHABLE as error:
        raise ServerError(f"the deployment was not made: {error}") from error


def start_worker(
    pool: str, environment: Mapping[str, str], *, name: str, limit: int | None
) -> "subprocess.Popen[bytes]":
    """Start a worker of this machine that runs what is due.

    Args:
        pool: The work pool that it works for.
        name: Its own name.
        limit: Sweeps at once; None for no limit. Prefect 3.8 counts a run whose deployment was
            deleted as one that goes on for ever.
        environment: With the address of the Prefect server.
    """
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool]
    settings = {
        "PREFECT_LOGGING_ROOT_LEVEL": "CRITICAL",  # of all other libraries, here and in its runs
        **environment,
        "PREFECT_WORKER_QUERY_SECONDS": str(QUERY_S),
        "PREFECT_CLIENT_MAX_RETRIES": str(_retries()),
    }
    return subprocess.Popen(
        [
            *command,
            *("--type", "process"),
            *(() if limit is None else ("--limit", str(limit))),
            *("--name", name),
        ],
        env=settings,
        stdout=sys.stderr,  # what Prefect says is no answer of ours
    )


def _retries() -> int:
    return max(MIN_RETRIES, int(PREFECT_CLIENT_MAX_RETRIES.value()))
