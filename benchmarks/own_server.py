"""A Prefect server for one benchmark alone, which ends with it and leaves nothing behind."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.engine.is_wanted import is_on
from tunesmith.server.kept_engine import MODULE as ENGINE

TUNESMITH = [sys.executable, "-m", "tunesmith"]


ENGINE_S = 60.0
"""Seconds in which the engine begins, which commands are forked from, where there is one."""


def engine_process(folder: Path) -> int:
    """Return the engine of the server whose files are in a folder; 0 where there is none."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = os.fsdecode(path.read_bytes()).split("\0")
        except OSError:
            continue
        if ENGINE in words and str(_files(folder)) in words:
            return int(path.parent.name)
    return 0


def _files(folder: Path) -> Path:
    return folder / "data" / "tunesmith" / "prefect"


def _wait_for_engine(folder: Path) -> None:
    ends = time.monotonic() + ENGINE_S
    while is_on(os.environ) and time.monotonic() < ends:
        if (_files(folder) / "engine.sock").is_socket():
            return
        time.sleep(0.1)


@contextmanager
def own_server(folder: Path) -> Iterator[dict[str, str]]:
    """Start a server whose files are in a folder; give the environment whose commands use it.

    The shared server of whoever measures would stay, and be measured by what follows.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["XDG_DATA_HOME"] = str(folder / "data")
    subprocess.run(
        [*TUNESMITH, "server", "start"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for_engine(folder)
        yield environment
    finally:
        subprocess.run(
            [*TUNESMITH, "server", "stop"], env=environment, check=False, stdout=subprocess.DEVNULL
        )
