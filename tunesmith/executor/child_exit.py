"""How a child ended, and the time and memory that it used."""

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resource import struct_rusage


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a child ended, and what it and its own reaped children used."""

    code: int | None
    """None where a signal ended it."""
    signal: int | None
    cpu_seconds: float
    max_rss_bytes: int
    is_lost: bool = False
    """Whether the child ended with the warm server that had started it."""


class ExitWatch:
    """Waits for a child: by a pidfd where the system has one, else by polling."""

    def __init__(self, pid: int, *, has_pidfd: bool = hasattr(os, "pidfd_open")) -> None:
        self.pid = pid
        self._descriptor: int | None = None
        self._early: Exit | None = None
        if has_pidfd:
            with suppress(OSError):
                self._descriptor = os.pidfd_open(pid)

    @property
    def descriptor(self) -> int | None:
        """A descriptor that is readable once the child has ended; None where it must be polled."""
        return self._descriptor

    def has_ended(self) -> bool:
        """Return whether the child has ended, and reap it; for children without a descriptor."""
        if self._early is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            self._early = _exit(status, usage) if pid else None
        return self._early is not None

    def reap(self) -> Exit:
        """Wait for the child's end and return it."""
        if self._early is None:
            _, status, usage = os.wait4(self.pid, 0)
            self._early = _exit(status, usage)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        return self._early


def exit_of(status: int, *, cpu_seconds: float, max_rss_bytes: int) -> Exit:
    """Return the exit for a status of ``wait4``."""
    code = os.waitstatus_to_exitcode(status)
    return Exit(
        code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        cpu_seconds=cpu_seconds,
        max_rss_bytes=max_rss_bytes,
    )


def _exit(status: int, usage: "struct_rusage") -> Exit:
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss: bytes there, KiB elsewhere
    return exit_of(
        status,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        max_rss_bytes=usage.ru_maxrss * unit,
    )
