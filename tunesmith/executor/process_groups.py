"""Ends process groups, and processes that left them."""

import os
import signal
import sys
import time
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

from tunesmith.processes import PROC, Process, birth

READ_BYTES = 64 * 1024
STARTING_S = 5.0
"""Seconds that a process may take after ``exec`` until its environment is visible: on a machine
that is overloaded, more than one."""
LOOK_AGAIN_S = 0.001
"""Seconds between two searches while a process shows no environment yet."""
END_OF_ENVIRONMENT = 48
"""The field of ``/proc/PID/stat`` with the address, counted from the state."""


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group, if it still exists."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def signal_marked(
    marker: str, *, number: signal.Signals = signal.SIGKILL, proc: Path = PROC
) -> int:
    """Signal the processes with a variable in their environment; return their number.

    It finds what a trial started in a session of its own, also what starts just now. Without
    /proc nothing is found.

    Args:
        marker: The variable and its value, as ``TUNESMITH_RUN_ID=1933…``.
        number: The signal.
        proc: Where the system shows its processes.
    """
    if not sys.platform.startswith("linux"):
        return 0
    found: set[int] = set()
    deadline = time.monotonic() + STARTING_S
    while True:
        marked, has_starting = _look(proc, marker.encode(), known=found)
        for pid in marked:
            _signal_if(pid, number, wanted=marker.encode(), proc=proc)
        found |= marked
        if not marked:  # else it may have started another before it heard of the signal
            if not has_starting or time.monotonic() > deadline:
                return len(found)
            time.sleep(LOOK_AGAIN_S)


def _signal_if(pid: int, number: signal.Signals, *, wanted: bytes, proc: Path) -> None:
    """Signal a process that still has a variable: its id may have been reused meanwhile."""
    process = Process(pid=pid, born=birth(pid))
    if wanted in _environment(proc, pid):
        with suppress(PermissionError):
            process.signal(number)


def _look(proc: Path, wanted: bytes, *, known: Container[int]) -> tuple[set[int], bool]:
    """Return the processes with a variable, and whether one shows no environment yet."""
    marked: set[int] = set()
    has_starting = False
    try:
        pids = [int(name) for name in os.listdir(proc) if name.isdigit()]  # noqa: PTH208  # below
    except OSError:
        return marked, False
    for pid in pids:
        if pid == os.getpid() or pid in known:
            continue
        variables = _environment(proc, pid)
        if wanted in variables:
            marked.add(pid)
        has_starting = has_starting or (variables == [b""] and _is_starting(proc, pid))
    return marked, has_starting


def _is_starting(proc: Path, pid: int) -> bool:
    """Return whether a process is within ``exec``, where its environment is not visible.

    Kernel threads, and processes that have ended, have no program.
    """
    try:
        os.readlink(f"{proc}/{pid}/exe")  # noqa: PTH115  # asked for each thread of the kernel
        fields = Path(f"{proc}/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[END_OF_ENVIRONMENT]) == 0


def _environment(proc: Path, pid: int) -> list[bytes]:
    """Return the variables of a process; by system calls, since it is called for each process."""
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
