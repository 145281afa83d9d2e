"""Processes that a file names. The system reuses a process id once its process has ended.

So a file holds the process's start time beside its id, and only a process that matches both is
ever signalled.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_ARGUMENTS = 45
"""The field of ``/proc/PID/stat`` with the address of the arguments, counted from the state."""
_START = 19
"""The field of ``/proc/PID/stat`` with the start in ticks since boot, counted from the state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process, identified by its id and its start, on one machine."""

    pid: int
    born: str
    """What ``birth`` returned while it ran; empty for a process that is not known."""

    @property
    def is_alive(self) -> bool:
        """Whether it is still running, on this machine."""
        return bool(self.born) and birth(self.pid) == self.born

    def signal(self, number: signal.Signals) -> bool:
        """Send it a signal; return False where it has ended, or runs on another machine.

        On Linux a pidfd makes sure that its id is not reused between the check and the signal.

        Raises:
            PermissionError: It belongs to another user.
        """
        if not self.is_alive:
            return False
        with suppress(ProcessLookupError):
            if not (sys.platform.startswith("linux") and hasattr(os, "pidfd_open")):
                os.kill(self.pid, number)
                return True
            descriptor = os.pidfd_open(self.pid)
            try:
                if self.is_alive:  # so the descriptor refers to this process
                    signal.pidfd_send_signal(descriptor, number)
                    return True
            finally:
                os.close(descriptor)
        return False


def this_process() -> Process:
    """Return the calling process."""
    return Process(pid=os.getpid(), born=birth(os.getpid()))


def find_process(pid: int, *, words: Sequence[str]) -> Process | None:
    """Return the process with an id if its command line contains all words; None otherwise.

    For files of earlier versions, which hold the id alone.
    """
    process = Process(pid=pid, born=birth(pid))
    line = _command_line(pid)
    return process if process.is_alive and all(word in line for word in words) else None


def has_process(pid: int) -> bool:
    """Return whether a process has this id now, of whichever user."""
    if pid <= 0:  # the system takes these for process groups
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def birth(pid: int, *, proc: Path = PROC) -> str:
    """Return what distinguishes a process from any other: its machine's boot and its start time.

    Args:
        pid: The process id.
        proc: The mount point of the proc file system; where there is none, ``ps`` is run.

    Returns:
        A string to compare; empty where there is no such process.
    """
    if pid <= 0:
        return ""
    if (proc / "self" / "stat").exists():
        try:
            fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        started = "" if fields[0] == "Z" else fields[_START]
    else:
        started = _ask_ps(pid, "lstart=")
    return f"{this_machine()}/{started}" if started else ""


def this_machine() -> str:
    """Return a string that is equal where process ids mean the same: boot and pid namespace."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def hide_argument(word: str, *, n_shown: int) -> None:
    """Overwrite an argument of this process, since every user of the machine can read them.

    Without ``/proc/self/mem`` the argument stays visible.

    Args:
        word: The argument.
        n_shown: How many characters at its start stay visible.
    """
    text, kept = os.fsencode(word), len(os.fsencode(word[:n_shown]))
    with suppress(OSError, ValueError, IndexError):
        own = PROC / "self"
        place = (own / "cmdline").read_bytes().index(b"\0" + text + b"\0") + 1 + kept
        fields = (own / "stat").read_text().rpartition(")")[2].split()
        with (own / "mem").open("r+b", buffering=0) as memory:
            memory.seek(int(fields[_ARGUMENTS]) + place)
            memory.write(b"*" * (len(text) - kept))


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return os.fsdecode((PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" "))
    return _ask_ps(pid, "command=")


def _ask_ps(pid: int, column: str) -> str:
    """Return a column of ``ps`` for a process; empty where it has ended, or there is no ``ps``."""
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            ["ps", "-ww", "-o", column, "-p", str(pid)],
            capture_output=True,
            text=True,
            errors="surrogateescape",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            timeout=10,
            check=False,
        )
        return done.stdout.strip()
    return ""
