"""``tunesmith run``: read, preview, ask, run, summarize."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.options.completers import complete_arguments, complete_batches
from tunesmith.cli.options.request_options import request_options
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.flags_listing import flags_listing
from tunesmith.cli.sections import SectionedCommand, SectionedOption
from tunesmith.flags.hiding import hide_secrets
from tunesmith.pruning import NO_PRUNING
from tunesmith.request.addressing import listed_addresses
from tunesmith.request.option import Door, Group
from tunesmith.request.script_of_request import read_script
from tunesmith.storage.files.home import find_home
from tunesmith.sweeps.opening import resolve


class RunCommand(SectionedCommand):
    """A command that keeps what follows ``--`` apart: the script's own arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split the arguments at the first ``--``."""
        if "--" in args:
            position = args.index("--")
            args, ctx.meta["extra_arguments"] = args[:position], tuple(args[position + 1 :])
        _check_rule(ctx, args)
        return super().parse_args(ctx, args)


def _check_rule(ctx: click.Context, args: Sequence[str]) -> None:
    """Refuse a rule of pruning that was typed as the next word, which would be the script."""
    for word, following in pairwise(args):
        if word == "--prune" and not Path(following).exists():
            from tunesmith.search.pruning.registry import pruner_names  # rarely needed

            if following.partition(":")[0] in {*pruner_names(), NO_PRUNING, "optuna"}:
                raise click.UsageError(
                    f"--prune takes its rule behind =, as in --prune={following}", ctx
                )


_COMMAND = "This command"
_option = partial(click.option, cls=SectionedOption)

EXAMPLES = """\b
Examples:
  tunesmith run train.py lr=[0.1,0.01] layers=[1,2]
      a grid of four trials
  tunesmith run train.py lr=loguniform[1e-5:1e-1] -o gp -m 50 -N val_loss
      a search of 50 trials for the lowest val_loss
  tunesmith run lr=[0.1,0.01] -- torchrun -m pkg.train fit {flags}
      any command, with the flags where they belong
  tunesmith run sweep.yaml -m 100
      the sweep of a file in W&B's format, with 100 trials
  tunesmith run --restart 1933bdcb -m 20
      20 more trials of that batch
"""


@click.command(cls=RunCommand, epilog=EXAMPLES)
@click.argument("script", required=False, shell_complete=complete_arguments)
@click.argument(
    "arguments",
    nargs=-1,
    metavar="[NAME=VALUE | @FILE]...",
    shell_complete=complete_arguments,
)
@request_options(Door.RUN, Door.RESTART)
@_option(
    "--restart",
    metavar="RUN",
    shell_complete=complete_batches,
    help="Go on with a batch.",
    section=Group.RESTART,
)
@_option("--help-flags", is_flag=True, help="Show the script's flags.", section=Group.RESTART)
@_option("--print-trials", is_flag=True, help="Print the trials.", section=Group.RESTART)
@_option("--save-trials", metavar="FILE", help="Write the trials as CSV.", section=Group.RESTART)
@_option(
    "--save-sweep",
    metavar="FILE",
    help="Write what is asked for as a sweep file, and run nothing.",
    section=Group.RESTART,
)
@_option(
    "-b",
    "--background",
    is_flag=True,
    help="Return at once; see watch and stop.",
    section=_COMMAND,
)
@_option(
    "--no-start",
    is_flag=True,
    help="Write the batch, print its id, and run nothing; see suggest.",
    section=_COMMAND,
)
@_option("-y", "--yes", is_flag=True, help="Do not ask.", section=_COMMAND)
@_option("-q", "--quiet", is_flag=True, help="Print the batch id only.", section=_COMMAND)
@_option("--json", is_flag=True, help="Print the outcome as JSON.", section=_COMMAND)
@click.pass_context
def run(ctx: click.Context, /, **options: Any) -> int:
    """Run SCRIPT once, or many times with different flags; or the sweep of a file.

    SCRIPT is a Python file, a module (pkg.train), a notebook, any executable file, or left out:
    then what follows -- is the command that is run.

    A flag with several values makes a batch: x=[-1,0,1], x=linspace[-0.6:0.6:4] (a grid),
    x=[-2.0:2.0], lr=loguniform[1e-5:1e-1] (a search). 'degree=[2:5] if kernel == poly' is passed
    where the condition holds.
    """
    hide_secrets((options["script"] or "", *options["arguments"]))  # a restart names no script
    chosen = RunOptions.from_options(options, extra_arguments=ctx.meta.get("extra_arguments", ()))
    home = find_home(Path.cwd(), explicit=console.chosen_home(ctx), environ=os.environ)
    if chosen.restart is not None:
        from tunesmith.cli.running.restart import restart  # only a restart reads the store first

        return restart(chosen, home)
    chosen = _with_file(chosen)
    script = read_script(chosen.request, home, tell=console.say)
    if chosen.help_flags:
        addresses = listed_addresses(script, chosen.request, home)
        console.answer(
            flags_listing(script.name, script.flags, addresses=addresses, is_json=chosen.json)
        )
        return 0
    from tunesmith.request.new import new  # with the store and the search, which flags need not

    spec = new(chosen.request, script, home)
    if chosen.save_sweep is not None:
        from tunesmith.cli.running.saving import save_sweep

        return save_sweep(chosen.request, spec, chosen.save_sweep)
    if chosen.print_trials or chosen.save_trials:
        from tunesmith.cli.running.trials_listing import list_trials, plan_without_results

        return list_trials(spec, chosen, plan_without_results(spec))
    from tunesmith.cli.running.start import start

    return start(spec, chosen, home)


def _with_file(chosen: RunOptions) -> RunOptions:
    """Return the options with what the sweep file says that they name; they come first."""
    resolved = resolve(chosen.request, environ=os.environ)
    for note in resolved.notes:
        console.say(f"note: {note}")
    return replace(chosen, request=resolved.request)
