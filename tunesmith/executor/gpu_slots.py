"""Which GPU a trial may use: each GPU has one slot or several."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tunesmith.executor.stop_token import StopToken

RETRY_S = 2.0
"""Seconds after which a GPU is claimed again that another batch had: nobody tells that it left."""


class StoppedWaitingError(Exception):
    """A trial waited for a GPU until its batch was told to start no more trials."""


class GpuClaims(Protocol):
    """Keeps two batches of a machine from one GPU. Called by one thread at a time."""

    def claim(self, gpu: str) -> bool:
        """Claim a GPU for this batch, and return whether no other batch has it."""
        ...

    def release(self, gpu: str) -> None:
        """Leave a GPU that was claimed to other batches."""
        ...


class Slots:
    """Assigns GPUs so that none serves more trials at once than it may.

    Without GPUs there is nothing to wait for, and trials see all that the machine has.
    """

    def __init__(
        self,
        gpus: tuple[str, ...],
        *,
        per_gpu: int = 1,
        claims: GpuClaims | None = None,
        stop: StopToken | None = None,
    ) -> None:
        """Share out some GPUs.

        Args:
            gpus: Their names, as ``CUDA_VISIBLE_DEVICES`` takes them.
            per_gpu: How many trials may use each at once.
            claims: Who knows which GPUs other batches use; None where nobody asks.
            stop: What ends the waiting; None where nothing does.
        """
        self._free = [gpu for _ in range(per_gpu) for gpu in gpus]
        self._n_users = Counter[str]()
        self._has_gpus = bool(gpus)
        self._claims, self._stop = claims, stop
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[dict[str, str]]:
        """Wait for a slot and hold it in the body; yield the trial's environment variables.

        Raises:
            StoppedWaitingError: No new trial may start any more.
        """
        if not self._has_gpus:
            yield {}
            return
        with self._changed:
            while (gpu := self._find()) is None:
                self._changed.wait(RETRY_S if self._free else None)
                if self._stop is not None and self._stop.is_draining:
                    raise StoppedWaitingError
            self._free.remove(gpu)
            self._n_users[gpu] += 1
        try:
            yield {"CUDA_VISIBLE_DEVICES": gpu}
        finally:
            with self._changed:
                self._free.append(gpu)
                self._n_users[gpu] -= 1
                if self._claims is not None and not self._n_users[gpu]:
                    self._claims.release(gpu)
                self._changed.notify()

    def _find(self) -> str | None:
        """Return a GPU with a free slot that this batch has, or can claim; None for none."""
        for gpu in dict.fromkeys(self._free):
            if self._claims is None or self._n_users[gpu] or self._claims.claim(gpu):
                return gpu
        return None
