"""``tunesmith run``: read, preview, ask, run, summarize."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.options.objective import objective_options
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.preview import preview
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.shell.completers import complete_arguments
from tunesmith.errors import DeclinedError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.interrupts import Interrupts, received
from tunesmith.executor.stop_token import StopToken
from tunesmith.flags.secret_names import is_secret_name
from tunesmith.processes import hide_argument
from tunesmith.specify import doubts
from tunesmith.storage.files.home import find_home
from tunesmith.storage.store import Store
from tunesmith.trial import TrialStatus
from tunesmith.wishes import make_specification, read_flags, with_source


class RunCommand(SectionedCommand):
    """A command that keeps what follows ``--`` apart: the script's own arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split the arguments at the first ``--``."""
        if "--" in args:
            position = args.index("--")
            args, ctx.meta["extra_arguments"] = args[:position], tuple(args[position + 1 :])
        return super().parse_args(ctx, args)


@click.command(cls=RunCommand)
@click.argument("script", required=False, shell_complete=complete_arguments)
@click.argument(
    "arguments",
    nargs=-1,
    metavar="[NAME=VALUE | @FILE]...",
    shell_complete=complete_arguments,
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
@click.option("--random-seed", type=int, metavar="N", help="Seed of the search  [default: random]")
@click.option("-j", "--jobs", type=int, metavar="N", help="Trials at once  [default: 1]")
@click.option("--runner", metavar="URI", help="dask://HOST:PORT, prefect://  [default: local]")
@click.option("--gpus", metavar="LIST", help="GPUs to share out, as 0,1; one trial at once each.")
@click.option("--per-gpu", type=int, default=1, metavar="K", help="Trials at once on each GPU.")
@click.option(
    "--warm",
    type=click.Choice(["auto", "on", "off"]),
    help="Import once and fork trials  [default: auto]",
)
@click.option("--timeout", metavar="DURATION", help="Longest time of a trial: 30s, 5m, 2h.")
@click.option("--grace", metavar="DURATION", help="From SIGTERM to SIGKILL  [default: 10s]")
@click.option("--retries", type=int, default=0, metavar="N", help="Run a failed trial again.")
@click.option("--max-failures", type=int, metavar="N", help="End after N failed trials.")
@click.option("--fail-on-trial-error", is_flag=True, help="End at the first failed trial.")
@click.option("--needed", is_flag=True, help="Leave out trials that completed before.")
@click.option("--literal", multiple=True, metavar="NAME", help="Keep NAME's text as it is.")
@click.option("--force-flags", is_flag=True, help="Pass flags that the script does not have.")
@click.option("--help-flags", is_flag=True, help="Show the script's flags and exit.")
@click.option("--python", metavar="PATH", help="Interpreter of the script  [default: this one]")
@click.option("--cwd", type=click.Choice(["run", "project"]), default="run", help="Where it runs.")
@click.option("--link", multiple=True, metavar="PATH", help="Link PATH into every trial's folder.")
@click.option(
    "--output-scalars", multiple=True, metavar="PATTERN", help="How scalars are printed."
)
@click.option("--prefect-logs", is_flag=True, help="Show the trials' output in Prefect.")
@click.option("-l", "--label", default="", metavar="TEXT", help="Label of the batch and trials.")
@click.option("-t", "--tag", multiple=True, metavar="TAG", help="Tag of the batch and trials.")
@click.option("--restart", metavar="RUN", help="Go on with a batch.")
@click.option("--failed", is_flag=True, help="With --restart: run the failed trials again, only.")
@click.option("--print-trials", is_flag=True, help="Print the trials and run nothing.")
@click.option("--save-trials", metavar="FILE", help="Write the trials to a CSV file; run nothing.")
@click.option("-b", "--background", is_flag=True, help="Return at once; see watch and stop.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("-q", "--quiet", is_flag=True, help="Print the batch id only.")
@click.option("--json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_context
def run(ctx: click.Context, /, **options: Any) -> int:
    """Run SCRIPT once, or many times with different flags.

    A flag with several values makes a batch: x=[-1,0,1], x=linspace[-0.6:0.6:4] (a grid),
    x=[-2.0:2.0], lr=loguniform[1e-5:1e-1] (a search).
    """
    extra_arguments = ctx.meta.get("extra_arguments", ())
    chosen = RunOptions.from_options({**options, "extra_arguments": extra_arguments})
    wishes = chosen.wishes
    hide_secrets((wishes.script or "", *wishes.arguments))  # a restart names no script
    home = find_home(Path.cwd(), explicit=console.chosen_home(ctx), environ=os.environ)
    if chosen.restart is not None:
        from tunesmith.cli.running.restart import restart  # only a restart reads the store first

        return restart(chosen, home)
    script, script_flags = read_flags(wishes, home)
    if chosen.help_flags:
        from tunesmith.cli.running.listings import flags_listing

        console.answer(flags_listing(script.name, script_flags, is_json=chosen.json))
        return 0
    spec = make_specification(wishes, script, script_flags, home=home)
    if chosen.print_trials or chosen.save_trials:
        from tunesmith.cli.running.listings import list_trials

        return list_trials(spec, chosen)
    return start(spec, chosen)


def hide_secrets(arguments: Sequence[str]) -> None:
    """Take the values of secrets off the list of processes, for as long as this one runs."""
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        if equals and is_secret_name(name):
            hide_argument(argument, n_shown=len(name) + 1)


def start(spec: BatchSpec, options: RunOptions) -> int:
    """Ask, then run a new batch or a single run; return the exit code."""
    n_trials = 1 if spec.is_single else spec.n_trials or 0
    for line in doubts(spec) if options.quiet or options.json else ():  # without a preview
        console.warn(line)
    if options.background:
        from tunesmith.cli.running.background import run_in_background

        ask(preview(spec, n_trials=n_trials), options)
        return run_in_background(with_source(spec, tell=console.warn), options, n_total=n_trials)
    if spec.is_single:
        ask(preview(spec, n_trials=1), options)
        return run_once(with_source(spec, tell=console.warn), options)
    # only a batch needs Prefect's server
    from tunesmith.cli.running.starting_server import server_starting
    from tunesmith.cli.running.sweep import sweep

    with server_starting() as server:
        with server.prefect_imported(is_wanted=not options.yes):
            ask(preview(spec, n_trials=n_trials), options)
        return sweep(
            with_source(spec, tell=console.warn),
            options,
            server=server,
            n_total=n_trials,
            earlier=(),
        )


def ask(text: str, options: RunOptions) -> None:
    """Show the preview and ask, unless that is not wanted.

    Raises:
        DeclinedError: The answer was no.
        UsageError: There is no terminal to ask on.
    """
    if not options.quiet and not options.json:
        console.say(text)
    if not options.yes and not console.ask_yes_no("Continue?"):
        raise DeclinedError("nothing was run")


def run_once(spec: BatchSpec, options: RunOptions) -> int:
    """Run the script once, its output on the terminal; return the exit code."""
    from tunesmith.cli.running.single import run_single  # a batch does not need it

    stop = StopToken()
    interrupts = Interrupts(stop, is_single=True)
    is_silent = options.quiet or options.json
    echo = None if is_silent else sys.stdout.buffer
    store = Store.create(Path(spec.home))
    context = BatchContext(spec=spec, store=store, stop=stop, interrupts=interrupts, echo=echo)
    with received(interrupts):
        record = run_single(context)
    if options.json:
        answer = {"id": record.id, "status": str(record.status), "objective": record.objective}
        console.answer(json.dumps(answer))
    elif options.quiet:
        console.answer(record.id)
    if record.status is TrialStatus.COMPLETED:
        return 0
    console.say(f"error: {spec.operation} {_end(record.exit_code, record.signal, record.reason)}")
    return interrupts.exit_code or 1


def _end(exit_code: int | None, signal: int | None, reason: str) -> str:
    end = f"ended with signal {signal}" if signal is not None else f"ended with exit {exit_code}"
    return f"{end}: {reason}" if reason else end
