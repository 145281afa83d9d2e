"""The options that select runs, shared by most commands."""

import dataclasses
import functools
from collections.abc import Callable
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
from tunesmith.cli.sections import SectionedOption
from tunesmith.query.filters import RunFilter
from tunesmith.trial import TrialStatus

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
