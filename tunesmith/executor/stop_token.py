"""The stop token of a batch: first no new trials, then an end of the running ones."""

import os
import threading
import time
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
        self.killed_at: float | None = None
        """When ``kill`` was called first, in seconds of the monotonic clock; None before."""
        self._branches: weakref.WeakSet[StopToken] = weakref.WeakSet()
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
                self.killed_at = time.monotonic()
                self._is_killing = True
                os.write(self._writer, b"x")
                for branch in list(self._branches):
                    branch.kill(self._reason)

    def branch(self) -> "StopToken":
        """Return a token for one trial: it is killed with this one, and can be killed alone."""
        branch = StopToken()
        with self._lock:
            self._branches.add(branch)
            if self._is_killing:
                branch.kill(self._reason)
        return branch

    def left_s(self, seconds: float) -> float:
        """Return how many of so many seconds from the first ``kill`` are left; all before it."""
        past = 0.0 if self.killed_at is None else time.monotonic() - self.killed_at
        return max(0.0, seconds - past)

    def fileno(self) -> int:
        """Return a descriptor that is readable once ``kill`` has been called."""
        return self._reader


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
