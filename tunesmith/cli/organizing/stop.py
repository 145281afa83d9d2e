"""``tunesmith stop``: stop running batches, single runs and trials."""

import threading
import time
from collections.abc import Sequence

import click

from tunesmith.cli import console
from tunesmith.cli.options.chosen_runs import choose_runs
from tunesmith.cli.options.ending import ALIVE, end_run, runs_now
from tunesmith.cli.options.selection import Choice, selecting_options
from tunesmith.cli.options.store import open_store, read_runs
from tunesmith.cli.sections import SectionedCommand
from tunesmith.durations import parse_duration
from tunesmith.errors import DeclinedError, NotFoundError
from tunesmith.query.cells import count
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id

POLL_S = 0.1


@click.command(cls=SectionedCommand)
@selecting_options
@console.json_option("what was stopped")
@click.option("-y", "--yes", "is_sure", is_flag=True, help="Do not ask for confirmation.")
@click.option("--no-wait", is_flag=True, help="Return at once, without waiting for their end.")
@click.option(
    "--timeout",
    type=parse_duration,
    default="30s",
    metavar="DURATION",
    help="Longest time to wait for their end, such as 90s or 5m.  [default: 30s]",
)
def stop(*, choice: Choice, is_sure: bool, no_wait: bool, timeout: float) -> int:
    """Stop running batches and single runs; all of them unless some are named.

    Stopping a batch ends its trials; tunesmith run --restart continues it. If RUN is a trial, only
    that trial ends and its batch goes on.
    """
    store = open_store(choice.home)
    chosen = choose_runs(read_runs(store), choice)
    alive = [run for run in chosen if runs_now(store, run)]
    running = _without_trials_of(alive, choice)
    if not running:
        raise NotFoundError(_nothing_runs(chosen, choice))
    if choice.texts:
        _say_ended([run for run in chosen if run not in alive])
    if not choice.texts and not is_sure:
        question = f"Stop {count(len(running), 'run')}?"
        if not console.ask_yes_no(question, default=False):
            raise DeclinedError("nothing was stopped")
    asked = [run for run in running if _end(store, run)]
    left = asked if no_wait else _wait(store, asked, timeout_s=timeout)
    words = {run.id: "stopping" if run in left else "stopped" for run in asked}
    for run in asked:
        console.say(f"{short_id(run.id)}  {run.operation}  {words[run.id]}")
    if console.wants_json():
        console.answer_json([{"id": run, "state": word} for run, word in words.items()])
    if left and not no_wait:
        console.say(f"error: {count(len(left), 'run')} did not end within {timeout:g} s")
        return 1
    return 0 if len(asked) == len(running) else 1


def _without_trials_of(running: Sequence[Run], choice: Choice) -> list[Run]:
    """Return the runs without the trials that end with their batch, or that were not named."""
    batches = {run.id for run in running if run.is_batch}
    return [
        run for run in running if not run.is_trial or (choice.texts and run.batch not in batches)
    ]


def _say_ended(runs: Sequence[Run]) -> None:
    for run in runs:
        console.say(f"{short_id(run.id)}  {run.operation}  not running: {run.status}")


def _end(store: Store, run: Run) -> bool:
    """Signal a run to end; return whether that was possible."""
    problem = end_run(store, run)
    if problem:
        console.warn(problem)
    return not problem


def _wait(store: Store, runs: Sequence[Run], *, timeout_s: float) -> list[Run]:
    """Wait until runs have ended; return those that have not by the timeout."""
    pause, deadline = threading.Event(), time.monotonic() + timeout_s
    left = list(runs)
    while left:
        states = {run.id: run.status for run in store.list_runs().runs}
        left = [run for run in left if _is_alive(store, run, states.get(run.id, run.status))]
        if not left or time.monotonic() >= deadline:
            break
        pause.wait(POLL_S)
    return left


def _is_alive(store: Store, run: Run, status: TrialStatus) -> bool:
    if run.is_trial:
        return status in ALIVE
    return store.is_alive(run.batch)


def _nothing_runs(chosen: Sequence[Run], choice: Choice) -> str:
    if choice.texts and len(chosen) == 1:
        return f"{short_id(chosen[0].id)} is not running: it is {chosen[0].status}"
    return "nothing is running that could be stopped: see tunesmith runs --running"
