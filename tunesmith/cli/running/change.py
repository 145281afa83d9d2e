"""``tunesmith change`` and ``tunesmith queue``: a search that goes on in another way."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.options.chosen_batch import find_batch
from tunesmith.cli.options.request_options import request_options
from tunesmith.cli.options.store import open_store
from tunesmith.cli.running.preview import changes, first_lines
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError
from tunesmith.flags.assignments import split_argument
from tunesmith.flags.display import format_setting
from tunesmith.flags.points import DEFAULTS, Point
from tunesmith.program import ProgramKind
from tunesmith.query.cells import one_line
from tunesmith.request.option import Door
from tunesmith.request.options import options_of, read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.steering.changing import Changed, change_batch
from tunesmith.trial import short_id

OPTIONS = tuple(
    option.name
    for option in options_of(Door.RESTART)
    if option.name not in ("failed", "pruned", "first")
)
"""What a batch that goes on may be told; its points are those of ``tunesmith queue``."""
EXAMPLES = """\b
Examples:
  tunesmith change 1933bdcb x=[-4.0:4.0] -m 50 -j 4
      another range, 50 trials more, four at once
  tunesmith change 1 optimizer=[sgd,adam,lion]
      one more choice
"""


@click.command(cls=SectionedCommand, epilog=EXAMPLES)
@click.argument("run", metavar="RUN")
@click.argument("words", nargs=-1, metavar="[NAME=VALUE]...")
@request_options(Door.RESTART, names=OPTIONS)
@console.json_option("what was changed")
@click.pass_context
def change(ctx: click.Context, /, *, run: str, words: tuple[str, ...], **options: Any) -> int:
    """Change what the batch RUN searches, and how, while it runs or before it goes on.

    A running batch goes on so within seconds: trials that run go on as they began. Else a
    restart does.
    """
    request = SweepRequest(**read_arguments(words), **read_options(options))
    if not words and not read_options(options):
        raise UsageError("nothing is to change: name a flag or an option, as in x=[-4.0:4.0]")
    return _apply(ctx, run, request)


@click.command(cls=SectionedCommand)
@click.argument("run", metavar="RUN")
@click.argument("words", nargs=-1, metavar="NAME=VALUE... | defaults")
@click.option(
    "--force-flags", is_flag=True, help="Take flags that the script is not known to have."
)
@console.json_option("what was queued")
@click.pass_context
def queue(ctx: click.Context, /, *, run: str, words: tuple[str, ...], force_flags: bool) -> int:
    """Put a trial into the search RUN, in front of all that it would propose.

    A running search takes it as its next trial, a stopped one at its restart. What is not named is
    the initial value of its range, or the script's default where it is searched, else proposed.
    """
    if not words:
        raise UsageError("there is no trial: name its flags, as in lr=3e-4 depth=6, or defaults")
    point: Point = DEFAULTS if words == (DEFAULTS,) else tuple(map(split_argument, words))
    return _apply(ctx, run, SweepRequest(first=(point,), force_flags=force_flags or None))


def _apply(ctx: click.Context, run: str, request: SweepRequest) -> int:
    """Change a batch, and print what that changes and when it counts."""
    store = open_store(console.chosen_home(ctx))
    changed = change_batch(store, find_batch(store, run), request)
    spec, name = changed.spec, short_id(changed.spec.id)
    console.answer(
        "\n".join([f"{name} {_when(changed)}", *map(one_line, _lines(changed))]),
        {
            "id": spec.id,
            "generation": spec.generation,
            "trials": spec.n_trials,
            "running": changed.is_running,
        },
    )
    return 0


def _when(changed: Changed) -> str:
    """Return who goes on in the new way, and when."""
    if changed.is_running:
        return "goes on so, within seconds:"
    name = short_id(changed.spec.id)
    if changed.spec.program.kind is ProgramKind.NONE:
        return f"is asked so from now on, with tunesmith suggest {name}:"
    return f"goes on so with tunesmith run --restart {name}:"


def _lines(changed: Changed) -> Iterator[str]:
    before, spec = changed.before, changed.spec
    for flag, setting in spec.settings.items():
        was = before.settings.get(flag)
        if was != setting:
            yield f"  {flag}: {format_setting(setting)} (was {format_setting(was)})"
    yield from first_lines(spec, before.first)
    yield from changes(replace(before, first=()), spec)
