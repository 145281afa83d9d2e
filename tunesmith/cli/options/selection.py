"""The options that select runs, shared by most commands, and the runs that they select."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tunesmith.cli import console
from tunesmith.cli.options.completers import (
    complete_operations,
    complete_runs,
    complete_started,
)
from tunesmith.cli.options.store import is_kept, read_runs
from tunesmith.cli.sections import SectionedOption
from tunesmith.errors import NotFoundError, QueryError, UsageError
from tunesmith.query.filters import RunFilter
from tunesmith.query.selection import select
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus

if TYPE_CHECKING:
    from tunesmith.query.expression import RunExpression
    from tunesmith.query.started import TimeRange

STATUS_OPTIONS = {
    TrialStatus.COMPLETED: "Only runs that ended with exit code 0.",
    TrialStatus.ERROR: "Only runs that ended with another exit code.",
    TrialStatus.TERMINATED: "Only runs that a signal, a stop or a timeout ended.",
    TrialStatus.RUNNING: "Only runs that are running.",
    TrialStatus.PENDING: "Only runs that have not started.",
    TrialStatus.PRUNED: "Only runs that were stopped early.",
}
SECTION = "Select runs"
"""The heading of these options in the help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a command line selects: the RUN arguments, and the filters applied before them."""

    texts: tuple[str, ...] = ()
    """The RUN arguments as they were typed."""
    filter: RunFilter
    home: str | None = None
    """The value of ``--home``; None if not given."""

    @property
    def trial_filter(self) -> RunFilter:
        """The filter for the trials of a selected batch.

        An operation, a label and a tag select the batch; the rest applies to each trial as well.
        """
        return dataclasses.replace(self.filter, operations=(), labels=(), tags=())

    @property
    def batch_filter(self) -> RunFilter:
        """The filter for a batch that is named and stands for its trials.

        It is the rest of the filter: no batch has the status pruned, but its trials may.
        """
        return dataclasses.replace(self.filter, statuses=(), started=None, expression=None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was selected, so that the command's default applies."""
        return not self.texts and self.filter.is_empty


def selecting_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the RUN arguments and the filters to a command, which is called with a ``choice``."""

    @functools.wraps(command)
    @click.pass_context
    def with_choice(ctx: click.Context, /, **values: Any) -> int:
        return command(choice=_take_choice(ctx, values), **values)

    decorated: Callable[..., int] = with_choice
    for option in reversed(_options()):
        decorated = option(decorated)
    return decorated


def filter_runs(runs: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that match the filters; an index counts within this list.

    Raises:
        QueryError: The filter names a column that none of the runs has.
    """
    _check_columns(runs, choice)
    return passing_runs(runs, choice)


def passing_runs(runs: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that match the filters, without a check of the columns."""
    if choice.filter.is_empty:
        return list(runs)
    return [run for run in runs if choice.filter.matches(run)]


def name_runs(runs: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that the RUN arguments name, or all runs if there are no arguments.

    Raises:
        NotFoundError: An argument names no run.
        QueryError: An argument is invalid.
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
        store: The store.
        choice: What the command line selects.
        is_listed: Tells the runs that are considered; by default those that are not deleted.

    Raises:
        NotFoundError: An argument names no run.
        QueryError: An argument is invalid.
    """
    return name_runs(filter_runs(read_runs(store, is_listed=is_listed), choice), choice)


def select_latest(store: Store, choice: Choice) -> list[Run]:
    """Return the runs that a command line selects, or the latest run if it selects none.

    Raises:
        NotFoundError: There is no run.
        QueryError: An argument is invalid.
    """
    runs = select_runs(store, choice)
    if not runs:
        raise NotFoundError(
            "there are no runs yet: start one with tunesmith run SCRIPT"
            if choice.is_empty
            else "no run matches the filters: list all runs with tunesmith runs --all"
        )
    return runs if choice.texts or not choice.filter.is_empty else runs[:1]


def select_one(runs: Sequence[Run], choice: Choice) -> Run:
    """Return the one run that a command line selects; the latest unless one is named.

    Raises:
        NotFoundError: There is no such run.
        QueryError: The argument is invalid.
        UsageError: Several runs are named.
    """
    if len(choice.texts) > 1:
        raise UsageError(f"expected one run, and {len(choice.texts)} are named: name one")
    found = name_runs(filter_runs(runs, choice), choice)
    if not found:
        raise NotFoundError("there is no such run: list all runs with tunesmith runs --all")
    return found[0]


def trials_of(runs: Sequence[Run], batches: Sequence[Run]) -> dict[str, list[Run]]:
    """Return the trials of each batch, by the batch's id.

    Args:
        runs: All runs.
        batches: The batches among them.
    """
    trials: dict[str, list[Run]] = {batch.id: [] for batch in batches}
    for run in runs:
        if run.is_trial and run.batch in trials:
            trials[run.batch].append(run)
    return trials


def _check_columns(runs: Sequence[Run], choice: Choice) -> None:
    """Refuse a filter on a column that none of the runs has.

    While a run is in progress it may still report the column: then a note is printed instead.

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
    option = functools.partial(click.option, cls=SectionedOption, section=SECTION)
    return [
        click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_runs),
        option(
            "--operation",
            multiple=True,
            metavar="NAME",
            shell_complete=complete_operations,
            help="Only runs of this operation; * matches any characters.",
        ),
        option(
            "--label",
            multiple=True,
            metavar="TEXT",
            help="Only runs with TEXT in their label; - for no label.",
        ),
        option("--tag", multiple=True, metavar="TAG", help="Only runs with this tag."),
        *(
            option(f"--{status}", is_flag=True, help=text)
            for status, text in STATUS_OPTIONS.items()
        ),
        option(
            "--started",
            metavar="WHEN",
            shell_complete=complete_started,
            help="Only runs started in this period: today, 'last 3 days', 'after 2026-01-31'.",
        ),
        option(
            "-F",
            "--filter",
            metavar="EXPR",
            help="Only runs that match: 'loss < 0.5 and x in [1,2]'.",
        ),
    ]


def _take_choice(ctx: click.Context, values: dict[str, Any]) -> Choice:
    """Remove the selecting options from a command's values, and parse them."""
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


def _read_expression(text: str) -> "RunExpression":
    from tunesmith.query.expression import parse_expression  # a plain list is quicker without it

    return parse_expression(text, zone=None)
