"""The options by which every command selects runs, and the runs that they select."""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tunesmith.cli import console
from tunesmith.cli.completers import complete_operations, complete_runs
from tunesmith.errors import LeaseHeldError, NotFoundError, StoreAccessError
from tunesmith.query.expression import parse_expression
from tunesmith.query.filters import RunFilter
from tunesmith.query.selection import select
from tunesmith.query.started import parse_started
from tunesmith.storage.home import find_home
from tunesmith.storage.layout import Layout
from tunesmith.storage.listing import Listing, list_runs
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id

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


def open_store(home: str | None) -> Store:
    """Open the store that a command means.

    Raises:
        StoreAccessError: There is none.
        StoreFormatError: A newer Tunesmith wrote it.
    """
    return Store.open(_find_home(home))


def open_store_if_any(home: str | None) -> Store | None:
    """Open the store that a command means; None where nothing has been run yet.

    Raises:
        StoreAccessError: ``--home`` names a folder without a store.
        StoreFormatError: A newer Tunesmith wrote it.
    """
    folder = _find_home(home)
    if home is None and not Layout(folder).marker.exists():
        return None
    return Store.open(folder)


def is_kept(run: Run) -> bool:
    """Return whether a run is not deleted."""
    return not run.is_deleted


def is_deleted(run: Run) -> bool:
    """Return whether a run is deleted."""
    return run.is_deleted


def read_runs(store: Store, *, is_listed: Callable[[Run], bool] = is_kept) -> list[Run]:
    """Return the runs of a store, newest first, and warn of what could not be read."""
    return [run for run in with_warnings(list_runs(store)).runs if is_listed(run)]


def with_warnings(listing: Listing) -> Listing:
    """Return the listing, after a warning for each object of the store that is unreadable."""
    for warning in listing.warnings:
        console.warn(warning)
    return listing


def filter_runs(runs: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that pass the filters: the list in which an index counts."""
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


def with_trials(runs: Sequence[Run], chosen: Sequence[Run]) -> list[Run]:
    """Return the chosen runs, and behind each batch among them all its trials; each run once.

    Args:
        runs: All runs of the list.
        chosen: Some of them.
    """
    whole: dict[str, Run] = {}
    batches = {run.id for run in chosen if run.is_batch}
    trials: dict[str, list[Run]] = {batch: [] for batch in batches}
    for run in runs:
        if run.is_trial and run.batch in batches:
            trials[run.batch].append(run)
    for run in chosen:
        members = [run, *trials[run.id]] if run.is_batch else [run]
        whole.update((member.id, member) for member in members)
    return list(whole.values())


def refuse_running(runs: Sequence[Run], deed: str) -> None:
    """Refuse to touch runs that are not finished.

    Raises:
        LeaseHeldError: One of them runs.
    """
    for run in runs:
        is_alive = run.progress is not None and run.progress.is_alive
        if is_alive or run.status is TrialStatus.RUNNING:
            raise LeaseHeldError(
                f"{short_id(run.id)} ({run.operation}) is running: wait for its end or stop it "
                f"before you {deed} it"
            )


def _find_home(home: str | None) -> Path:
    try:
        start = Path.cwd()
    except FileNotFoundError as error:
        raise StoreAccessError(
            "the working directory has been removed: change to another one"
        ) from error
    return find_home(start, explicit=home, environ=os.environ)


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
    now = datetime.now().astimezone()
    zone = now.tzinfo or UTC
    started, expression = values.pop("started"), values.pop("filter")
    return Choice(
        texts=values.pop("runs"),
        filter=RunFilter(
            operations=values.pop("operation"),
            labels=values.pop("label"),
            tags=values.pop("tag"),
            statuses=tuple(status for status in STATUS_OPTIONS if values.pop(str(status))),
            started=None if started is None else parse_started(started, now),
            expression=None if expression is None else parse_expression(expression, zone=zone),
        ),
        home=console.chosen_home(ctx),
    )
