"""``tunesmith deploy``: a sweep that runs by a schedule, or when Prefect is asked for it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.options.completers import complete_arguments
from tunesmith.cli.options.request_options import request_options
from tunesmith.cli.running.preview import preview
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.cli.sections import SectionedCommand
from tunesmith.durations import parse_duration
from tunesmith.flows.firing import check_arguments
from tunesmith.request.new import new, read_script
from tunesmith.request.option import Door
from tunesmith.request.options import read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.files.home import find_home

_TAKEN = (
    "optimizer",
    "optimizer_flags",
    "maximize",
    "minimize",
    "max_trials",
    "jobs",
    "runner",
    "warm",
    "timeout",
    "retries",
    "needed",
    "python",
    "label",
)
"""The options that the form has."""


@click.command(cls=SectionedCommand)
@click.argument("script", shell_complete=complete_arguments)
@click.argument(
    "arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=complete_arguments
)
@request_options(Door.DEPLOY, only=_TAKEN)
@click.option("--name", metavar="NAME", help="Of the deployment  [default: the script's]")
@click.option("--cron", metavar="EXPR", help="When it fires: '0 3 * * *' is every night at three.")
@click.option("--interval", metavar="DURATION", help="How often it fires: 30m, 6h, 1d.")
@click.option("--rrule", metavar="RULE", help="When it fires, as iCalendar says it.")
@click.option("--timezone", metavar="ZONE", help="Of --cron and --rrule  [default: UTC]")
@click.option("--paused", is_flag=True, help="Leave the schedule off for now.")
@click.option("--continue", "goes_on", is_flag=True, help="Each firing goes on with the last one.")
@click.option(
    "--overlap",
    type=click.Choice(["allow", "queue", "skip"]),
    help="A firing while the last one runs  [default: skip with a schedule or --continue]",
)
@click.option("--pool", metavar="NAME", help="Work pool that runs it  [default: tunesmith]")
@click.pass_context
def deploy(ctx: click.Context, /, **options: Any) -> int:
    """Make a deployment of a sweep in Prefect, or change the one of that name.

    It fires by its schedule, or from Prefect's pages; tunesmith serve runs it on this machine.
    """
    arguments = options["arguments"]
    request = SweepRequest(
        script=options["script"], **read_arguments(arguments), **read_options(options)
    )
    home = find_home(Path.cwd(), explicit=console.chosen_home(ctx), environ=os.environ)
    check_arguments(arguments)
    spec = new(request, read_script(request, home))
    interval = options["interval"]
    with server_starting() as server:
        console.say(preview(spec, n_trials=spec.n_trials or 1).replace("run", "deploy", 1))
        server.use()
        from tunesmith.flows.deployments import Overlap, Schedule
        from tunesmith.flows.deployments import deploy as make
        from tunesmith.flows.work_pool import POOL

        schedule = Schedule(
            cron=options["cron"],
            interval_s=None if interval is None else parse_duration(interval),
            rrule=options["rrule"],
            timezone=options["timezone"],
        )
        made = make(
            options["name"] or _default_name(spec.batch_operation),
            _parameters(options, spec, home),
            schedule=schedule,
            overlap=Overlap(options["overlap"] or _default_overlap(options)),
            is_paused=options["paused"],
            pool=options["pool"] or POOL,
        )
    console.answer(made.name)
    console.say(f"Deployed {made.name} for the work pool {made.pool}")
    console.say(f"  run what is due:  tunesmith serve{_pool_option(made.pool, POOL)}")
    known = "" if server.configured is not None else 'eval "$(tunesmith server env)"; '
    console.say(f"  run it now:       {known}prefect deployment run {made.name}")
    return 0


def _parameters(options: Mapping[str, Any], spec: BatchSpec, home: Path) -> dict[str, Any]:
    """Return the flow's parameters: those that say something, in words as they were typed."""
    said = {
        **{name: options[name] for name in _TAKEN},
        "script": spec.script,
        "folder": spec.project,
        "home": str(home),
        "flags": list(options["arguments"]),
        "optimizer_flags": list(options["optimizer_flags"]),
        "python": spec.execution.python,
        "go_on_with_last": options["goes_on"],
    }
    return {name: value for name, value in said.items() if value not in (None, [], "", False)}


def _default_name(operation: str) -> str:
    """Return a name that Prefect takes: ``train.py+gp`` becomes ``train-gp``."""
    return operation.replace(".py", "").replace("+", "-").strip("-") or "sweep"


def _default_overlap(options: dict[str, Any]) -> str:
    """Return what becomes of a firing while an earlier one runs.

    A schedule whose worker was away for a day fires all that it missed at once.
    """
    is_scheduled = any(options[name] for name in ("cron", "interval", "rrule"))
    return "skip" if is_scheduled or options["goes_on"] else "allow"


def _pool_option(pool: str, default: str) -> str:
    return "" if pool == default else f" --pool {pool}"
