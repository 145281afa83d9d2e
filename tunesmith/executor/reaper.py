"""What ends the trials of a command that is killed: a small process that holds a pipe of it."""

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
    """Kills registered process groups, at the latest when this process is gone.

    The kernel closes the pipe whatever ends this process, kill -9 and a full memory included.
    """

    def __init__(self, *, marker: str = "") -> None:
        """Take a variable of the environment, and its value, that all of a batch's trials have."""
        self._lock = threading.Lock()
        self._marker = marker
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start the process that listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(CHILD), self._marker],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=outside_trial(os.environ),  # where a trial runs a batch, its end spares this one
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
        """End the process; whatever is still registered is killed."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()

    def register(self, group: int) -> None:
        """Have a process group killed at the end of this process."""
        self._tell(f"+{group}\n")

    def unregister(self, group: int) -> None:
        """Forget a process group, which has ended."""
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        with self._lock, suppress(BrokenPipeError):
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()
