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
    "-j", "--jobs", type=WholeNumber(min=1), metavar="N", help="Trials at once  [default: 1]"
)
@click.option("--gpus", metavar="LIST", help="GPUs to share out, as 0,1; one trial at once each.")
@click.option("--per-gpu", type=WholeNumber(min=1), default=1, metavar="K", help="Trials a GPU.")
@click.option(
    "--home",
    multiple=True,
    metavar="DIR",
    help="Run trials of this store; more than once for more  [default: the project's]",
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

    Only those of the project's own store are run, or of the stores that --home names. On another
    machine the project's folder has to be mounted at the same path. Ctrl-C gives the trials that
    run back; twice ends them at once.
    """
    named = read_gpus(gpus or "")
    n_slots = jobs or max(1, len(named) * per_gpu)
    if named and n_slots > len(named) * per_gpu:
        raise UsageError(
            f"--jobs is {n_slots}, and {len(named)} GPU(s) take {len(named) * per_gpu} trials: "
            "leave it out, or raise --per-gpu"
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
    console.say(f"Waiting for trials of {stores}, {n_slots} at once: Ctrl-C ends it")
    serve(n_slots=n_slots, settings=settings)
    return 0


def _find_homes(named: Sequence[str | None]) -> tuple[Path, ...]:
    """Return the stores whose trials are run, making those that no batch has made yet.

    Raises:
        WorkerError: One belongs to another user, or others can write it.
        UsageError: The folder of one is not there.
    """
    homes = tuple(dict.fromkeys(find_home_here(one) for one in named))
    for home in homes:
        check_home(home)
        if not home.parent.is_dir():
            raise UsageError(
                f"--home is {home}, and there is no folder {home.parent}: name a project's store, "
                "and see whether it is mounted here"
            )
        Store.create(home)
    return homes


class _WorkerLines(SilentObserver):
    """One line for each trial that a worker has run, or has refused to run."""

    def note(self, text: str) -> None:
        """Say why something was not run."""
        console.warn(text)

    def trial_finished(self, record: TrialRecord) -> None:
        """Say how it ended."""
        flags, end = format_flags(record.flags), f"{record.status}  {record.seconds:.1f}s"
        console.say(f"{short_id(record.batch)}  trial {record.number}  {flags}  {end}")


def _end_by_signal(leaving: Event) -> None:
    """Let the first signal end the worker in order, and the second one at once."""

    def receive(number: int, _frame: FrameType | None) -> None:
        if leaving.is_set():
            console.leave_at_once(128 + number)
        console.say("Giving back what runs; again to end it now")
        leaving.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, receive)
