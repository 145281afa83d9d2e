"""The reaper: a small process that ends the trials of a command which is killed."""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tunesmith.executor.environment import outside_trial

CHILD = Path(__file__).with_name("reaper_child.py")


class Reaper:
    """Kills registered process groups at the latest when this process has died.

    The kernel then closes the reaper's pipe, even after kill -9 or when memory is exhausted.
    """

    def __init__(self, *, marker: str = "") -> None:
        """Take ``NAME=VALUE``, an environment variable that all trials of a batch have."""
        self._lock = threading.Lock()
        self._marker = marker
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start the process."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(CHILD), self._marker],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=outside_trial(os.environ),  # the end of an outer trial spares this one
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process, which kills what is still registered."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()

    def register(self, group: int) -> None:
        """Let a process group be killed when this process dies."""
        self._tell(f"+{group}\n")

    def unregister(self, group: int) -> None:
        """Forget a process group, which has ended."""
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        with self._lock, suppress(BrokenPipeError):
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()
