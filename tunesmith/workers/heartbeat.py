"""Heartbeats: how one process knows that another one lives, perhaps on another machine.

Locks of the kernel do not tell one machine of another's death. So a process writes a growing
number to a shared file, and whoever depends on it measures by its own clock how long that has not
changed. Files are opened for every reading, since only then a shared folder shows what is new.
"""

import time
from dataclasses import dataclass

from tunesmith.processes import has_process, this_machine

HEARTBEAT_S = 0.5
"""Seconds between two heartbeats of a living process."""
STALE_S = 15.0
"""Seconds without a heartbeat after which a process counts as lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a process says of itself, again and again."""

    machine: str
    """Tells where ``pid`` means something: one boot of one machine, one space of processes."""
    pid: int
    beat: int = 0
    """Grows while the process lives."""

    @property
    def is_dead(self) -> bool:
        """Whether it is known to have ended: a process of this machine that is gone."""
        if self.machine != this_machine() or self.pid <= 0:
            return False
        return not has_process(self.pid)


class StalenessTimer:
    """Tells by this process's clock how long something has not changed."""

    def __init__(self) -> None:
        self._last: object = None
        self._since = time.monotonic()

    def seconds(self, seen: object) -> float:
        """Return for how many seconds what is seen has been the same."""
        if seen != self._last:
            self._last, self._since = seen, time.monotonic()
        return time.monotonic() - self._since
