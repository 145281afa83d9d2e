"""``tunesmith deploy run``, ``list`` and ``delete``: deployments that are there."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tunesmith.cli import console
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.rendering import render_columns
from tunesmith.errors import DeclinedError, UsageError

if TYPE_CHECKING:
    from tunesmith.flows.deployed import Deployed

BANNED = frozenset("/%&<>")
"""What the names of Prefect's objects must not have."""
HEADER = ("name", "script", "schedule", "next firing", "pool", "")


@click.command(cls=SectionedCommand)
@console.json_option("the id")
@click.argument("name")
def run(*, name: str) -> int:
    """Start a run of a deployment now, and print its id."""
    with _connected():
        from tunesmith.flows.deployed import start  # Prefect, on the server in use

        started = start(name)
    console.answer(str(started.id), {"id": str(started.id), "name": started.name})
    console.say(f"Started {started.name}, a run of {name}")
    if not started.is_served:
        console.say(f"  run what is due:  {serve_command(started.pool)}")
    console.say(f"  see it:           tunesmith server open /runs/flow-run/{started.id}")
    return 0


@click.command(cls=SectionedCommand, name="list")
@console.json_option("all details")
def list_() -> int:
    """List the deployments of sweeps, and when each fires next."""
    with _connected():
        from tunesmith.flows.deployed import list_deployed  # Prefect, on the server in use

        found = list_deployed()
    if console.wants_json():
        console.answer_json([to_plain(one) for one in found])
    elif found:
        console.answer(render_columns([HEADER, *map(_row, found)], width=console.terminal_width()))
    else:
        console.say("No deployments: make one, as in tunesmith deploy train.py --cron '0 3 * * *'")
    return 0


@click.command(cls=SectionedCommand)
@console.json_option("the id")
@click.argument("name")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
def delete(*, name: str, yes: bool) -> int:
    """Delete a deployment. Its batches are kept, and a run in progress goes on."""
    with _connected():
        from tunesmith.flows.deployed import delete_deployed, find_deployed

        found = find_deployed(name)
        if not yes:
            console.say(f"You are about to delete the deployment {found.name} of {found.script}")
            if not console.ask_yes_no("Continue?"):
                raise DeclinedError("nothing was deleted")
        delete_deployed(found.id)
    console.say(f"Deleted {found.name}")
    if console.wants_json():
        console.answer_json({"deleted": [str(found.id)]})
    return 0


def serve_command(pool: str) -> str:
    """Return the command that runs what is due in a work pool."""
    from tunesmith.flows.work_pool import POOL  # Prefect, on the server in use

    return "tunesmith serve" if pool == POOL else f"tunesmith serve --pool {shlex.quote(pool)}"


def check_name(option: str, name: str | None) -> None:
    """Check that Prefect takes the name of a work pool or of a deployment.

    Raises:
        UsageError: It does not.
    """
    banned = sorted(BANNED & set(name or ""))
    if banned:
        raise UsageError(
            f"{option} is {name!r}: Prefect's names have none of {' '.join(sorted(BANNED))}"
            + ("; a queue of a pool cannot be named" if option == "--pool" else "")
        )


def format_firing(when: datetime | None) -> str:
    """Return the time of a firing in the zone of this machine: ``2026-12-01 04:00:00 CET``."""
    if when is None:
        return ""
    is_late = when < datetime.now(UTC)  # no worker took it
    return f"{'due since ' if is_late else ''}{when.astimezone():%Y-%m-%d %H:%M:%S %Z}"


@contextmanager
def _connected() -> Iterator[None]:
    """Let Prefect use the server while the body runs."""
    with server_starting() as server:
        server.use()
        yield


def _row(one: "Deployed") -> tuple[str, ...]:
    is_paused = "paused" if one.is_paused else ""
    return (
        one.name,
        one.script,
        one.schedule,
        format_firing(one.next_firing),
        one.pool,
        is_paused,
    )


def to_plain(one: "Deployed") -> dict[str, object]:
    """Return a deployment as JSON values."""
    return {
        "id": str(one.id),
        "name": one.name,
        "script": one.script,
        "schedule": one.schedule,
        "next_firing": None if one.next_firing is None else one.next_firing.isoformat(),
        "pool": one.pool,
        "paused": one.is_paused,
    }
