"""``tunesmith worker``: run trials that batches queue in the shared store."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from types import FrameType

import click

from tunesmith.cli import console
from tunesmith.cli.options.store import find_home_here
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.sections import SectionedCommand
from tunesmith.errors import UsageError
from tunesmith.executor.environment import share_cores
from tunesmith.executor.gpu_slots import Slots
from tunesmith.executor.observer import SilentObserver
from tunesmith.flags.display import format_flags
from tunesmith.request.reading import read_gpus
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, short_id
from tunesmith.workers.polling import serve
from tunesmith.workers.ticket_place import check_home
from tunesmith.workers.worker import WorkerSettings


@click.command(cls=SectionedCommand)
@click.option(
    "-j",
    "--jobs",
    type=WholeNumber(min=1),
    metavar="N",
    help="Trials that run at once.  [default: 1, or one per GPU]",
)
@click.option(
    "--gpus", metavar="LIST", help="GPUs to share out among the trials, as 0,1.  [default: none]"
)
@click.option(
    "--per-gpu",
    type=WholeNumber(min=1),
    default=1,
    metavar="K",
    help="Trials that run at once on each GPU.  [default: 1]",
)
@click.option(
    "--home",
    multiple=True,
    metavar="DIR",
    help="Store whose trials to run; may be repeated.  [default: nearest .tunesmith upwards]",
)
@click.pass_context
def worker(
    ctx: click.Context,
    *,
    jobs: int | None,
    gpus: str | None,
    per_gpu: int,
    home: tuple[str, ...],
) -> int:
    """Run trials of batches that were started with --runner prefect://.

    The worker runs trials of the project's store, or of the stores that --home names. On another
    machine the project's folder has to be mounted at the same path. Ctrl-C returns the running
    trials to their batches, which send them again; a second Ctrl-C ends them at once.
    """
    named = read_gpus(gpus or "")
    n_slots = jobs or max(1, len(named) * per_gpu)
    if named and n_slots > len(named) * per_gpu:
        raise UsageError(
            f"--jobs is {n_slots}, and --gpus {gpus} has room for {len(named) * per_gpu}: omit "
            "--jobs, or raise --per-gpu"
        )
    homes = _find_homes(home or (console.chosen_home(ctx),))
    settings = WorkerSettings(
        environment=share_cores(os.environ, n_slots),
        slots=Slots(named, per_gpu=per_gpu),
        observer=_WorkerLines(),
        homes=homes,
    )
    _end_by_signal(settings.leaving)
    stores = " and ".join(map(str, homes))
    console.say(f"Waiting for trials of {stores}, {n_slots} at once: stop with Ctrl-C")
    serve(n_slots=n_slots, settings=settings)
    return 0


def _find_homes(named: Sequence[str | None]) -> tuple[Path, ...]:
    """Return the stores whose trials are run; create those that do not exist yet.

    Raises:
        WorkerError: A store belongs to another user, or is writable by others.
        UsageError: The folder for a store does not exist.
    """
    homes = tuple(dict.fromkeys(find_home_here(one) for one in named))
    for home in homes:
        check_home(home)
        if not home.parent.is_dir():
            raise UsageError(
                f"--home is {home}, but there is no folder {home.parent}: name a project's store, "
                "and check that it is mounted here"
            )
        Store.create(home)
    return homes


class _WorkerLines(SilentObserver):
    """Prints a line for each trial that the worker has run or refused."""

    def note(self, text: str) -> None:
        """Print why a trial was refused."""
        console.warn(text)

    def trial_finished(self, record: TrialRecord) -> None:
        """Print how a trial ended."""
        flags, end = format_flags(record.flags), f"{record.status}  {record.seconds:.1f}s"
        console.say(f"{short_id(record.batch)}  trial {record.number}  {flags}  {end}")


def _end_by_signal(leaving: Event) -> None:
    """End the worker gracefully at the first signal, and at once at the second one."""

    def receive(number: int, _frame: FrameType | None) -> None:
        if leaving.is_set():
            console.leave_at_once(128 + number)
        console.say("Returning the running trials; press Ctrl-C again to end them now")
        leaving.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, receive)
