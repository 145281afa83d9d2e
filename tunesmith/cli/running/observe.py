"""``tunesmith observe``: tell a search what came of a trial."""

from collections.abc import Sequence

import click

from tunesmith.cli import console
from tunesmith.cli.looking.plain import plain_value
from tunesmith.cli.options.chosen_batch import find_batch
from tunesmith.cli.options.store import open_store
from tunesmith.cli.sections import SectionedCommand
from tunesmith.durations import parse_duration
from tunesmith.errors import SpecificationError
from tunesmith.trial import short_id


@click.command(cls=SectionedCommand)
@click.argument("run", metavar="RUN")
@click.argument("trial", metavar="TRIAL")
@click.argument("results", nargs=-1, metavar="[NAME=NUMBER]...")
@click.option("--failed", "is_failed", is_flag=True, help="It failed: points like it are avoided.")
@click.option(
    "--seconds",
    type=parse_duration,
    metavar="DURATION",
    help="How long it took: seconds, or 30s, 5m, 2h.  [default: not known]",
)
@console.json_option("the trial")
@click.pass_context
def observe(
    ctx: click.Context,
    /,
    *,
    run: str,
    trial: str,
    results: tuple[str, ...],
    is_failed: bool,
    seconds: float | None,
) -> int:
    """Tell the search RUN what came of TRIAL, a number or an id that tunesmith suggest printed.

    The result is in the store when the command returns. To tell the same again changes nothing.
    """
    from tunesmith.steering.observing import Result  # the store's records, not for --help
    from tunesmith.steering.observing import observe as tell

    store = open_store(console.chosen_home(ctx))
    batch = find_batch(store, run)
    result = Result(scalars=read_results(results), is_failed=is_failed, seconds=seconds or 0.0)
    record = tell(store, batch, trial, result)
    told = " ".join(f"{tag}={one.last:.5g}" for tag, one in record.scalars.items())
    console.answer(
        f"{record.number}  {short_id(record.id)}  {record.status}  {told}".rstrip(),
        {
            "id": record.id,
            "batch": record.batch,
            "number": record.number,
            "status": str(record.status),
            "objective": plain_value(record.objective),
        },
    )
    return 0


def read_results(words: Sequence[str]) -> dict[str, float]:
    """Return numbers by their names.

    Raises:
        SpecificationError: A word is no ``NAME=NUMBER``, or a name comes twice.
    """
    found: dict[str, float] = {}
    for word in words:
        name, _, text = word.rpartition("=")
        try:
            value = float(text)
        except ValueError as error:
            raise SpecificationError(
                f"{word!r} is no result: expected NAME=NUMBER, as in loss=0.3"
            ) from error
        if not name or not name.isprintable():
            raise SpecificationError(
                f"{word!r} names nothing: expected NAME=NUMBER, as in loss=0.3"
            )
        if name in found:
            raise SpecificationError(f"{name} was given twice: a result has each name once")
        found[name] = value
    return found
