"""Dask: a scheduler that brings trials to the workers of a cluster."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tunesmith.errors import WorkerError
from tunesmith.trial import short_id
from tunesmith.workers.tickets import Ticket
from tunesmith.workers.worker import run_ticket

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_S = 10.0
"""Seconds in which a scheduler has to answer."""


@dataclass(slots=True)
class DaskTransport:
    """Brings tickets to the workers of a Dask cluster."""

    client: "Client"
    address: str
    """``HOST:PORT`` of the scheduler."""
    resources: Mapping[str, float]
    """What one trial takes of a worker's resources."""
    is_polled: bool = False

    @property
    def hint(self) -> str:
        """How workers are started."""
        resources = " ".join(f"{n}={amount:g}" for n, amount in self.resources.items())
        option = f" --resources '{resources}'" if resources else ""
        return f"start some with dask worker {self.address}{option}"

    def capacity(self) -> int:
        """Return the threads of all workers, or fewer where a trial takes resources."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        return sum(
            _room(worker["nthreads"], worker.get("resources", {}), self.resources)
            for worker in workers
        )

    def submit(self, ticket: Ticket) -> "DaskSubmission":
        """Have some worker run a ticket.

        Raises:
            WorkerError: The scheduler is gone.
        """
        try:
            future = self.client.submit(
                run_ticket,
                str(ticket.path),
                key=f"tunesmith-{ticket.path.stem}",
                pure=False,
                resources=dict(self.resources) or None,
            )
        except (OSError, RuntimeError) as error:
            raise _scheduler_lost(self.address, ticket.batch, error) from error
        return DaskSubmission(future, self.address, ticket.batch)


@dataclass(slots=True)
class DaskSubmission:
    """A trial that Dask brings to a worker."""

    future: "Future[str]"
    address: str
    batch: str
    _ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.future.add_done_callback(lambda _: self._ended.set())

    def wait(self, timeout_s: float) -> bool:
        """Wait a little and return whether it has ended.

        Raises:
            WorkerError: The worker could not run it, or the scheduler is gone.
        """
        if not self._ended.wait(timeout_s):
            return False
        if self.future.status == "cancelled":
            raise _scheduler_lost(self.address, self.batch, None)
        if self.future.status == "error":
            self._raise_unless_lost()
        return True

    def cancel(self) -> None:
        """Let no worker take it any more."""
        if not self.future.done():
            self.future.cancel()

    def _raise_unless_lost(self) -> None:
        """Raise what the worker raised; nothing where Dask gave up after it lost workers."""
        from distributed import KilledWorker

        error = self.future.exception()
        if not isinstance(error, KilledWorker):
            raise WorkerError(f"a Dask worker cannot run the trial: {error}") from error


@contextmanager
def connect(address: str, resources: Mapping[str, float]) -> Iterator[DaskTransport]:
    """Connect to a Dask scheduler.

    Args:
        address: Its ``HOST:PORT``.
        resources: What one trial takes of a worker's resources.

    Raises:
        WorkerError: Dask is not installed, or nobody answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise WorkerError(
            "--runner dask:// needs Dask: pip install 'tunesmith[dask]', here and on the workers"
        ) from error
    try:
        client = Client(f"tcp://{address}", timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkerError(
            f"the Dask scheduler at {address} does not answer: start it with dask scheduler "
            "--host 127.0.0.1, or name another one with --runner"
        ) from error
    with client:
        yield DaskTransport(client, address, resources)


def _room(n_threads: int, has: Mapping[str, float], needs: Mapping[str, float]) -> int:
    """Return how many trials one worker takes at once."""
    return min([n_threads, *(int(has.get(name, 0) // amount) for name, amount in needs.items())])


def _scheduler_lost(address: str, batch: str, error: BaseException | None) -> WorkerError:
    detail = f" ({error})" if error else ""
    return WorkerError(
        f"the Dask scheduler at {address} was lost{detail}: every finished trial is kept; go on "
        f"with tunesmith run --restart {short_id(batch)}"
    )
