"""The engine that the supervisor keeps: started, started again, ended."""

import os
import subprocess
import sys

from tunesmith.engine.is_wanted import is_on
from tunesmith.executor.child import PARENT_VARIABLE
from tunesmith.server.client_environment import without_prefect
from tunesmith.server.server_directory import ServerDirectory

MODULE = "tunesmith.cli.engine"
MAX_STARTS = 100
"""Starts of an engine that ends again and again."""


class KeptEngine:
    """The process that is forked for commands, see ``tunesmith/engine``.

    It ends by itself when a package is installed or changed, and is started again.
    """

    def __init__(self, directory: ServerDirectory) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._n_starts = 0

    def keep(self) -> None:
        """Start it, if it does not run and there may be one."""
        is_running = self._process is not None and self._process.poll() is None
        if is_running or self._n_starts >= MAX_STARTS or not is_on(os.environ):
            return
        self._n_starts += 1
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(self._directory.path)],
            env={**without_prefect(os.environ), PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self) -> None:
        """End it; commands that it was forked for go on."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
