"""The options by which every command selects runs, and the runs that they select."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tunesmith.cli import console
from tunesmith.cli.options.store import is_kept, read_runs
from tunesmith.cli.shell.completers import complete_operations, complete_runs
from tunesmith.errors import NotFoundError, QueryError, UsageError
from tunesmith.query.filters import RunFilter
from tunesmith.query.selection import select
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus

if TYPE_CHECKING:
    from tunesmith.query.expression import Expression
    from tunesmith.query.started import TimeRange

STATUS_OPTIONS = {
    TrialStatus.COMPLETED: "Only runs that ended with exit code 0.",
    TrialStatus.ERROR: "Only runs that ended with another exit code.",
    TrialStatus.TERMINATED: "Only runs that a signal, a stop or a timeout ended.",
    TrialStatus.RUNNING: "Only runs that run now.",
    TrialStatus.PENDING: "Only runs that are planned.",
    TrialStatus.PRUNED: "Only runs that were stopped early.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a command line selects: texts that name runs, and filters before them."""

    texts: tuple[str, ...] = ()
    filter: RunFilter
    home: str | None = None
    """The folder that ``--home`` named."""

    @property
    def trial_filter(self) -> RunFilter:
        """What holds for the trials of a batch that is selected.

        An operation, a label and a tag name the batch; the rest is asked of each trial too.
        """
        return dataclasses.replace(self.filter, operations=(), labels=(), tags=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was selected, so that the command's own default holds."""
        return not self.texts and self.filter.is_empty


def selecting_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the RUN arguments and the filters; it is called with a ``choice``."""

    @functools.wraps(command)
    @click.pass_context
    def with_choice(ctx: click.Context, /, **values: Any) -> int:
        return command(choice=_take_choice(ctx, values), **values)

    decorated: Callable[..., int] = with_choice
    for option in reversed(_options()):
        decorated = option(decorated)
    return decorated


def filter_runs(runs: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that pass the filters: the list in which an index counts.

    Raises:
        QueryError: The filter names a column that none of the runs has.
    """
    _check_columns(runs, choice)
    return passing_runs(runs, choice)


def passing_runs(runs: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that pass the filters, whatever columns there are."""
    if choice.filter.is_empty:
        return list(runs)
    return [run for run in runs if choice.filter.matches(run)]


def name_runs(runs: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that the texts name, all without a text; a note says where a range is cut.

    Raises:
        NotFoundError: A text names no run.
        QueryError: A text cannot be read.
    """
    selection = select(runs, choice.texts)
    for note in selection.notes:
        console.say(f"note: {note}")
    return list(selection.runs)


def select_runs(
    store: Store, choice: Choice, *, is_listed: Callable[[Run], bool] = is_kept
) -> list[Run]:
    """Return the runs of a store that a command line selects, newest first.

    Args:
        store: Where they are kept.
        choice: What was typed.
        is_listed: Which runs an index counts.

    Raises:
        NotFoundError: A text names no run.
        QueryError: A text cannot be read.
    """
    return name_runs(filter_runs(read_runs(store, is_listed=is_listed), choice), choice)


def select_latest(store: Store, choice: Choice) -> list[Run]:
    """Return the runs that a command line selects, at least one; the latest if it names none.

    Raises:
        NotFoundError: There is none.
        QueryError: A text cannot be read.
    """
    runs = select_runs(store, choice)
    if not runs:
        raise NotFoundError(
            "there are no runs yet: start one with tunesmith run SCRIPT"
            if choice.is_empty
            else "no run passes the filters: see them all with tunesmith runs --all"
        )
    return runs if choice.texts or not choice.filter.is_empty else runs[:1]


def select_one(runs: Sequence[Run], choice: Choice) -> Run:
    """Return the one run that a command line selects: the latest unless one is named.

    Raises:
        NotFoundError: There is none.
        QueryError: A text cannot be read.
        UsageError: Several are named.
    """
    if len(choice.texts) > 1:
        raise UsageError(f"{len(choice.texts)} runs are named: name one")
    found = name_runs(filter_runs(runs, choice), choice)
    if not found:
        raise NotFoundError("there is no such run: see them all with tunesmith runs --all")
    return found[0]


def trials_of(runs: Sequence[Run], batches: Sequence[Run]) -> dict[str, list[Run]]:
    """Return the trials of each batch, by the batch's id.

    Args:
        runs: All runs of the list.
        batches: The batches among them.
    """
    trials: dict[str, list[Run]] = {batch.id: [] for batch in batches}
    for run in runs:
        if run.is_trial and run.batch in trials:
            trials[run.batch].append(run)
    return trials


def _check_columns(runs: Sequence[Run], choice: Choice) -> None:
    """Refuse a filter whose column none of the runs has; while one runs, the column may yet come.

    Raises:
        QueryError: There is no such column.
    """
    if choice.filter.expression is None:
        return
    from tunesmith.query.cell_source import ListedRuns
    from tunesmith.query.known import resolve_columns  # a plain list is quicker without it

    try:
        resolve_columns(choice.filter.expression.columns, ListedRuns(runs))
    except QueryError as error:
        if not any(run.status is TrialStatus.RUNNING for run in runs):
            raise
        console.say(f"note: {error}")


def _options() -> list[Callable[..., Any]]:
    """Return the decorators of the arguments and options, in the order of the help."""
    return [
        click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_runs),
        click.option(
            "--operation",
            multiple=True,
            metavar="NAME",
            shell_complete=complete_operations,
            help="Only runs of this operation; * stands for any characters.",
        ),
        click.option(
            "--label",
            multiple=True,
            metavar="TEXT",
            help="Only labels with this text.",
        ),
        click.option("--tag", multiple=True, metavar="TAG", help="Only runs with this tag."),
        *(
            click.option(f"--{status}", is_flag=True, help=text)
            for status, text in STATUS_OPTIONS.items()
        ),
        click.option(
            "--started",
            metavar="WHEN",
            help="Only runs started then: today, 'last 3 days', 'after 2026-01-31'.",
        ),
        click.option(
            "-F",
            "--filter",
            metavar="EXPR",
            help="Only runs for which it holds: 'loss < 0.5 and x in [1,2]'.",
        ),
    ]


def _take_choice(ctx: click.Context, values: dict[str, Any]) -> Choice:
    """Take the selecting options out of a command's values and read them."""
    started, expression = values.pop("started"), values.pop("filter")
    return Choice(
        texts=values.pop("runs"),
        filter=RunFilter(
            operations=values.pop("operation"),
            labels=values.pop("label"),
            tags=values.pop("tag"),
            statuses=tuple(status for status in STATUS_OPTIONS if values.pop(str(status))),
            started=None if started is None else _read_started(started),
            expression=None if expression is None else _read_expression(expression),
        ),
        home=console.chosen_home(ctx),
    )


def _read_started(text: str) -> "TimeRange":
    from tunesmith.query.started import parse_started  # a plain list is quicker without it

    return parse_started(text, datetime.now())


def _read_expression(text: str) -> "Expression":
    from tunesmith.query.expression import parse_expression  # a plain list is quicker without it

    return parse_expression(text, zone=None)
