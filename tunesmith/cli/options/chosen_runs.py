"""The runs that a command line selects."""

from collections.abc import Callable, Sequence

from tunesmith.cli import console
from tunesmith.cli.options.selection import Choice
from tunesmith.cli.options.store import is_kept, read_runs
from tunesmith.errors import NotFoundError, QueryError, UsageError
from tunesmith.query.selection import is_name, select
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id

MAX_NAMED = 3
"""Runs that are named where filters leave them out."""


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


def choose_runs(every: Sequence[Run], choice: Choice) -> list[Run]:
    """Return those of some runs that a command line selects, in their order.

    Raises:
        NotFoundError: An argument names no run, or one that the filters leave out.
        QueryError: An argument is invalid.
    """
    passing = filter_runs(every, choice)
    try:
        return name_runs(passing, choice)
    except NotFoundError:
        if len(passing) == len(every) or not all(map(is_name, choice.texts)):
            raise
        known = {run.id for run in passing}
        left_out = [run for run in name_runs(every, choice) if run.id not in known]
        names = ", ".join(short_id(run.id) for run in left_out[:MAX_NAMED])
        message = f"the filters leave out {names}: see its status with tunesmith runs --all"
        raise NotFoundError(message) from None


def name_all(every: Sequence[Run], passing: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs that the RUN arguments name; a batch whatever its own status.

    It stands for its trials, which the filters may admit where they do not admit the batch.

    Args:
        every: All runs.
        passing: Those that match the filters.
        choice: What the command line selects.

    Raises:
        NotFoundError: An argument names no run.
        QueryError: An argument is invalid.
    """
    try:
        return name_runs(passing, choice)
    except NotFoundError:
        # an index or a range counts within the filtered list, in which no such batch is
        if not all(map(is_name, choice.texts)):
            raise
        known = {run.id for run in passing}
        batches = (run for run in every if run.is_batch and run.id not in known)
        named = [*passing, *(run for run in batches if choice.batch_filter.matches(run))]
        return name_runs(named, choice)


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
    return choose_runs(read_runs(store, is_listed=is_listed), choice)


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
    found = choose_runs(runs, choice)
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
