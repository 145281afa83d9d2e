"""GPUs across the batches of a machine: one of Prefect's global concurrency limits for each GPU.

A batch holds a GPU under a lease while one of its trials runs on it. A batch that is killed renews
no lease, and the server frees the GPU when the lease ends.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from uuid import UUID

from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.exceptions import ObjectAlreadyExists, PrefectHTTPStatusError

from tunesmith.executor.batch_context import BatchContext
from tunesmith.flows.prefect_api import UNREACHABLE, in_background
from tunesmith.tasks.retrying_client import retrying_client

LEASE_S = 60.0
"""Seconds until a killed batch loses its GPUs: the least that the server takes."""
RENEW_S = 20.0
LOCKED = 423
"""The status of HTTP by which the server says that somebody else has the limit's slot."""

_log = logging.getLogger(__name__)


@contextmanager
def gpus_claimed(context: BatchContext) -> Iterator[BatchContext]:
    """Yield the context of a batch whose trials claim their GPUs, while the body runs them."""
    if not context.spec.execution.gpus or context.dispatch is not None:
        yield context
        return
    leased = LeasedGpus(tell=context.observer.note)
    with in_background(leased.renew, name="gpu-leases"):
        yield replace(context, gpu_claims=leased)


class LeasedGpus:
    """Claims GPUs by leases. A server that does not answer keeps nobody from a GPU."""

    def __init__(self, *, tell: Callable[[str], None]) -> None:
        """Claim none yet.

        Args:
            tell: Is told once that trials wait.
        """
        self._tell = tell
        self._has_told = False
        self._leases: dict[str, UUID] = {}
        self._made: set[str] = set()
        """GPUs that have a limit."""

    def claim(self, gpu: str) -> bool:
        """Claim a GPU for this batch, and return whether no other batch has it."""
        name = limit_name(gpu)
        try:
            if gpu not in self._made:
                _make_limit(name)
                self._made.add(gpu)
            self._leases[gpu] = _lease(name)
        except PrefectHTTPStatusError as error:
            if error.response.status_code == LOCKED:
                self._tell_once(gpu)
                return False
            _log.debug("GPU %s is used without a lease: %s", gpu, error)
        except UNREACHABLE as error:
            _log.debug("GPU %s is used without a lease: %s", gpu, error)
        return True

    def release(self, gpu: str) -> None:
        """Leave a GPU that was claimed to other batches."""
        lease = self._leases.pop(gpu, None)
        if lease is not None:
            with suppress(*UNREACHABLE), retrying_client() as client:
                client.release_concurrency_slots_with_lease(lease)

    def renew(self, done: threading.Event) -> None:
        """Renew the leases that are held, until an event is set."""
        with retrying_client() as client:
            while not done.wait(RENEW_S):
                for lease in list(self._leases.values()):
                    with suppress(*UNREACHABLE):
                        client.renew_concurrency_lease(lease, LEASE_S)

    def _tell_once(self, gpu: str) -> None:
        if not self._has_told:
            self._has_told = True
            self._tell(f"GPU {gpu} is in use by another batch: trials wait until a GPU is free")


def limit_name(gpu: str) -> str:
    """Return the name of the limit that stands for a GPU of this machine."""
    return f"gpu:{os.uname().nodename}:{gpu}".replace("/", "-")  # a slash is not allowed


def _make_limit(name: str) -> None:
    """Make a limit of one slot, unless there is one of that name."""
    with suppress(ObjectAlreadyExists), retrying_client() as client:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))


def _lease(name: str) -> UUID:
    """Take the one slot of a limit, and return the lease.

    Raises:
        PrefectHTTPStatusError: It is taken, or the server refuses otherwise.
    """
    with retrying_client() as client:
        answer = client.increment_concurrency_slots_with_lease(
            [name], 1, "concurrency", lease_duration=LEASE_S
        )
    return UUID(answer.json()["lease_id"])
