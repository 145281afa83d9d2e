"""``tunesmith deploy``: a sweep that runs by a schedule, or when Prefect is asked for it."""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.groups import DefaultGroup
from tunesmith.cli.options.completers import complete_arguments
from tunesmith.cli.options.request_options import request_options
from tunesmith.cli.running.preview import preview
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.serving.deployed import check_name, format_firing, serve_command, to_plain
from tunesmith.durations import parse_duration
from tunesmith.errors import UsageError
from tunesmith.flows.firing import check_arguments
from tunesmith.request.new import new
from tunesmith.request.option import Door
from tunesmith.request.options import options_of, read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.script_of_request import read_script
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.files.deployed_files import keep_file
from tunesmith.storage.files.home import find_home
from tunesmith.storage.store import Store
from tunesmith.sweeps.opening import SUFFIXES, resolve

if TYPE_CHECKING:
    from tunesmith.flows.deployed import Deployed

COMMANDS = {
    "new": (".serving.deploy:new_", "Make or change a deployment; the default command."),
    "run": (".serving.deployed:run", "Start a run of a deployment now."),
    "list": (".serving.deployed:list_", "List deployments, and when each fires next."),
    "delete": (".serving.deployed:delete", "Delete a deployment; its batches are kept."),
}


@click.group(
    cls=DefaultGroup,
    sections={"Commands": COMMANDS},
    default="new",
    subcommand_metavar="SCRIPT [NAME=VALUE]... | COMMAND [ARGS]...",
)
def deploy() -> None:
    """Make a deployment of a sweep in Prefect; run, list or delete those that are there.

    It runs by its schedule, or from Prefect's pages; tunesmith serve runs it on this machine.
    Write a script that has the name of a command, such as run, as ./run.
    """


@click.command(cls=SectionedCommand, name="new")
@click.argument("script", shell_complete=complete_arguments)
@click.argument(
    "arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=complete_arguments
)
@request_options(Door.DEPLOY)
@click.option("--name", metavar="NAME", help="Name of the deployment  [default: the script's]")
@click.option("--cron", metavar="EXPR", help="Cron schedule: '0 3 * * *' is every night at three.")
@click.option("--interval", metavar="DURATION", help="Time between runs: 30m, 6h, 1d.")
@click.option("--rrule", metavar="RULE", help="Schedule as an iCalendar rule.")
@click.option(
    "--timezone", metavar="ZONE", help="Time zone for --cron and --rrule  [default: UTC]"
)
@click.option("--paused", is_flag=True, help="Leave the schedule off for now.")
@click.option("--continue", "goes_on", is_flag=True, help="Go on with the last batch at each run.")
@click.option(
    "--overlap",
    type=click.Choice(["allow", "queue", "skip"]),
    help="What to do with a run that is due while the last one runs  "
    "[default: skip with a schedule or --continue]",
)
@click.option("--pool", metavar="NAME", help="Work pool that runs it  [default: tunesmith]")
@click.option(
    "--job-variable",
    "job_variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Variable of the work pool's jobs, for this deployment; repeatable.",
)
@click.option("--image", metavar="IMAGE", help="Image of a work pool of Docker or Kubernetes.")
@console.json_option("the deployment")
@click.pass_context
def new_(ctx: click.Context, /, **options: Any) -> int:
    """Make a deployment of a sweep in Prefect, or change the one of that name.

    It runs by its schedule, or from Prefect's pages; tunesmith serve runs it on this machine.
    """
    arguments = options["arguments"]
    _check_script(options["script"])
    request = SweepRequest(
        script=options["script"], **read_arguments(arguments), **read_options(_said(options))
    )
    home = find_home(Path.cwd(), explicit=console.chosen_home(ctx), environ=os.environ)
    check_arguments(_flags_of(arguments))
    check_name("--pool", options["pool"])
    check_name("--name", options["name"])
    variables = _read_job_variables(options)
    resolved = resolve(request, environ=os.environ)
    for note in resolved.notes:
        console.say(f"note: {note}")
    spec = new(resolved.request, read_script(resolved.request, home), home)
    with server_starting() as server:
        console.say(preview(spec, n_trials=spec.n_trials or 1).replace("run", "deploy", 1))
        server.use()
        made = _make(options, spec, home, variables)
    console.answer(made.full_name, to_plain(made))
    console.say(f"Deployed {made.full_name} for the work pool {made.pool}")
    if made.schedule:
        when = f"next {format_firing(made.next_firing)}" if made.next_firing else "paused"
        console.say(f"  schedule:         {made.schedule}; {when}")
    console.say(f"  run what is due:  {serve_command(made.pool)}")
    console.say(f"  run it now:       tunesmith deploy run {shlex.quote(made.name)}")
    return 0


def _check_script(typed: str) -> None:
    """Check that a script is named, and not a flag before a command.

    Raises:
        UsageError: It is a flag.
    """
    if "=" in typed and not Path(typed).exists():
        raise UsageError(
            f"{typed!r} is no script: name the script before its flags. A command is deployed as "
            "a sweep file: tunesmith run NAME=VALUE --save-sweep sweep.yaml -- COMMAND writes "
            "it, and tunesmith deploy sweep.yaml deploys it"
        )


def _read_job_variables(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of a work pool's jobs; what is no JSON is text.

    Raises:
        UsageError: One has no value.
    """
    image = options["image"]
    found: dict[str, Any] = {} if image is None else {"image": image}
    for text in options["job_variables"]:
        name, sign, value = text.partition("=")
        if not name or not sign:
            raise UsageError(f"--job-variable is {text!r}: write NAME=VALUE, such as cpu=2")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _make(
    options: Mapping[str, Any], spec: BatchSpec, home: Path, job_variables: Mapping[str, Any]
) -> "Deployed":
    from tunesmith.flows.deployed import schedule_now  # Prefect, on the server in use
    from tunesmith.flows.deployments import Overlap, Schedule
    from tunesmith.flows.deployments import deploy as make
    from tunesmith.flows.work_pool import POOL

    interval = options["interval"]
    schedule = Schedule(
        cron=options["cron"],
        interval_s=None if interval is None else parse_duration(interval),
        rrule=options["rrule"],
        timezone=options["timezone"],
    )
    made = make(
        options["name"] or _default_name(spec.batch_operation),
        form_parameters(options, spec, home) | _keep_files(options["arguments"], home),
        schedule=schedule,
        overlap=Overlap(options["overlap"] or _default_overlap(options)),
        is_paused=options["paused"],
        pool=options["pool"] or POOL,
        job_variables=job_variables,
    )
    return schedule_now(made)


def form_parameters(options: Mapping[str, Any], spec: BatchSpec, home: Path) -> dict[str, Any]:
    """Return the parameters of the flow: the options that were given, as they were typed.

    Args:
        options: What the command line said, by the names of the options.
        spec: The specification that came of it.
        home: The folder of the store.
    """
    given = _said(options).items()
    said = {
        **{name: list(one) if isinstance(one, tuple) else one for name, one in given},
        "script": _script(options["script"], spec),
        "folder": spec.project,
        "home": str(home),
        "flags": _flags_of(options["arguments"]),
        "python": spec.execution.python,
        "go_on_with_last": options["goes_on"],
    }
    return {
        name: one
        for name, one in said.items()
        if one is not None and one is not False and one not in ("", [])  # a seed may be 0
    }


def _said(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a request: ``--name`` is here the name of the deployment."""
    return {option.name: options[option.name] for option in options_of(Door.DEPLOY)}


def _script(typed: str, spec: BatchSpec) -> str:
    """Return the script within the project; a sweep file instead, which each run reads anew."""
    if Path(typed).suffix.lower() not in SUFFIXES:
        return spec.script
    path = Path(typed).absolute()
    is_inside = path.is_relative_to(spec.project)
    return str(path.relative_to(spec.project) if is_inside else path)


def _flags_of(arguments: Sequence[str]) -> list[str]:
    """Return the arguments that are no batch files."""
    return [one for one in arguments if not one.startswith("@")]


def _keep_files(arguments: Sequence[str], home: Path) -> dict[str, Any]:
    """Keep the batch files in the store, and return the parameter that names them."""
    files = read_arguments(arguments)["files"] or ()
    layout = Store.create(home).layout if files else None
    return {"batch_files": [keep_file(layout, Path(one)) for one in files]} if layout else {}


def _default_name(operation: str) -> str:
    """Return a name that Prefect takes: ``train.py+gp`` becomes ``train-gp``."""
    return operation.replace(".py", "").replace("+", "-").strip("-") or "sweep"


def _default_overlap(options: Mapping[str, Any]) -> str:
    """Return what becomes of a firing while an earlier one runs.

    A schedule whose worker was away for a day fires all that it missed at once.
    """
    is_scheduled = any(options[name] for name in ("cron", "interval", "rrule"))
    return "skip" if is_scheduled or options["goes_on"] else "allow"
