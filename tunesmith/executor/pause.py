"""Whether a batch may start new trials: not while its flow run is paused."""

import threading
from collections.abc import Callable


class PauseSwitch:
    """Is set by what monitors the flow run, and read by the scheduler.

    Safe to call from any thread.
    """

    def __init__(self) -> None:
        self._is_paused = threading.Event()
        self._listeners: list[Callable[[], None]] = []

    @property
    def is_paused(self) -> bool:
        """Whether no trial may start for now."""
        return self._is_paused.is_set()

    def pause(self) -> None:
        """Let no trial start until ``resume`` is called."""
        self._is_paused.set()
        self.notify()

    def resume(self) -> None:
        """Let trials start."""
        self._is_paused.clear()
        self.notify()

    def notify(self) -> None:
        """Wake the scheduler, so that it reads this switch and the stop token."""
        for listener in self._listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function, quick and safe in any thread, whenever there is something new."""
        self._listeners.append(listener)
