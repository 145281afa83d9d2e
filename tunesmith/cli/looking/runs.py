"""``tunesmith runs``: the list of runs, newest first, and its subcommands."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from tunesmith.cli import console
from tunesmith.cli.groups import DefaultGroup
from tunesmith.cli.options.chosen_runs import filter_runs, name_all
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import (
    is_deleted,
    is_kept,
    open_store_if_any,
    read_runs,
    with_warnings,
)
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.text.rendering import GAP, join_lines, pad_rows
from tunesmith.flags.display import format_flags, format_value, shortened
from tunesmith.query.cells import count, format_started
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id

N_SHOWN = 20
"""How many rows the list has by default."""

NO_RUNS_YET = "No runs yet: start one, as in tunesmith run train.py"

STATUS_STYLES = {
    TrialStatus.COMPLETED: "green",
    TrialStatus.ERROR: "red",
    TrialStatus.TERMINATED: "red",
    TrialStatus.RUNNING: "cyan",
    TrialStatus.PENDING: "dim",
    TrialStatus.PRUNED: "yellow",
}

FAILED = (TrialStatus.ERROR, TrialStatus.TERMINATED)
"""The statuses of a failed trial."""

_STATUS = 3
"""The position of the status in a row."""

COMMANDS = {
    "list": (".looking.runs:list_", "List runs; the default command."),
    "info": (".looking.info:info", "Show the details of one run."),
    "delete": (".organizing.delete:delete", "Delete runs; restore brings them back."),
    "restore": (".organizing.delete:restore", "Restore deleted runs."),
    "purge": (".organizing.delete:purge", "Remove deleted runs permanently."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The runs that are shown, each with its index, and how many runs were selected."""

    numbered: Sequence[tuple[int, Run]] = ()
    total: int = 0


@click.group(
    cls=DefaultGroup,
    sections={"Commands": COMMANDS},
    default="list",
    subcommand_metavar="[RUN]... | COMMAND [ARGS]...",
)
def runs() -> None:
    """List runs, newest first; show, delete, restore or purge them.

    RUN is an index in the list, a range such as 1:20, the start of an id, or an operation such as
    train.py.
    """


@click.command(cls=SectionedCommand, name="list")
@selecting_options
@click.option(
    "-n",
    "--limit",
    type=WholeNumber(min=1),
    metavar="N",
    help=f"Most runs to list.  [default: {N_SHOWN}; all with RUN or --json]",
)
@click.option("-a", "--all", "is_all", is_flag=True, help="List all runs.")
@click.option("--deleted", "wants_deleted", is_flag=True, help="List deleted runs instead.")
@click.option("--json", "is_json", is_flag=True, help="Print all details as a JSON array.")
def list_(
    *, choice: Choice, limit: int | None, is_all: bool, wants_deleted: bool, is_json: bool
) -> int:
    """List runs, newest first."""
    store = open_store_if_any(choice.home)
    is_whole = is_all or (limit is None and (is_json or bool(choice.texts)))
    n = None if is_whole else limit or N_SHOWN
    page = Page() if store is None else _read_page(store, choice, n, wants_deleted=wants_deleted)
    if is_json:
        from tunesmith.cli.looking.plain import runs_to_json  # needed for --json only

        runs = [run for _, run in page.numbered]
        console.answer(runs_to_json(runs, None if store is None else store.layout))
    elif page.numbered:
        console.answer(render_runs(page.numbered))
    if not page.numbered:
        say_none_selected(choice, "No deleted runs" if wants_deleted else "")
    elif len(page.numbered) < page.total:
        console.say(
            f"Showing the first {count(len(page.numbered), 'run')} of {page.total}: "
            "use --all or -n N to show more"
        )
    return 0


def _read_page(store: Store, choice: Choice, n: int | None, *, wants_deleted: bool) -> Page:
    """Return the first n selected runs; all of them for None."""
    if n is not None and choice.is_empty and not wants_deleted:
        run_list = with_warnings(store.list_latest(n))  # fast, however many runs there are
        return Page(numbered=list(enumerate(run_list.runs, start=1)), total=run_list.total)
    every = read_runs(store, is_listed=is_deleted if wants_deleted else is_kept)
    passing = filter_runs(every, choice)
    numbers = {run.id: number for number, run in enumerate(passing, start=1)}
    named = name_all(every, passing, choice)
    # where the filters do not admit a batch, it stands for those of its trials that they do
    hidden = {run.id for run in named if run.id not in numbers}
    chosen = [run for run in named if run.id not in hidden]
    chosen += [run for run in passing if run.is_trial and run.batch in hidden]
    return Page(numbered=[(numbers[run.id], run) for run in chosen[:n]], total=len(chosen))


def render_runs(numbered: Sequence[tuple[int, Run]]) -> str:
    """Return the aligned lines of the list; on a terminal coloured, and cut to its width."""
    rows = [
        [
            f"[{number}:{short_id(run.id)}]",
            run.operation,
            format_started(run.started),
            str(run.status),
            describe(run),
        ]
        for number, run in numbered
    ]
    lines = pad_rows(rows, width=console.terminal_width())
    for line, (_, run) in zip(lines, numbered, strict=True):
        status = line[_STATUS]
        line[_STATUS] = status.replace(
            str(run.status), console.paint(str(run.status), STATUS_STYLES[run.status])
        )
    return join_lines(lines)


def describe(run: Run) -> str:
    """Return what the list shows after a run's status: its label, then its progress or flags."""
    what = format_flags(run.flags) if run.progress is None else describe_progress(run)
    return GAP.join(text for text in (shortened(run.label), what) if text)


def describe_progress(run: Run) -> str:
    """Return the progress of a batch where its status does not tell it.

    It is empty for a grid of which every trial completed; a search always shows its best value.
    """
    progress = run.progress
    if progress is None:
        return ""
    n_failed = sum(progress.counts.get(status, 0) for status in FAILED)
    n_total = progress.total
    is_whole = n_failed == 0 and progress.n_finished == n_total
    parts = []
    if not is_whole or run.status is not TrialStatus.COMPLETED:
        parts.append(f"{progress.n_finished}{'' if n_total is None else f'/{n_total}'}")
    if n_failed:
        parts.append(f"{n_failed} failed")
    if n_pruned := progress.counts.get(TrialStatus.PRUNED, 0):
        parts.append(f"{n_pruned} pruned")
    is_grid = run.operation.endswith("+")
    if progress.best_objective is not None and not (is_grid and is_whole):
        parts.append(f"best {format_value(progress.best_objective)}")
    return ", ".join(parts)


def say_none_selected(choice: Choice, reason: str = "") -> None:
    """Print why there is nothing to show, and what to type instead.

    Args:
        choice: What the command line selects.
        reason: The message if the command line selects nothing; empty for the default message.
    """
    if choice.is_empty:
        console.say(reason or NO_RUNS_YET)
    elif choice.filter.is_empty:  # every argument names a run: a batch without trials
        console.say("The batch has no trials yet: see its status with tunesmith runs")
    else:
        console.say("No run matches the filters: list all runs with tunesmith runs --all")
