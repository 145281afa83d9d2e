"""Which GPU a trial may use: each GPU has one slot or several."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """Assigns GPUs so that none serves more trials at once than it may.

    Without GPUs there is nothing to wait for, and trials see all that the machine has.
    """

    def __init__(self, gpus: tuple[str, ...], *, per_gpu: int = 1) -> None:
        self._free = [gpu for _ in range(per_gpu) for gpu in gpus]
        self._has_gpus = bool(gpus)
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[dict[str, str]]:
        """Wait for a slot and hold it in the body; yield the trial's environment variables."""
        if not self._has_gpus:
            yield {}
            return
        with self._changed:
            while not self._free:
                self._changed.wait()
            gpu = self._free.pop(0)
        try:
            yield {"CUDA_VISIBLE_DEVICES": gpu}
        finally:
            with self._changed:
                self._free.append(gpu)
                self._changed.notify()
