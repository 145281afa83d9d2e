"""Ending processes: a process group, and what left it."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
READ_BYTES = 64 * 1024


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group, if it is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def signal_marked(
    marker: str, *, number: signal.Signals = signal.SIGKILL, proc: Path = PROC
) -> int:
    """Signal the processes whose environment holds a variable; return how many there were.

    It finds what a trial started in a session of its own. Without /proc nothing is found.

    Args:
        marker: The variable and its value, as ``TUNESMITH_RUN_ID=1933…``.
        number: The signal.
        proc: Where the system shows its processes.
    """
    if not sys.platform.startswith("linux"):
        return 0
    wanted, n = marker.encode(), 0
    try:
        pids = [int(name) for name in os.listdir(proc) if name.isdigit()]  # noqa: PTH208  # below
    except OSError:
        return 0
    for pid in pids:
        if pid != os.getpid() and wanted in _environment(proc, pid):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
                n += 1
    return n


def _environment(proc: Path, pid: int) -> list[bytes]:
    """Return the variables of a process; without the comfort of files, as it is asked of all."""
    try:
        descriptor = os.open(f"{proc}/{pid}/environ", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # it ended, or is another user's
        return []
    text = b""
    try:
        while chunk := os.read(descriptor, READ_BYTES):
            text += chunk
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return text.split(b"\0")
