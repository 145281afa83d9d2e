"""Processes that a file names: a number is given to somebody else once its process has ended.

So whoever writes a number down writes beside it when that process was born, and only the process
that both fit is ever signalled.
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
"""Where the address of the command line stands in a process's ``stat``, counted from its state."""
_START = 19
"""Where the start stands in a process's ``stat``, counted from its state; in ticks since boot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process of some machine, and of no other time."""

    pid: int
    born: str
    """As ``birth`` said while it lived; empty for a process that is not known."""

    @property
    def lives(self) -> bool:
        """Whether it is there still, on this machine."""
        return bool(self.born) and birth(self.pid) == self.born

    def signal(self, number: signal.Signals) -> bool:
        """Send it a signal; return False where it has ended, or is not of this machine.

        Where the system has descriptors of processes, its number cannot become another's between
        the look and the signal.

        Raises:
            PermissionError: It is another user's.
        """
        if not self.lives:
            return False
        with suppress(ProcessLookupError):
            if not (sys.platform.startswith("linux") and hasattr(os, "pidfd_open")):
                os.kill(self.pid, number)
                return True
            descriptor = os.pidfd_open(self.pid)
            try:
                if self.lives:  # and so the descriptor is of this one
                    signal.pidfd_send_signal(descriptor, number)
                    return True
            finally:
                os.close(descriptor)
        return False


def this_process() -> Process:
    """Return the process that calls."""
    return Process(pid=os.getpid(), born=birth(os.getpid()))


def find_process(pid: int, *, words: Sequence[str]) -> Process | None:
    """Return the process of a number whose command line has all of some words, or None.

    It is for files of earlier versions, which name a number only.
    """
    process = Process(pid=pid, born=birth(pid))
    line = _command_line(pid)
    return process if process.lives and all(word in line for word in words) else None


def has_process(pid: int) -> bool:
    """Return whether a number is some process's now, perhaps another user's."""
    if pid <= 0:  # these would mean whole groups
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def birth(pid: int, *, proc: Path = PROC) -> str:
    """Return what no other process has: the machine's boot, and the moment of the start.

    Args:
        pid: The number.
        proc: Where the system shows its processes; without it ``ps`` is asked.

    Returns:
        A text to compare; empty where no such process lives.
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
    """Return what tells whether a process id of somebody's means the same here."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def hide_argument(word: str, *, n_shown: int) -> None:
    """Overwrite a word of this process's command line, which every user of the machine can read.

    Where the system does not show a process its own memory as a file, the word stays.

    Args:
        word: As it was typed.
        n_shown: How many of its first characters stay.
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
    """Return what ``ps`` says of a process; nothing where it has ended, or there is no ``ps``."""
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
