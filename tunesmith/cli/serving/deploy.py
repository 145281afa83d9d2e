"""``tunesmith deploy``: a sweep that runs by a schedule, or when Prefect is asked for it."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.options.objective import objective_options
from tunesmith.cli.running.preview import preview
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.shell.completers import complete_arguments
from tunesmith.durations import parse_duration
from tunesmith.flows.firing import check_arguments
from tunesmith.storage.files.home import find_home
from tunesmith.wishes import Wishes, interpreter, make_specification, read_flags

_WISHES = frozenset(field.name for field in dataclasses.fields(Wishes))


@click.command(cls=SectionedCommand)
@click.argument("script", shell_complete=complete_arguments)
@click.argument(
    "arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=complete_arguments
)
@click.option(
    "-o",
    "--optimizer",
    metavar="NAME",
    help="auto, gp, forest, gbrt, random, sobol, grid, optuna:tpe, …",
)
@click.option("-Fo", "--opt-flag", multiple=True, metavar="NAME=VALUE", help="Optimizer's flag.")
@objective_options
@click.option("-m", "--max-trials", type=int, metavar="N", help="Trials  [default: 20 a search]")
@click.option("-j", "--jobs", type=int, metavar="N", help="Trials at once  [default: 1]")
@click.option("--runner", metavar="URI", help="dask://HOST:PORT, prefect://  [default: local]")
@click.option(
    "--warm",
    type=click.Choice(["auto", "on", "off"]),
    help="Import once and fork trials  [default: auto]",
)
@click.option("--timeout", metavar="DURATION", help="Longest time of a trial: 30s, 5m, 2h.")
@click.option("--retries", type=int, default=0, metavar="N", help="Run a failed trial again.")
@click.option("--needed", is_flag=True, help="Leave out trials that completed before.")
@click.option("--python", metavar="PATH", help="Interpreter of the script  [default: this one]")
@click.option("-l", "--label", default="", metavar="TEXT", help="Label of the batches and trials.")
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
    wishes = Wishes(**{name: value for name, value in options.items() if name in _WISHES})
    home = find_home(Path.cwd(), explicit=console.chosen_home(ctx), environ=os.environ)
    check_arguments(wishes.arguments)
    script, script_flags = read_flags(wishes, home)
    spec = make_specification(wishes, script, script_flags, home=home)
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
            _parameters(wishes, spec.project, home, goes_on=options["goes_on"]),
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


def _parameters(wishes: Wishes, project: str, home: Path, *, goes_on: bool) -> dict[str, Any]:
    """Return the flow's parameters: those that say something, in words as they were typed."""
    script = Path(wishes.script or "").resolve()
    said = {
        "script": str(script.relative_to(project)),
        "folder": project,
        "home": str(home),
        "flags": list(wishes.arguments),
        "optimizer": wishes.optimizer,
        "max_trials": wishes.max_trials,
        "minimize": wishes.minimize,
        "maximize": wishes.maximize,
        "optimizer_flags": list(wishes.opt_flag),
        "jobs": wishes.jobs,
        "runner": wishes.runner,
        "warm": wishes.warm,
        "timeout": wishes.timeout,
        "retries": wishes.retries,
        "needed": wishes.needed,
        "label": wishes.label,
        "python": interpreter(wishes),
        "go_on_with_last": goes_on,
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
