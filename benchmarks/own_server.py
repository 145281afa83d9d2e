"""A Prefect server for one benchmark alone, which ends with it and leaves nothing behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TUNESMITH = [sys.executable, "-m", "tunesmith"]


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
        yield environment
    finally:
        subprocess.run(
            [*TUNESMITH, "server", "stop"], env=environment, check=False, stdout=subprocess.DEVNULL
        )
