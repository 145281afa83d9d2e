"""``tunesmith runs delete``, ``restore`` and ``purge``."""

from collections.abc import Callable, Sequence

import click

from tunesmith.cli import console
from tunesmith.cli.looking.runs import N_SHOWN, render_runs
from tunesmith.cli.options.chosen_runs import choose_runs, trials_of
from tunesmith.cli.options.edits import refuse_running, write_edit
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import is_deleted, is_kept, open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import DeclinedError, UsageError
from tunesmith.query.cells import count
from tunesmith.storage.records.edits import EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import Run, short_id

_yes = click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the ids of the runs")
@_yes
def delete(*, choice: Choice, yes: bool) -> int:
    """Delete runs. tunesmith runs restore brings them back.

    Deleting a batch deletes its trials too.
    """
    _require_names(choice, "delete")
    store = open_store(choice.home)
    numbered = _find(store, choice, is_listed=is_kept)
    runs = [run for _, run in numbered]
    refuse_running(runs, "delete")
    if not runs:
        return _tell("deleted", runs, "No run matches the filters: nothing was deleted")
    if not yes:
        _show("delete", numbered)
        _ask(default=True)
    write_edit(store, EditAction.DELETE, runs)
    return _tell("deleted", runs, f"Deleted {_n(runs)}: undo it with tunesmith runs restore")


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the ids of the runs")
def restore(*, choice: Choice) -> int:
    """Restore deleted runs.

    RUN is an index in the list that tunesmith runs --deleted prints, an id or an operation.
    """
    _require_names(choice, "restore")
    store = open_store(choice.home)
    runs = [run for _, run in _find(store, choice, is_listed=is_deleted)]
    if not runs:
        return _tell("restored", runs, "No deleted run matches the filters: nothing was restored")
    write_edit(store, EditAction.RESTORE, runs)
    return _tell("restored", runs, f"Restored {_n(runs)}")


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("the ids of the runs")
@_yes
def purge(*, choice: Choice, yes: bool) -> int:
    """Remove deleted runs permanently; all of them unless some are named.

    RUN is an index in the list that tunesmith runs --deleted prints, an id or an operation.
    """
    store = open_store(choice.home)
    numbered = _find(store, choice, is_listed=is_deleted)
    runs = [run for _, run in numbered]
    refuse_running(runs, "purge")
    if not runs:
        return _tell("purged", runs, "No deleted runs: nothing was purged")
    if not yes:
        _show("permanently remove", numbered)
        _ask(default=False)
    store.purge([run.id for run in runs])
    return _tell("purged", runs, f"Purged {_n(runs)}")


def _require_names(choice: Choice, verb: str) -> None:
    if choice.is_empty:
        raise UsageError(
            f"no run is selected to {verb}: name runs or give a filter, as in "
            f"tunesmith runs {verb} 1:3"
        )


def _find(
    store: Store, choice: Choice, *, is_listed: Callable[[Run], bool]
) -> list[tuple[int, Run]]:
    """Return the selected runs, and the trials of selected batches, with their indexes.

    A batch of which some trials do not match the filters is kept: they would be deleted with it.
    """
    every = read_runs(store, is_listed=is_listed)
    numbers = {run.id: number for number, run in enumerate(every, start=1)}
    chosen = choose_runs(every, choice)
    trials = trials_of(every, [run for run in chosen if run.is_batch])
    whole: dict[str, Run] = {}
    for run in chosen:
        members = [run, *trials.get(run.id, ())]
        if all(choice.trial_filter.matches(member) for member in members):
            whole.update((member.id, member) for member in members)
        else:
            console.say(
                f"note: batch {short_id(run.id)} is kept: some of its trials do not match the "
                "filters"
            )
    return [(numbers[run.id], run) for run in whole.values()]


def _show(verb: str, numbered: Sequence[tuple[int, Run]]) -> None:
    console.say(f"You are about to {verb} {count(len(numbered), 'run')}")
    lines = render_runs(numbered[:N_SHOWN]).splitlines()
    more = len(numbered) - len(lines)
    for line in [*lines, *([f"and {more} more"] if more else [])]:
        console.say(f"  {line}")


def _ask(*, default: bool) -> None:
    if not console.ask_yes_no("Continue?", default=default):
        raise DeclinedError("nothing was changed")


def _tell(what: str, runs: Sequence[Run], text: str) -> int:
    """Say what was done; with ``--json`` answer the ids of the runs to which it was."""
    console.say(text)
    if console.wants_json():
        console.answer_json({what: [run.id for run in runs]})
    return 0


def _n(runs: Sequence[Run]) -> str:
    return count(len(runs), "run")
