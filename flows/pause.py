"""Whether a batch may start new trials: closed while its flow run is paused."""

import threading
from collections.abc import Callable


class Gate:
    """Is closed and opened by who watches the flow run, and asked by who starts the trials.

    Safe to call from any thread.
    """

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._listeners: list[Callable[[], None]] = []

    @property
    def is_closed(self) -> bool:
        """Whether no trial may start for now."""
        return self._closed.is_set()

    def close(self) -> None:
        """Let no trial start until it is opened again."""
        self._closed.set()
        self.knock()

    def open(self) -> None:
        """Let trials start."""
        self._closed.clear()
        self.knock()

    def knock(self) -> None:
        """Wake whoever waits here, to look at the gate and at the batch's brakes."""
        for listener in self._listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call something, quick and safe in any thread, whenever there is something new."""
        self._listeners.append(listener)
