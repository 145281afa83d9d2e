"""The stop token of a batch: first no new trials, then an end of the running ones."""

import os
import threading
import weakref


class StopToken:
    """Tells whoever runs trials to stop. A request cannot be taken back; the first reason counts.

    Safe to call from signal handlers and from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler may run while it is held
        self._is_draining = False
        self._is_killing = False
        self._reason = ""
        self._reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        weakref.finalize(self, _close, self._reader, self._writer)

    @property
    def is_draining(self) -> bool:
        """Whether no new trial may start."""
        return self._is_draining

    @property
    def is_killing(self) -> bool:
        """Whether running trials are to be ended."""
        return self._is_killing

    @property
    def reason(self) -> str:
        """Why; empty as long as nobody has asked to stop."""
        return self._reason

    def drain(self, reason: str) -> None:
        """Let no new trial start."""
        with self._lock:
            self._is_draining = True
            self._reason = self._reason or reason

    def kill(self, reason: str) -> None:
        """Let no new trial start, and end the running ones."""
        with self._lock:
            self.drain(reason)
            if not self._is_killing:
                self._is_killing = True
                os.write(self._writer, b"x")

    def fileno(self) -> int:
        """Return a descriptor that is readable once ``kill`` has been called."""
        return self._reader


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
