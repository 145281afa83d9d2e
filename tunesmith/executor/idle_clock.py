"""What counts the time of a running batch in which its jobs have no trial."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tunesmith.job_time import JobTime


class IdleClock:
    """Adds up seconds of jobs without a trial. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._proposing = self._waiting = self._noted = 0.0

    @contextmanager
    def proposing(self, jobs: int) -> Iterator[None]:
        """Count the time of the body as proposing, of so many jobs that have no trial."""
        began = time.monotonic()
        yield
        with self._lock:
            self._proposing += (time.monotonic() - began) * max(0, jobs)

    def add_waiting(self, seconds: float, *, jobs: int = 1) -> None:
        """Count seconds as waiting, of so many jobs that have no trial."""
        with self._lock:
            self._waiting += max(0.0, seconds) * max(0, jobs)

    def note(self, seconds: float, *, jobs: int) -> tuple[float, JobTime]:
        """Return the seconds and the times since the last note, or since the batch began.

        Args:
            seconds: How long the batch has run by now.
            jobs: How many jobs it had since then.
        """
        own = max(0.0, seconds - self._noted)
        found = self.job_time(own, jobs=jobs)
        with self._lock:
            self._noted, self._proposing, self._waiting = seconds, 0.0, 0.0
        return own, found

    def job_time(self, seconds: float, *, jobs: int) -> JobTime:
        """Return the times of a generation that took some seconds with so many jobs."""
        with self._lock:
            return JobTime(
                available=max(0.0, seconds) * jobs,
                proposing=self._proposing,
                waiting=self._waiting,
            )
