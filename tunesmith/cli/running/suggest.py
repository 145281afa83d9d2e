"""``tunesmith suggest``: ask a search for trials that somebody runs by themselves."""

from collections.abc import Sequence
from typing import Any

import click

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.looking.plain import plain_value
from tunesmith.cli.options.chosen_batch import find_batch
from tunesmith.cli.options.request_options import request_options
from tunesmith.cli.options.store import open_or_create_store, open_store
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError
from tunesmith.flags.display import format_point
from tunesmith.query.cells import count, one_line
from tunesmith.request.option import Door
from tunesmith.request.options import read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.steering.options import OPTIONS
from tunesmith.trial import PlannedTrial, short_id, trial_id

EXAMPLES = """\b
Examples:
  tunesmith suggest --new x=[0.0:1.0] --minimize loss
      a search without a script: prints its id, and with -n its first trials
  tunesmith suggest 1933bdcb -n 3 --json
      three trials to run
  tunesmith observe 1933bdcb 2 loss=0.3
      the result of the second trial
"""


@click.command(cls=SectionedCommand, epilog=EXAMPLES)
@click.argument("words", nargs=-1, metavar="RUN | NAME=VALUE...")
@click.option("-n", "number", type=int, metavar="N", help="Number of trials.  [default: 1]")
@click.option(
    "--open", "is_open", is_flag=True, help="Print the trials that have no result; add none."
)
@click.option("--new", "is_new", is_flag=True, help="Make a search without a script.")
@console.json_option("the trials")
@request_options(Door.RUN, names=OPTIONS)
@click.pass_context
def suggest(
    ctx: click.Context,
    /,
    *,
    words: tuple[str, ...],
    number: int | None,
    is_open: bool,
    is_new: bool,
    **options: Any,
) -> int:
    """Ask the search RUN for the next trials, and print them: whoever asks runs them.

    A trial is in the store before it is printed, and is not proposed again. Its result is told
    with tunesmith observe. A batch is made with --new, or with tunesmith run --no-start.
    """
    home = console.chosen_home(ctx)
    if is_new and is_open:
        raise UsageError("--new makes a search, which has no trials yet: leave out --open")
    if is_new:
        return _make(words, options, number, home)
    said = [name for name, value in options.items() if value not in (None, ())]
    if said:
        raise UsageError(f"--{said[0].replace('_', '-')} says what to search: it needs --new")
    if len(words) != 1:
        raise UsageError(
            f"expected one batch, and {len(words)} words were given: tunesmith suggest RUN, or "
            "--new with what to search"
        )
    from tunesmith.steering.suggesting import suggest as ask  # the models, for a batch that exists
    from tunesmith.steering.suggesting import unfinished

    store = open_store(home)
    batch = find_batch(store, words[0])
    n = 1 if number is None else number
    planned = unfinished(store, batch) if is_open else ask(store, batch, n=n)
    lines, plain = _shown(store.batch(batch), planned)
    if lines or console.wants_json():
        console.answer("\n".join(lines), plain)
    if not is_open:
        _say_missing(n - len(planned))
    return 0


def _make(
    words: Sequence[str], options: dict[str, Any], number: int | None, home: str | None
) -> int:
    """Write a search without a script, and print its id, with its first trials where asked."""
    from tunesmith.steering.suggesting import check_number
    from tunesmith.steering.suggesting import suggest as ask
    from tunesmith.steering.unscripted import new_search

    if number is not None:
        check_number(number)

    request = SweepRequest(**read_arguments(words), **read_options(options))
    if request.subcommand or request.files:
        word = (*(request.subcommand or ()), *(f"@{one}" for one in request.files or ()))[0]
        raise UsageError(f"{word!r} is no flag: a search without a script takes NAME=VALUE alone")
    store = open_or_create_store(home)
    spec = new_search(request, store.home.parent)
    store.put_batch(spec)
    if number is None:
        console.answer(spec.id, {"id": spec.id})
        console.say(f"ask for trials with tunesmith suggest {short_id(spec.id)}")
        return 0
    planned = ask(store, spec.id, n=number)
    lines, plain = _shown(spec, planned)
    console.answer("\n".join([spec.id, *lines]), {"id": spec.id, "trials": plain})
    _say_missing(number - len(planned))
    return 0


def _say_missing(n: int) -> None:
    if n > 0:
        console.say(f"{count(n, 'trial')} less: every point has been proposed")


def _shown(
    spec: BatchSpec, planned: Sequence[PlannedTrial]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return trials as lines, and as JSON objects."""
    lines = [
        f"{one.number}  {short_id(trial_id(spec.id, one.number))}  "
        f"{one_line(format_point(spec.varied(one.flags)))}"
        for one in planned
    ]
    return lines, [suggestion_to_plain(spec.id, one) for one in planned]


def suggestion_to_plain(batch: str, planned: PlannedTrial) -> dict[str, Any]:
    """Return a planned trial as a JSON object."""
    return {
        "id": trial_id(batch, planned.number),
        "batch": batch,
        "number": planned.number,
        "flags": plain_value(planned.flags),
        "origin": planned.origin,
        "prediction": plain_value(planned.prediction),
    }
